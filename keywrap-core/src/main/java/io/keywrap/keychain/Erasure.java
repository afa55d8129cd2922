package io.keywrap.keychain;

import io.keywrap.DekId;
import io.keywrap.codec.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Evidence that DEKs were destroyed: what, when, by which call, who asked for it, and what survives.
 *
 * <p><b>Security:</b> it claims that the wraps of these DEKs are {@value #CLAIM}, and no more than that. It is not signed:
 * keep it where nobody can change it.
 *
 * @param keychainId the keychain
 * @param whole whether the whole keychain was destroyed
 * @param deks the DEKs that were destroyed, none of which were before
 * @param at when the store had confirmed it, or the record was read again
 * @param call which method did it
 * @param confirmed whether the store confirmed the change to this call. If not, its answer was lost, and the DEKs were found
 *     destroyed when the record was read again: by this call, or by another one at the same time
 * @param requestedBy who asked for it, as the caller said
 * @param revision of the record without the wraps; where the store did not confirm it, of the one that was read
 * @param before who could open the keychain until then
 * @param after who can open it now, and where copies may survive
 */
public record Erasure(
        String keychainId,
        boolean whole,
        List<DekId> deks,
        Instant at,
        String call,
        boolean confirmed,
        Optional<String> requestedBy,
        long revision,
        Openers before,
        Openers after) {
    /** All that an erasure proves of the wraps. */
    public static final String CLAIM = "no longer in this store";

    /** What evidence says of its call if the store confirmed the change. */
    public static final String CONFIRMED = "confirmed by the store";

    /** What evidence says of its call if the store's answer was lost. */
    public static final String NOT_KNOWN = "not known whether by this call, since the store's answer was lost";

    /**
     * Copies the list.
     *
     * @param keychainId the keychain
     * @param whole whether the whole keychain was destroyed
     * @param deks the DEKs
     * @param at when
     * @param call which method
     * @param confirmed whether the store confirmed it
     * @param requestedBy who asked for it
     * @param revision of the record
     * @param before who could open it
     * @param after who can open it now
     */
    public Erasure {
        deks = List.copyOf(deks);
    }

    /**
     * For machines, and to be kept.
     *
     * @return an object of JSON, of several lines
     */
    public String toJson() {
        return Json.of(toMap());
    }

    private Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("erasure", "keywrap-erasure-1");
        map.put("claim", CLAIM);
        map.put("keychain", keychainId);
        map.put("whole", whole);
        map.put("deks", deks.stream().map(DekId::hex).toList());
        map.put("at", at);
        map.put("call", call);
        map.put("byThisCall", confirmed ? CONFIRMED : NOT_KNOWN);
        map.put("requestedBy", requestedBy);
        map.put("revision", revision);
        map.put("survives", survives());
        map.put("before", before.toMap());
        map.put("after", after.toMap());
        return map;
    }

    /**
     * What may still open data under these DEKs, and until when.
     *
     * @return sentences for people; never empty, since backups of a store are not known to it
     */
    public List<String> survives() {
        List<String> all = new ArrayList<>();
        all.add("DEKs that other processes keep in memory: until " + after.cachesUntil() + ", or until "
                + after.inFlightUntil()
                + " where they cannot read the store, if they run with the same settings as the one that did this");
        all.addAll(after.elsewhere());
        return all;
    }
}
