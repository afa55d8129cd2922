package io.keywrap.emulators;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** RSA-OAEP and PKCS #1 v1.5 (RFC 8017) and AES key wrap (RFC 3394), by the names of RFC 7518. */
final class VaultCrypto {
    private static final AlgorithmParameterSpec OAEP_SHA256 =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
    private static final AlgorithmParameterSpec OAEP_SHA1 =
            new OAEPParameterSpec("SHA-1", "MGF1", MGF1ParameterSpec.SHA1, PSource.PSpecified.DEFAULT);

    private VaultCrypto() {}

    static byte[] seal(VaultVersion version, String kid, String algorithm, byte[] value) {
        return run(Cipher.ENCRYPT_MODE, version, kid, algorithm, value);
    }

    static byte[] open(VaultVersion version, String kid, String algorithm, byte[] value) {
        return run(Cipher.DECRYPT_MODE, version, kid, algorithm, value);
    }

    private static byte[] run(int mode, VaultVersion version, String kid, String algorithm, byte[] value) {
        try {
            return switch (algorithm) {
                case "RSA-OAEP-256" -> rsa(mode, version, kid, algorithm, "OAEPPadding", OAEP_SHA256, value);
                case "RSA-OAEP" -> rsa(mode, version, kid, algorithm, "OAEPPadding", OAEP_SHA1, value);
                case "RSA1_5" -> rsa(mode, version, kid, algorithm, "PKCS1Padding", null, value);
                case "A128KW", "A192KW", "A256KW" -> aes(mode, version, kid, algorithm, value);
                default -> throw AzureFailure.badParameter("Property alg has invalid value: '" + algorithm + "'");
            };
        } catch (BadPaddingException e) {
            throw AzureFailure.padding();
        } catch (IllegalBlockSizeException | InvalidKeyException e) {
            throw AzureFailure.badParameter("The parameter is incorrect.\r\n");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + algorithm, e);
        }
    }

    private static byte[] rsa(
            int mode,
            VaultVersion version,
            String kid,
            String algorithm,
            String padding,
            @Nullable AlgorithmParameterSpec parameters,
            byte[] value)
            throws GeneralSecurityException {
        KeyPair pair = version.pair.orElseThrow(() -> incompatible(version, kid, algorithm, "'RSA' or 'RSA-HSM'"));
        if (mode == Cipher.DECRYPT_MODE && value.length != version.spec.bits() / 8) {
            throw new IllegalBlockSizeException();
        }
        Cipher cipher = Cipher.getInstance("RSA/ECB/" + padding);
        cipher.init(mode, mode == Cipher.ENCRYPT_MODE ? pair.getPublic() : pair.getPrivate(), parameters);
        return cipher.doFinal(value);
    }

    private static byte[] aes(int mode, VaultVersion version, String kid, String algorithm, byte[] value)
            throws GeneralSecurityException {
        if (!version.spec.symmetric()) {
            throw incompatible(version, kid, algorithm, "'oct' or 'oct-HSM'");
        }
        if (!algorithm.equals("A" + version.spec.bits() + "KW")) {
            throw AzureFailure.badParameter(
                    "Algorithm " + algorithm + " does not fit a key of " + version.spec.bits() + " bits.");
        }
        Cipher cipher = Cipher.getInstance("AES/KW/NoPadding");
        SecretKeySpec key = new SecretKeySpec(version.secret, "AES");
        if (mode == Cipher.ENCRYPT_MODE) {
            cipher.init(Cipher.WRAP_MODE, key);
            return cipher.wrap(new SecretKeySpec(value, "AES"));
        }
        cipher.init(Cipher.UNWRAP_MODE, key);
        return cipher.unwrap(value, "AES", Cipher.SECRET_KEY).getEncoded();
    }

    private static AzureFailure incompatible(VaultVersion version, String kid, String algorithm, String types) {
        return AzureFailure.badParameter("Key and encryption algorithm are incompatible. Key " + kid + " is of type '"
                + version.spec.keyType() + "', and algorithm '" + algorithm + "' can only be used with a key of type "
                + types + ".");
    }
}
