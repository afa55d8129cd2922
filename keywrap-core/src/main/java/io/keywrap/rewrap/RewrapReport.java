package io.keywrap.rewrap;

import io.keywrap.DekId;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.codec.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a job has done, and what it could not do.
 *
 * <p><b>Security:</b> names keychains, DEKs and KEKs. Holds no key and no value of a key context.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param outcomes how often each outcome was come to: once for each DEK, or for a keychain where none of its DEKs was
 *     looked at, and {@link Outcome#NOT_RECIPIENT} besides; without those that did not occur
 * @param items what did not succeed, the first {@value #MOST_ITEMS} of it
 * @param moreItems how many more there are
 * @param keychains how many keychains were looked at
 * @param calls what was asked of KEKs; the attempts of one call that was repeated are not counted apart
 * @param elapsed how long it took
 * @param cancelled whether it ended before its time, by {@link Rewrap#cancel} or an interrupt
 */
public record RewrapReport(
        Map<Outcome, Long> outcomes,
        List<Item> items,
        long moreItems,
        long keychains,
        List<RewrapPlan.Calls> calls,
        Duration elapsed,
        boolean cancelled) {
    /** Most items that are told one by one. */
    public static final int MOST_ITEMS = 10_000;

    /**
     * Copies the collections.
     *
     * @param outcomes how often each outcome was come to
     * @param items what did not succeed
     * @param moreItems how many more there are
     * @param keychains how many keychains were looked at
     * @param calls what was asked of KEKs
     * @param elapsed how long it took
     * @param cancelled whether it ended before its time
     */
    public RewrapReport {
        outcomes = Map.copyOf(outcomes);
        items = List.copyOf(items);
        calls = List.copyOf(calls);
    }

    /**
     * How often an outcome was come to.
     *
     * @param outcome the outcome
     * @return the number
     */
    public long count(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }

    /**
     * How much did not succeed.
     *
     * @return the sum over all outcomes that are failures
     */
    public long failed() {
        return outcomes.entrySet().stream()
                .filter(pair -> pair.getKey().isFailure())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /**
     * Whether nothing is left to do.
     *
     * @return true if it went to the end, and all succeeded
     */
    public boolean complete() {
        return !cancelled && failed() == 0;
    }

    /**
     * All of it, for machines. Names may be added in later releases.
     *
     * @return a JSON object (RFC 8259) over several lines
     */
    public String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("complete", complete());
        map.put("cancelled", cancelled);
        map.put("keychains", keychains);
        Map<String, Object> counts = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            if (count(outcome) > 0) {
                counts.put(outcome.name(), count(outcome));
            }
        }
        map.put("outcomes", counts);
        map.put("failed", failed());
        map.put("items", items.stream().map(Item::toMap).toList());
        map.put("moreItems", moreItems);
        map.put("calls", calls.stream().map(RewrapPlan.Calls::toMap).toList());
        map.put("elapsedSeconds", elapsed.toMillis() / 1000.0);
        map.put("warning", Rewrap.WARNING);
        return Json.of(map);
    }

    /** What a job came to. */
    public enum Outcome {
        /** The DEK has a new wrap, which was unwrapped and proven, or new roles; it is committed. */
        MOVED,
        /** The DEK has lost RETAINED wraps whose time was over, and needed nothing else. */
        DROPPED,
        /** The DEK is a new primary that took the place of an older one, by {@link DekRotation}; it is committed. */
        ROTATED,
        /** Nothing was to be done, or another job had done it. */
        ALREADY,
        /** The KEK that the DEK is wrapped under could not be used. The DEK is as it was. */
        FAILED_OLD_KEK,
        /** The KEK to be could not be used, or gave a wrap that does not open. The DEK is as it was. */
        FAILED_NEW_KEK,
        /** The wrap does not open under its KEK, or opens to another key. It is as it was. */
        CORRUPT_WRAP,
        /** An old wrap was kept, since the wrap of another recipient could not be proven; all else was done. */
        NOT_DROPPED,
        /** Other processes were always faster. Nothing is lost; run again. */
        CONFLICT,
        /** The record is not what keywrap wrote, so none of it was believed. */
        SEAL_BROKEN,
        /** The KEK of the seals could not be used, so the record could not be checked. */
        FAILED_SEAL_KEK,
        /** The key management of the keychain is for good. */
        NOT_MIGRATABLE,
        /**
         * The keychain is meant for recipients that the job does not name; {@code Keychain.repair} wraps its DEKs to them. It is
         * counted besides what became of the DEK's other wraps.
         */
        NOT_RECIPIENT,
        /** There would be too many recipients or wraps, or these would be too long. */
        NO_ROOM,
        /** The store could not be read or written. */
        STORE,
        /** The job was cancelled before it came to this DEK. */
        CANCELLED;

        /**
         * Whether something is left to do.
         *
         * @return true for all but {@link #MOVED}, {@link #DROPPED}, {@link #ROTATED} and {@link #ALREADY}
         */
        public boolean isFailure() {
            return this != MOVED && this != DROPPED && this != ROTATED && this != ALREADY;
        }
    }

    /**
     * Something that did not succeed.
     *
     * @param keychainId the keychain; the store's name for the place where something kept is no record; empty where the
     *     whole store is meant
     * @param dekId the DEK; empty where the whole keychain is meant
     * @param outcome how it ended
     * @param kekId the KEK that is the reason; empty if none is
     * @param message what failed and what the operator can do; no secret
     * @param rawCode the KMS's own code; empty if it gave none
     * @param failure the failure of the KEK, without its stack trace; empty if it was none
     */
    public record Item(
            String keychainId,
            Optional<DekId> dekId,
            Outcome outcome,
            Optional<KekId> kekId,
            String message,
            Optional<String> rawCode,
            Optional<KekException> failure) {
        static Item of(String keychainId, Outcome outcome, String message) {
            return new Item(
                    keychainId,
                    Optional.empty(),
                    outcome,
                    Optional.empty(),
                    message,
                    Optional.empty(),
                    Optional.empty());
        }

        static Item of(String keychainId, Optional<DekId> dekId, Outcome outcome, KekException failure) {
            return new Item(
                    keychainId,
                    dekId,
                    outcome,
                    failure.kekId(),
                    String.valueOf(failure.getMessage()),
                    failure.rawCode(),
                    Optional.of(failure.withoutTrace()));
        }

        Item with(DekId one) {
            return new Item(keychainId, Optional.of(one), outcome, kekId, message, rawCode, failure);
        }

        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("keychain", keychainId);
            map.put("dek", dekId.map(DekId::toString));
            map.put("outcome", outcome.name());
            map.put("kek", kekId.map(KekId::uri));
            map.put("message", message);
            map.put("rawCode", rawCode);
            map.put("retryable", failure.map(KekException::retryable));
            return map;
        }
    }
}
