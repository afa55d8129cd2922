package io.keywrap.emulators;

import com.google.gson.JsonObject;
import io.keywrap.emulators.Authorizer.Access;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** The operations that encrypt and decrypt. */
final class CryptoOperations {
    private static final String ALGORITHM = "SYMMETRIC_DEFAULT";
    private static final int MAX_PLAINTEXT = 4096;
    private static final int MAX_DATA_KEY = 1024;

    private final KmsStore store;
    private final Authorizer authorizer;
    private final KmsKeys keys;

    CryptoOperations(KmsStore store, Authorizer authorizer, KmsKeys keys) {
        this.store = store;
        this.authorizer = authorizer;
        this.keys = keys;
    }

    JsonObject generateDataKey(KmsRequest request) {
        return generate(request, true);
    }

    JsonObject generateDataKeyWithoutPlaintext(KmsRequest request) {
        return generate(request, false);
    }

    private JsonObject generate(KmsRequest request, boolean plaintext) {
        int length = dataKeyLength(request);
        Map<String, String> context = request.pairs("EncryptionContext");
        KmsKey key = usable(request, request.required("KeyId"), Access.crypto(request.operation(), context));
        stopDryRun(request);
        byte[] dataKey = KeyMaterial.random(length);
        JsonObject answer = new JsonObject();
        KeyMaterial.Version material = key.material.current();
        answer.addProperty(
                "CiphertextBlob", base64(CiphertextBlob.seal(key.keyId, material, dataKey, key.bound(context))));
        if (plaintext) {
            answer.addProperty("Plaintext", base64(dataKey));
        }
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("KeyMaterialId", material.id);
        Arrays.fill(dataKey, (byte) 0);
        return answer;
    }

    private static int dataKeyLength(KmsRequest request) {
        Optional<String> spec = request.text("KeySpec");
        Optional<Integer> bytes = request.number("NumberOfBytes", 1, MAX_DATA_KEY);
        if (spec.isPresent() == bytes.isPresent()) {
            throw KmsFailure.validation("Please specify either number of bytes or key spec.");
        }
        return bytes.orElseGet(() -> switch (spec.orElseThrow()) {
            case "AES_256" -> 32;
            case "AES_128" -> 16;
            default -> throw KmsFailure.constraint("KeySpec", "satisfy enum value set: [AES_256, AES_128]");
        });
    }

    JsonObject encrypt(KmsRequest request) {
        requireAlgorithm(request, "EncryptionAlgorithm");
        byte[] plaintext = request.blob("Plaintext", MAX_PLAINTEXT);
        Map<String, String> context = request.pairs("EncryptionContext");
        KmsKey key = usable(request, request.required("KeyId"), Access.crypto("Encrypt", context));
        stopDryRun(request);
        JsonObject answer = new JsonObject();
        answer.addProperty(
                "CiphertextBlob",
                base64(CiphertextBlob.seal(key.keyId, key.material.current(), plaintext, key.bound(context))));
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("EncryptionAlgorithm", ALGORITHM);
        Arrays.fill(plaintext, (byte) 0);
        return answer;
    }

    JsonObject decrypt(KmsRequest request) {
        requireAlgorithm(request, "EncryptionAlgorithm");
        Map<String, String> context = request.pairs("EncryptionContext");
        Access access = Access.crypto("Decrypt", context);
        stopWithoutCiphertext(request, "KeyId", access);
        byte[] ciphertext = request.blob("CiphertextBlob", CiphertextBlob.MAX_BYTES);
        Opened opened = open(request, ciphertext, request.text("KeyId"), access);
        stopDryRun(request);
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", opened.key.arn());
        answer.addProperty("Plaintext", base64(opened.plaintext));
        answer.addProperty("EncryptionAlgorithm", ALGORITHM);
        answer.addProperty("KeyMaterialId", opened.material.id);
        opened.wipe();
        return answer;
    }

