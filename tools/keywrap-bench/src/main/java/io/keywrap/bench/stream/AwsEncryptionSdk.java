package io.keywrap.bench.stream;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.CryptoMaterialsManager;
import com.amazonaws.encryptionsdk.DefaultCryptoMaterialsManager;
import io.keywrap.bench.LocalKms;
import io.keywrap.bench.LocalMasterKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** The AWS Encryption SDK, through its input streams or its output streams, under a KMS that answers at once. */
final class AwsEncryptionSdk implements Contestant {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final Map<String, String> CONTEXT = Map.of("object", "accounts/42");

    private final CryptoMaterialsManager materials =
            new DefaultCryptoMaterialsManager(new LocalMasterKey("customer", LocalKms.known()));
    private final AwsCrypto sdk;
    private final boolean signed;
    private final boolean pulling;

    private AwsEncryptionSdk(AwsCrypto sdk, boolean signed, boolean pulling) {
        this.sdk = sdk;
        this.signed = signed;
        this.pulling = pulling;
    }

    /** What one gets who sets nothing: signed messages, frames of 4 KiB. */
    static AwsEncryptionSdk ofDefaults(boolean pulling) {
        return new AwsEncryptionSdk(AwsCrypto.standard(), true, pulling);
    }

    /** Without signatures, with the suite that binds the key. */
    static AwsEncryptionSdk unsigned(int frameBytes, boolean pulling) {
        AwsCrypto sdk = AwsCrypto.builder()
                .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
                .withEncryptionFrameSize(frameBytes)
                .build();
        return new AwsEncryptionSdk(sdk, false, pulling);
    }

    @Override
    public void encrypt(InputStream plaintext, OutputStream sink) throws IOException {
        if (pulling) {
            try (InputStream encrypting = sdk.createEncryptingStream(materials, plaintext, CONTEXT)) {
                Pump.all(encrypting, sink, BUFFER_BYTES);
            }
        } else {
            try (OutputStream encrypting = sdk.createEncryptingStream(materials, sink, CONTEXT)) {
                Pump.all(plaintext, encrypting, BUFFER_BYTES);
            }
        }
    }

    @Override
    public void decrypt(InputStream ciphertext, OutputStream sink) throws IOException {
        if (pulling) {
            try (InputStream decrypting = decrypting(ciphertext)) {
                Pump.all(decrypting, sink, BUFFER_BYTES);
            }
        } else {
            try (OutputStream decrypting = decrypting(sink)) {
                Pump.all(ciphertext, decrypting, BUFFER_BYTES);
            }
        }
    }

    private InputStream decrypting(InputStream ciphertext) {
        return signed
                ? sdk.createDecryptingStream(materials, ciphertext)
                : sdk.createUnsignedMessageDecryptingStream(materials, ciphertext);
    }

    private OutputStream decrypting(OutputStream sink) {
        return signed
                ? sdk.createDecryptingStream(materials, sink)
                : sdk.createUnsignedMessageDecryptingStream(materials, sink);
    }
}
