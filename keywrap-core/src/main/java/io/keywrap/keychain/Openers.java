package io.keywrap.keychain;

import io.keywrap.KekId;
import io.keywrap.codec.Json;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who can still open what was encrypted under a keychain, as far as its record and this JVM tell: the basis of a revocation,
 * of an erasure, and of the question whether a KEK may be deleted.
 *
 * <p><b>Security:</b> it says what is there, and not what was copied: {@link #elsewhere()} names what nobody here can know.
 *
 * @param keychainId the keychain
 * @param revision of the record that was looked at
 * @param asOf when it was looked at
 * @param portable whether envelopes carry wraps, so that a copy of one opens with any one KEK, whatever this store says
 * @param destroyed whether the keychain was destroyed
 * @param openers every KEK in every role, CONTROL first
 * @param sealKek the KEK of the seal: it vouches for the record, and opens nothing
 * @param cachesUntil when processes that run with the same settings have wiped the DEKs that they keep, if the record
 *     were destroyed now and they can read the store
 * @param inFlightUntil the same for processes that cannot read the store, and leases that are open when a KMS fails
 * @param warnings what somebody should look at, for people
 * @param elsewhere where copies may be that nobody here knows of, for people
 */
public record Openers(
        String keychainId,
        long revision,
        Instant asOf,
        boolean portable,
        boolean destroyed,
        List<Opener> openers,
        KekId sealKek,
        Instant cachesUntil,
        Instant inFlightUntil,
        List<String> warnings,
        List<String> elsewhere) {
    /**
     * Copies the lists.
     *
     * @param keychainId the keychain
     * @param revision of the record
     * @param asOf when it was looked at
     * @param portable whether envelopes carry wraps
     * @param destroyed whether the keychain was destroyed
     * @param openers every KEK in every role
     * @param sealKek the KEK of the seal
     * @param cachesUntil when caches are wiped
     * @param inFlightUntil when work in flight is over
     * @param warnings what somebody should look at
     * @param elsewhere where copies may be
     */
    public Openers {
        openers = List.copyOf(openers);
        warnings = List.copyOf(warnings);
        elsewhere = List.copyOf(elsewhere);
    }

    /** Whose a KEK is. */
    public enum KekOwner {
        /** The customer's. */
        CUSTOMER,
        /** The vendor's. */
        VENDOR,
        /** Nobody has said whose. */
        UNKNOWN
    }

    /** How it is known whose a KEK is. */
    public enum Known {
        /** The keychain's record says it, by the tenant's choice of key management. */
        BY_RECORD,
        /** The configuration of {@link Keychains} says it. */
        BY_CONFIGURATION,
        /** It wraps the seals of this vendor's records. */
        BY_SEAL,
        /** It is not known. */
        NOT
    }

    /**
     * One KEK in one role.
     *
     * @param kekId the KEK
     * @param role what it is to the DEKs
     * @param owner whose it is
     * @param known how that is known
     * @param versions the versions that have wrapped DEKs which are there, as the provider names them; without those that
     *     were not told
     * @param deks how many DEKs of the record it has wrapped in this role
     * @param inEnvelopes whether envelopes may carry wraps of it too, for as long as they exist
     * @param until when its wraps may be dropped from the record; empty if there is no end
     */
    public record Opener(
            KekId kekId,
            Role role,
            KekOwner owner,
            Known known,
            List<String> versions,
            int deks,
            boolean inEnvelopes,
            Optional<Instant> until) {
        /**
         * Copies the versions.
         *
         * @param kekId the KEK
         * @param role what it is to the DEKs
         * @param owner whose it is
         * @param known how that is known
         * @param versions the versions that have wrapped
         * @param deks how many DEKs
         * @param inEnvelopes whether envelopes may carry its wraps
         * @param until when its wraps may be dropped
         */
        public Opener {
            versions = List.copyOf(versions);
        }

        /**
         * Whether it can open anything: it has wraps in the record, or in envelopes.
         *
         * @return false for a recipient that has not wrapped anything yet, or whose wraps were destroyed
         */
        public boolean canOpen() {
            return deks > 0 || inEnvelopes;
        }

        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("kek", kekId.uri());
            map.put("role", role);
            map.put("owner", owner);
            map.put("known", known);
            map.put("versions", versions);
            map.put("deks", deks);
            map.put("inEnvelopes", inEnvelopes);
            map.put("until", until);
            return map;
        }
    }

    /**
     * For machines, and to be kept.
     *
     * @return an object of JSON, of several lines
     */
    public String toJson() {
        return Json.of(toMap());
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("keychain", keychainId);
        map.put("revision", revision);
        map.put("asOf", asOf);
        map.put("portable", portable);
        map.put("destroyed", destroyed);
        map.put("openers", openers.stream().map(Opener::toMap).toList());
        map.put("sealKek", sealKek.uri());
        map.put("cachesUntil", cachesUntil);
        map.put("inFlightUntil", inFlightUntil);
        map.put("warnings", warnings);
        map.put("elsewhere", elsewhere);
        return map;
    }
}
