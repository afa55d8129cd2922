package io.keywrap.emulators;

import io.keywrap.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * All keys and aliases, by their ARNs. Whoever reads or changes something of it, a key's state included, holds its monitor.
 */
final class KmsStore {
    final TimeSource time;
    private final Map<String, KmsKey> keys = new LinkedHashMap<>();
    private final Map<String, String> aliases = new TreeMap<>();

    KmsStore(TimeSource time) {
        this.time = time;
    }

    Instant now() {
        return time.now();
    }

    KmsKey create(AwsKeySpec spec, String region, String account) {
        String id = spec.multiRegion()
                ? "mrk-" + HexFormat.of().formatHex(KeyMaterial.random(16))
                : UUID.randomUUID().toString();
        KmsKey key = new KmsKey(id, region, account, spec, new KeyMaterial(now()), now());
        if (spec.origin().equals("EXTERNAL")) {
            key.state(AwsKeyState.PENDING_IMPORT);
        }
        keys.put(key.arn(), key);
        return key;
    }

    KmsKey replicate(KmsKey primary, String region, Optional<String> policy) {
        AwsKeySpec spec = primary.spec.inRegion(region);
        KmsKey replica = new KmsKey(
                primary.keyId,
                region,
                primary.account,
                policy.map(spec::withPolicy).orElse(spec),
                primary.material,
                now());
        if (find(replica.arn()).isPresent()) {
            throw KmsFailure.replicaExists(replica.arn());
        }
        replica.primary = false;
        keys.put(replica.arn(), replica);
        return replica;
    }

    Optional<KmsKey> find(String arn) {
        deleteWhatIsDue();
        return Optional.ofNullable(keys.get(arn));
    }

    List<KmsKey> all() {
        deleteWhatIsDue();
        return List.copyOf(keys.values());
    }

    /** The keys of all Regions that share an id. */
    List<KmsKey> family(String keyId) {
        return all().stream().filter(key -> key.keyId.equals(keyId)).toList();
    }

    /** The key that a ciphertext of some Region was made by, as it is there in this one. */
    Optional<KmsKey> findById(String keyId, String region) {
        return family(keyId).stream().filter(key -> key.region.equals(region)).findFirst();
    }

    Map<String, String> aliases() {
        return aliases;
    }

    void delete(KmsKey key) {
        keys.remove(key.arn());
        aliases.values().removeIf(key.arn()::equals);
        List<KmsKey> rest =
                keys.values().stream().filter(k -> k.keyId.equals(key.keyId)).toList();
        if (rest.isEmpty()) {
            key.material.wipe();
        } else if (rest.size() == 1 && rest.get(0).state() == AwsKeyState.PENDING_REPLICA_DELETION) {
            KmsKey primary = rest.get(0);
            Instant from = key.deletionDate().orElseGet(this::now);
            primary.deleteAt(from.plus(Duration.ofDays(primary.deletionWindowDays())), primary.deletionWindowDays());
        }
    }

    void wipe() {
        keys.values().forEach(key -> key.material.wipe());
        keys.clear();
    }

    private void deleteWhatIsDue() {
        Instant now = now();
        for (KmsKey key : new ArrayList<>(keys.values())) {
            key.deletionDate().filter(date -> !date.isAfter(now)).ifPresent(date -> delete(key));
        }
    }
}
