package io.keywrap.emulators;

import java.security.KeyPair;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One version of a key: its material and its attributes. Guarded by the store. */
final class VaultVersion {
    final String id = HexFormat.of().formatHex(KeyMaterial.random(16));
    final AzureKeySpec spec;
    final Optional<KeyPair> pair;
    final byte[] secret;
    final Instant created;
    Instant updated;
    boolean enabled = true;
    Optional<Instant> notBefore;
    Optional<Instant> expiresAt;
    Set<String> keyOps;
    Map<String, String> tags = new TreeMap<>();

    private VaultVersion(AzureKeySpec spec, Optional<KeyPair> pair, byte[] secret, Instant now) {
        this.spec = spec;
        this.pair = pair;
        this.secret = secret;
        this.created = now;
        this.updated = now;
        this.notBefore = spec.notBefore().map(VaultVersion::seconds);
        this.expiresAt = spec.expiresAt().map(VaultVersion::seconds);
        this.keyOps = spec.keyOps();
    }

    /** Makes the material, which may take long. */
    static VaultVersion make(AzureKeySpec spec, RsaKeyPairs pairs, Instant now) {
        return spec.symmetric()
                ? new VaultVersion(spec, Optional.empty(), KeyMaterial.random(spec.bits() / 8), seconds(now))
                : new VaultVersion(spec, Optional.of(pairs.next(spec.bits())), new byte[0], seconds(now));
    }

    /** The next version: of the same kind, for the same operations, enabled and without dates. It may take long. */
    VaultVersion successor(RsaKeyPairs pairs, Instant now) {
        AzureKeySpec undated =
                new AzureKeySpec(spec.name(), spec.keyType(), spec.bits(), keyOps, Optional.empty(), Optional.empty());
        VaultVersion next = make(undated, pairs, now);
        next.tags = tags;
        return next;
    }

    /** Attributes are in whole seconds. */
    static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    void requireUsable(VaultOperation operation, Instant now, boolean sealsWhileDisabled) {
        if (!enabled && !(operation.seals() && sealsWhileDisabled)) {
            throw AzureFailure.keyDisabled(operation);
        }
        if (!keyOps.contains(operation.permission)) {
            throw AzureFailure.operationForbidden(operation);
        }
        if (operation.seals() && notBefore.filter(now::isBefore).isPresent()) {
            throw AzureFailure.keyNotYetValid(operation);
        }
        if (operation.seals() && expiresAt.filter(end -> !now.isBefore(end)).isPresent()) {
            throw AzureFailure.keyExpired(operation);
        }
    }

    void wipe() {
        Arrays.fill(secret, (byte) 0);
    }
}
