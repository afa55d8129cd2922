package io.keywrap.bench;

import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.DataKey;
import com.amazonaws.encryptionsdk.EncryptedDataKey;
import com.amazonaws.encryptionsdk.MasterKey;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** How the AWS Encryption SDK comes to a {@link LocalKms}. Like AWS KMS, it makes a data key in one call. */
public final class LocalMasterKey extends MasterKey<LocalMasterKey> {
    private static final String PROVIDER = "local";

    private final String keyId;
    private final LocalKms kms;

    /**
     * A master key.
     *
     * @param keyId its name
     * @param kms where it is
     */
    public LocalMasterKey(String keyId, LocalKms kms) {
        this.keyId = keyId;
        this.kms = kms;
    }

    @Override
    public String getProviderId() {
        return PROVIDER;
    }

    @Override
    public String getKeyId() {
        return keyId;
    }

    @Override
    public DataKey<LocalMasterKey> generateDataKey(CryptoAlgorithm algorithm, Map<String, String> context) {
        return encrypted(
                new SecretKeySpec(LocalKms.random(algorithm.getDataKeyLength()), algorithm.getDataKeyAlgo()), context);
    }

    @Override
    public DataKey<LocalMasterKey> encryptDataKey(
            CryptoAlgorithm algorithm, Map<String, String> context, DataKey<?> dataKey) {
        return encrypted(dataKey.getKey(), context);
    }

    private DataKey<LocalMasterKey> encrypted(SecretKey key, Map<String, String> context) {
        return new DataKey<>(
                key, kms.encrypt(key.getEncoded(), bytes(context)), keyId.getBytes(StandardCharsets.UTF_8), this);
    }

    @Override
    public DataKey<LocalMasterKey> decryptDataKey(
            CryptoAlgorithm algorithm, Collection<? extends EncryptedDataKey> candidates, Map<String, String> context) {
        for (EncryptedDataKey candidate : candidates) {
            if (candidate.getProviderId().equals(PROVIDER)) {
                byte[] key = kms.decrypt(candidate.getEncryptedDataKey(), bytes(context));
                return new DataKey<>(
                        new SecretKeySpec(key, algorithm.getDataKeyAlgo()),
                        candidate.getEncryptedDataKey(),
                        candidate.getProviderInformation(),
                        this);
            }
        }
        throw buildCannotDecryptDksException();
    }

    private static byte[] bytes(Map<String, String> context) {
        return new TreeMap<>(context).toString().getBytes(StandardCharsets.UTF_8);
    }
}
