package io.keywrap.testkit;

import io.keywrap.CallPurpose;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the answers of a KMS make of a KEK if they last: gathered by their codes, for its documentation.
 *
 * <p><b>Thread safety:</b> used by one thread at a time.
 */
public final class AnswerTable {
    private static final Duration BETWEEN = Duration.ofSeconds(6);
    private static final int CANARIES = 3;

    private final Map<Means, TreeSet<String>> codes = new TreeMap<>();

    /** Makes an empty table. */
    public AnswerTable() {}

    /** What an answer means. */
    public enum Means {
        /** Nothing: it works. */
        WORKS("works"),
        /** It is revoked by the first such answer. */
        REVOKED("REVOKED"),
        /** It is deleted by the first such answer. */
        DESTROYED("DESTROYED"),
        /** It is suspect, and revoked once two canaries have confirmed it. */
        CONFIRMED("SUSPECT, and REVOKED once confirmed"),
        /** Its state stays, and it is not asked as often. */
        THROTTLED("as before, THROTTLED"),
        /** Its state stays, and it is out of reach. */
        UNREACHABLE("as before, UNREACHABLE"),
        /** State and reach stay: it is our own failure. */
        OURS("as before: our own failure");

        private final String words;

        Means(String words) {
            this.words = words;
        }
    }

    /**
     * Sends three canaries, 6 seconds apart, and sees how it stands after the first and the last.
     *
     * @param time the clock of the KMS, which is moved
     * @param provider what calls the KMS, asked at each call
     * @param wrapped what is unwrapped
     * @param context its key context
     * @param budget how long a canary may take
     * @return what the answers mean
     * @throws AssertionError if they mean nothing that an answer may mean
     */
    public static Means ask(
            ManualTime time,
            Supplier<KeyProvider> provider,
            WrappedDek wrapped,
            EncryptionContext context,
            Duration budget) {
        try (KeyProviders providers = KeyProviders.builder()
                .time(time)
                .budget(CallPurpose.CANARY, budget)
                .register(CurrentProvider.factory(wrapped.kekId().scheme(), kekId -> provider.get()))
                .build()) {
            KekStanding first = canary(providers, wrapped, context);
            KekStanding last = first;
            for (int i = 1; i < CANARIES; i++) {
                time.advance(BETWEEN);
                last = canary(providers, wrapped, context);
            }
            return means(first, last);
        }
    }

    private static KekStanding canary(KeyProviders providers, WrappedDek wrapped, EncryptionContext context) {
        try {
            providers
                    .provider(wrapped.kekId())
                    .unwrap(wrapped, context, providers.deadline(CallPurpose.CANARY))
                    .close();
        } catch (KekException e) {
            // The states have heard it.
        }
        return providers
                .states()
                .of(wrapped.kekId(), wrapped.kekVersion(), Operation.UNWRAP)
                .orElseThrow();
    }

    private static Means means(KekStanding first, KekStanding last) {
        boolean same = first.state() == last.state() && first.reach() == last.reach();
        if (same && last.state() == KekState.DESTROYED) {
            return Means.DESTROYED;
        }
        if (last.state() == KekState.REVOKED && last.reach() == KekReach.ANSWERS) {
            return first.state() == KekState.SUSPECT ? Means.CONFIRMED : Means.REVOKED;
        }
        if (!same || last.state() != KekState.ACTIVE) {
            throw new AssertionError("first " + first + ", and then " + last);
        }
        return switch (last.reach()) {
            case THROTTLED -> Means.THROTTLED;
            case UNREACHABLE -> Means.UNREACHABLE;
            case ANSWERS -> last.ownFailure().isPresent() ? Means.OURS : Means.WORKS;
        };
    }

    /**
     * What a failure should mean.
     *
     * @param type what an unwrap fails with; null if it does not
     * @param reason of a {@link KekRevokedException}; else null
     * @return the meaning
     */
    public static Means of(@Nullable Class<? extends KekException> type, @Nullable Reason reason) {
        if (type == null) {
            return Means.WORKS;
        }
        if (type == KekRevokedException.class && reason != Reason.DENIED) {
            return reason == Reason.DELETED ? Means.DESTROYED : Means.REVOKED;
        }
        if (type == KekRevokedException.class || type == KekNotFoundException.class) {
            return Means.CONFIRMED;
        }
        return type == KekThrottledException.class
                ? Means.THROTTLED
                : type == KekUnreachableException.class ? Means.UNREACHABLE : Means.OURS;
    }

    /**
     * Takes an answer in.
     *
     * @param means what it means
     * @param code its code; others may have the same; null if it has none
     * @param name what it is called where it has no code
     */
    public void add(Means means, @Nullable String code, String name) {
        if (means != Means.WORKS) {
            codes.computeIfAbsent(means, key -> new TreeSet<>()).add(code == null ? name : '`' + code + '`');
        }
    }

    /**
     * The rows, in Markdown.
     *
     * @return such as {@code | REVOKED | `DisabledException`, `KMSInvalidStateException` |}
     */
    public List<String> rows() {
        return codes.entrySet().stream()
                .map(row -> "| " + row.getKey().words + " | " + String.join(", ", row.getValue()) + " |")
                .toList();
    }
}
