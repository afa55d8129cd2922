package io.keywrap.emulators;

import static java.util.Map.entry;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The table of all operations. */
final class KmsOperations {
    private final KmsStore store;
    private final Map<String, Function<KmsRequest, JsonObject>> table;

    KmsOperations(KmsStore store, Authorizer authorizer, KmsKeys keys) {
        this.store = store;
        CryptoOperations crypto = new CryptoOperations(store, authorizer, keys);
        KeyOperations life = new KeyOperations(store, authorizer, keys);
        RotationOperations rotation = new RotationOperations(store, keys);
        AliasOperations aliases = new AliasOperations(store, authorizer, keys);
        GrantOperations grants = new GrantOperations(store, keys);
        this.table = Map.ofEntries(
                entry("GenerateDataKey", crypto::generateDataKey),
                entry("GenerateDataKeyWithoutPlaintext", crypto::generateDataKeyWithoutPlaintext),
                entry("Encrypt", crypto::encrypt),
                entry("Decrypt", crypto::decrypt),
                entry("ReEncrypt", crypto::reEncrypt),
                entry("CreateKey", life::createKey),
                entry("DescribeKey", life::describeKey),
                entry("ListKeys", life::listKeys),
                entry("EnableKey", life::enableKey),
                entry("DisableKey", life::disableKey),
                entry("ScheduleKeyDeletion", life::scheduleKeyDeletion),
                entry("CancelKeyDeletion", life::cancelKeyDeletion),
                entry("GetKeyPolicy", life::getKeyPolicy),
                entry("PutKeyPolicy", life::putKeyPolicy),
                entry("ReplicateKey", life::replicateKey),
                entry("RotateKeyOnDemand", rotation::rotateKeyOnDemand),
                entry("EnableKeyRotation", rotation::enableKeyRotation),
                entry("DisableKeyRotation", rotation::disableKeyRotation),
                entry("GetKeyRotationStatus", rotation::getKeyRotationStatus),
                entry("ListKeyRotations", rotation::listKeyRotations),
                entry("CreateAlias", aliases::createAlias),
                entry("UpdateAlias", aliases::updateAlias),
                entry("DeleteAlias", aliases::deleteAlias),
                entry("ListAliases", aliases::listAliases),
                entry("CreateGrant", grants::createGrant),
                entry("RevokeGrant", grants::revokeGrant),
                entry("RetireGrant", grants::retireGrant),
                entry("ListGrants", grants::listGrants));
    }

    Set<String> names() {
        return table.keySet();
    }

    /** One operation at a time, so that each sees the states that the one before has left. */
    JsonObject perform(KmsRequest request) {
        Function<KmsRequest, JsonObject> operation = table.get(request.operation());
        if (operation == null) {
            throw KmsFailure.unknownOperation(request.operation());
        }
        synchronized (store) {
            return operation.apply(request);
        }
    }
}
