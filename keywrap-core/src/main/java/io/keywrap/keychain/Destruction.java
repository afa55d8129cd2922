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
        AtomicReference<@Nullable Before> last = new AtomicReference<>();
        try {
            held.update(current -> {
                Predicate<DekEntry> chosen = choice.of(current);
                List<DekId> deks = current.deks().stream()
                        .filter(entry -> entry.state() != State.DESTROYED && chosen.test(entry))
                        .map(DekEntry::id)
                        .toList();
                last.set(new Before(deks, openers.of(current)));
                return Optional.of(next -> next.deks(current.deks().stream()
                        .map(entry -> deks.contains(entry.id()) ? entry.inState(State.DESTROYED) : entry)
                        .toList()));
            });
        } catch (StoreUnavailableException e) {
            requireDone(last.get(), e);
        }
        return evidence(call, requestedBy, Objects.requireNonNull(last.get()), held.get());
    }

    /**
     * The answer of a store may be lost, and the change made. Then this is the last chance of evidence: whoever tries again
     * is told that it was done before.
     */
    private void requireDone(@Nullable Before before, StoreUnavailableException failure) {
        if (before == null) {
            throw failure;
        }
        try {
            held.refresh();
        } catch (KeywrapException e) {
            LOG.warn("keychain {} cannot be read again, so whether its DEKs were destroyed is not known", held.id(), e);
            throw failure;
        }
        if (!before.isDone(held.get())) {
            throw failure;
        }
    }

    private Erasure evidence(String call, Optional<String> requestedBy, Before before, KeychainRecord record) {
        LOG.warn(
                "keychain {}: {} DEKs were destroyed, revision {}",
                held.id(),
                before.deks().size(),
                record.revision());
        return new Erasure(
                held.id(),
                record.destroyed(),
                before.deks(),
                time.now(),
                call,
                requestedBy,
                record.revision(),
                before.openers(),
                openers.of(record));
    }

    private static void requireShort(String requester) {
        if (requester.isBlank() || requester.length() > MAX_REQUESTER) {
            throw new IllegalArgumentException("who asked for it has 1 to " + MAX_REQUESTER + " characters");
        }
    }

    private record Before(List<DekId> deks, Openers openers) {
        boolean isDone(KeychainRecord record) {
            return deks.stream()
                    .allMatch(id -> record.dek(id)
                            .filter(entry -> entry.state() == State.DESTROYED)
                            .isPresent());
        }
    }
}