    JsonObject reEncrypt(KmsRequest request) {
        requireAlgorithm(request, "SourceEncryptionAlgorithm");
        requireAlgorithm(request, "DestinationEncryptionAlgorithm");
        Optional<String> sourceId = request.text("SourceKeyId");
        String destinationId = request.required("DestinationKeyId");
        boolean same = sourceId.equals(Optional.of(destinationId));
        Map<String, String> context = request.pairs("DestinationEncryptionContext");
        Access from = new Access("ReEncryptFrom", true, request.pairs("SourceEncryptionContext"), same);
        Access to = new Access("ReEncryptTo", true, context, same);
        if (ignoresCiphertext(request)) {
            usable(request, request.required("SourceKeyId"), from);
            usable(request, destinationId, to);
            stopDryRun(request);
        }
        byte[] ciphertext = request.blob("CiphertextBlob", CiphertextBlob.MAX_BYTES);
        Opened opened = open(request, ciphertext, sourceId, from);
        KmsKey destination = usable(request, destinationId, to);
        stopDryRun(request);
        KeyMaterial.Version material = destination.material.current();
        byte[] sealed = CiphertextBlob.seal(destination.keyId, material, opened.plaintext, destination.bound(context));
        opened.wipe();
        JsonObject answer = new JsonObject();
        answer.addProperty("CiphertextBlob", base64(sealed));
        answer.addProperty("SourceKeyId", opened.key.arn());
        answer.addProperty("KeyId", destination.arn());
        answer.addProperty("SourceEncryptionAlgorithm", ALGORITHM);
        answer.addProperty("DestinationEncryptionAlgorithm", ALGORITHM);
        answer.addProperty("SourceKeyMaterialId", opened.material.id);
        answer.addProperty("DestinationKeyMaterialId", material.id);
        return answer;
    }

    /** Without a key id the blob chooses the key, as at AWS. */
    private Opened open(KmsRequest request, byte[] ciphertext, Optional<String> keyId, Access access) {
        Optional<KmsKey> named = keyId.map(id -> usable(request, id, access));
        CiphertextBlob blob = CiphertextBlob.parse(ciphertext);
        KmsKey key = named.orElseGet(() -> {
            KmsKey maker = store.findById(blob.keyId(), request.region()).orElseThrow(KmsFailure::invalidCiphertext);
            authorizer.require(request.caller(), access, maker);
            maker.requireUsable(request.operation());
            return maker;
        });
        if (!blob.keyId().equals(key.keyId)) {
            throw store.family(blob.keyId()).isEmpty() ? KmsFailure.invalidCiphertext() : KmsFailure.incorrectKey();
        }
        KeyMaterial.Version material = key.material.find(blob.materialId()).orElseThrow(KmsFailure::invalidCiphertext);
        return new Opened(key, material, blob.open(material, key.bound(access.context())));
    }

    private KmsKey usable(KmsRequest request, String keyId, Access access) {
        KmsKey key = keys.authorized(request, keyId, access);
        key.requireUsable(request.operation());
        return key;
    }

    private void stopWithoutCiphertext(KmsRequest request, String keyId, Access access) {
        if (ignoresCiphertext(request)) {
            usable(request, request.required(keyId), access);
            stopDryRun(request);
        }
    }

    /** A dry run that asks for the permission alone. */
    private static boolean ignoresCiphertext(KmsRequest request) {
        return request.flag("DryRun") && request.texts("DryRunModifiers").contains("IGNORE_CIPHERTEXT");
    }

    private static void stopDryRun(KmsRequest request) {
        if (request.flag("DryRun")) {
            throw KmsFailure.dryRun();
        }
    }

    private static void requireAlgorithm(KmsRequest request, String name) {
        request.text(name).filter(algorithm -> !algorithm.equals(ALGORITHM)).ifPresent(algorithm -> {
            throw new KmsFailure(
                    400,
                    "InvalidKeyUsageException",
                    "Algorithm " + algorithm + " and key spec SYMMETRIC_DEFAULT are incompatible.");
        });
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** What a ciphertext was made by, and of. */
    private static final class Opened {
        final KmsKey key;
        final KeyMaterial.Version material;
        final byte[] plaintext;

        Opened(KmsKey key, KeyMaterial.Version material, byte[] plaintext) {
            this.key = key;
            this.material = material;
            this.plaintext = plaintext;
        }

        void wipe() {
            Arrays.fill(plaintext, (byte) 0);
        }
    }
}
