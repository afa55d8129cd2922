package io.keywrap.keychain;

import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.KeywrapException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TimeSource;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Destroys DEKs, and says what was done. */
final class Destruction {
    private static final Logger LOG = LoggerFactory.getLogger(Destruction.class);
    private static final int MAX_REQUESTER = 256;

    private final HeldRecord held;
    private final OpenersReport openers;
    private final TimeSource time;

    Destruction(HeldRecord held, OpenersReport openers, TimeSource time) {
        this.held = held;
        this.openers = openers;
        this.time = time;
    }

    Erasure ofDek(DekId dekId, Optional<String> requestedBy) {
        return destroy("Keychain.destroyDek", requestedBy, current -> {
            DekEntry entry =
                    current.dek(dekId).orElseThrow(() -> new KeychainNotFoundException(current.keychainId(), dekId));
            if (entry.state() == State.DESTROYED) {
                throw new DekDestroyedException(current.keychainId(), dekId);
            }
            boolean last = current.deks().stream()
                    .allMatch(other ->
                            other.state() == State.DESTROYED || other.id().equals(dekId));
            if (last) {
                throw new IllegalStateException("DEK " + dekId + " is the last of keychain '" + current.keychainId()
                        + "'; rotate first, or destroy the keychain");
            }
            return other -> other.id().equals(dekId);
        });
    }

    Erasure ofAll(Optional<String> requestedBy) {
        return destroy("Keychain.destroy", requestedBy, current -> {
            Primaries.requireAlive(current);
            return entry -> true;
        });
    }

    /** Which DEKs of a record. */
    private interface Choice {
        Predicate<DekEntry> of(KeychainRecord current);
    }

    private Erasure destroy(String call, Optional<String> requestedBy, Choice choice) {
        requestedBy.ifPresent(Destruction::requireShort);
        AtomicReference<@Nullable Attempt> last = new AtomicReference<>();
        boolean confirmed = true;
        try {
            held.update(current -> {
                Predicate<DekEntry> chosen = choice.of(current);
                List<DekId> deks = current.deks().stream()
                        .filter(entry -> entry.state() != State.DESTROYED && chosen.test(entry))
                        .map(DekEntry::id)
                        .toList();
                List<DekEntry> after = current.deks().stream()
                        .map(entry -> deks.contains(entry.id()) ? entry.inState(State.DESTROYED) : entry)
                        .toList();
                // Without a seal, since it is compared and never kept.
                last.set(new Attempt(
                        current.next().deks(after).build(body -> new byte[KeychainRecord.SEAL_BYTES]),
                        deks,
                        openers.of(current)));
                return Optional.of(next -> next.deks(after));
            });
        } catch (StoreUnavailableException e) {
            requireDone(choice, last.get(), e);
            confirmed = false;
        }
        return evidence(call, confirmed, requestedBy, Objects.requireNonNull(last.get()), held.get());
    }

    /**
     * The answer of a store may be lost, and the change made. Then this is the last chance of evidence: whoever tries again
     * is told that it was done before. Others may have destroyed the same DEKs meanwhile, and their record is the same to
     * the byte if it follows the same one: so all that can be known then is whether it may be that of this call.
     */
    private void requireDone(Choice choice, @Nullable Attempt attempt, StoreUnavailableException failure) {
        if (attempt == null) {
            throw failure;
        }
        try {
            held.refresh();
        } catch (KeywrapException e) {
            LOG.warn("keychain {} cannot be read again, so whether its DEKs were destroyed is not known", held.id(), e);
            throw failure;
        }
        KeychainRecord record = held.get();
        if (attempt.isDestroyedIn(record) && !attempt.mayHaveLedTo(record)) {
            choice.of(record); // Which says that others did it.
        }
        if (!attempt.isDestroyedIn(record) || !attempt.mayHaveLedTo(record)) {
            throw failure;
        }
    }

    private Erasure evidence(
            String call, boolean confirmed, Optional<String> requestedBy, Attempt attempt, KeychainRecord record) {
        LOG.warn(
                "keychain {}: {} DEKs were destroyed, revision {}, {}",
                held.id(),
                attempt.deks().size(),
                record.revision(),
                confirmed ? Erasure.CONFIRMED : Erasure.NOT_KNOWN);
        return new Erasure(
                held.id(),
                record.destroyed(),
                attempt.deks(),
                time.now(),
                call,
                confirmed,
                requestedBy,
                record.revision(),
                attempt.openers(),
                openers.of(record));
    }

    private static void requireShort(String requester) {
        if (requester.isBlank() || requester.length() > MAX_REQUESTER) {
            throw new IllegalArgumentException("who asked for it has 1 to " + MAX_REQUESTER + " characters");
        }
    }

    /**
     * A change that was sent to the store.
     *
     * @param written its record, without the seal
     * @param deks what it destroys
     * @param openers who could open the keychain before
     */
    private record Attempt(KeychainRecord written, List<DekId> deks, Openers openers) {
        /** A later record may follow that of the attempt; one of its revision is the same, or that of others. */
        boolean mayHaveLedTo(KeychainRecord record) {
            return record.revision() > written.revision()
                    || (record.revision() == written.revision() && Arrays.equals(body(record), body(written)));
        }

        private static byte[] body(KeychainRecord record) {
            byte[] encoded = record.toBytes();
            return Arrays.copyOf(encoded, encoded.length - KeychainRecord.SEAL_BYTES);
        }

        boolean isDestroyedIn(KeychainRecord record) {
            return deks.stream()
                    .allMatch(id -> record.dek(id)
                            .filter(entry -> entry.state() == State.DESTROYED)
                            .isPresent());
        }
    }
}
