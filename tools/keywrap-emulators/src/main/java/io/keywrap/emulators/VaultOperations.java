package io.keywrap.emulators;

import com.google.gson.JsonObject;
import java.time.DateTimeException;
import java.util.Arrays;
import java.util.Optional;

/** What the vault does for a caller who may. */
final class VaultOperations {
    private final VaultStore store;

    VaultOperations(VaultStore store) {
        this.store = store;
    }

    /** The answer; empty for one without a body. */
    Optional<JsonObject> perform(VaultCall call) {
        try {
            return switch (call.operation()) {
                case CREATE -> Optional.of(create(call));
                case ROTATE -> Optional.of(rotate(call));
                case PURGE -> purge(call);
                default -> {
                    synchronized (store) {
                        yield Optional.of(locked(call));
                    }
                }
            };
        } catch (ClassCastException
                | DateTimeException
                | IllegalStateException
                | NumberFormatException
                | UnsupportedOperationException e) {
            // A property of the wrong type, or a time that no clock shows, surfaces where it is used.
            throw AzureFailure.badParameter("A property has the wrong type");
        }
    }

    private JsonObject locked(VaultCall call) {
        String base = call.request().base();
        return switch (call.operation()) {
            case GET -> {
                VaultKey key = live(call);
                yield VaultJson.bundle(base, key, version(call, key));
            }
            case LIST -> VaultJson.list(base, store.all(false));
            case LIST_VERSIONS -> VaultJson.versions(base, live(call));
            case LIST_DELETED -> VaultJson.list(base, store.all(true));
            case UPDATE -> update(call);
            case DELETE -> {
                VaultKey key = live(call);
                key.delete(store.now(), VaultStore.RETENTION_DAYS);
                yield VaultJson.bundle(base, key, key.latest());
            }
            case GET_DELETED -> {
                VaultKey key = deleted(call);
                yield VaultJson.bundle(base, key, key.latest());
            }
            case RECOVER -> {
                VaultKey key = deleted(call);
                key.recover();
                yield VaultJson.bundle(base, key, key.latest());
            }
            case WRAP, ENCRYPT, UNWRAP, DECRYPT -> crypto(call);
            default -> throw AzureFailure.badParameter("No such operation: " + call.operation().logName);
        };
    }

    private JsonObject create(VaultCall call) {
        JsonObject json = call.json();
        VaultVersion version = VaultVersion.make(VaultJson.spec(call.keyName(), json), store.pairs, store.now());
        VaultJson.update(version, json);
        synchronized (store) {
            VaultKey key = store.put(call.keyName(), version);
            return VaultJson.bundle(call.request().base(), key, version);
        }
    }

    private JsonObject rotate(VaultCall call) {
        VaultVersion last;
        synchronized (store) {
            last = live(call).latest();
        }
        VaultVersion next = last.successor(store.pairs, store.now());
        synchronized (store) {
            VaultKey key = live(call);
            key.add(next);
            return VaultJson.bundle(call.request().base(), key, next);
        }
    }

    private Optional<JsonObject> purge(VaultCall call) {
        synchronized (store) {
            store.purge(deleted(call));
            return Optional.empty();
        }
    }

    private JsonObject update(VaultCall call) {
        VaultKey key = live(call);
        VaultVersion version = version(call, key);
        VaultJson.update(version, call.json());
        version.updated = VaultVersion.seconds(store.now());
        return VaultJson.bundle(call.request().base(), key, version);
    }

    private JsonObject crypto(VaultCall call) {
        VaultKey key = live(call);
        VaultVersion version = version(call, key);
        version.requireUsable(call.operation(), store.now(), store.sealsWhileDisabled);
        JsonObject json = call.json();
        String algorithm = VaultCall.text(json, "alg");
        byte[] value = VaultCall.bytes(json, "value");
        String kid = VaultJson.id(call.request().base(), key, version);
        byte[] result = call.operation().seals()
                ? VaultCrypto.seal(version, kid, algorithm, value)
                : VaultCrypto.open(version, kid, algorithm, value);
        JsonObject answer = new JsonObject();
        answer.addProperty("kid", kid);
        answer.addProperty("value", VaultCall.base64(result));
        Arrays.fill(value, (byte) 0);
        Arrays.fill(result, (byte) 0);
        return answer;
    }

    private VaultKey live(VaultCall call) {
        return store.live(call.keyName()).orElseThrow(() -> AzureFailure.keyNotFound(call.keyName()));
    }

    private VaultKey deleted(VaultCall call) {
        return store.deleted(call.keyName()).orElseThrow(() -> AzureFailure.deletedKeyNotFound(call.keyName()));
    }

    private static VaultVersion version(VaultCall call, VaultKey key) {
        return call.version()
                .map(id -> key.version(id).orElseThrow(() -> AzureFailure.keyNotFound(key.name + "/" + id)))
                .orElseGet(key::latest);
    }
}
