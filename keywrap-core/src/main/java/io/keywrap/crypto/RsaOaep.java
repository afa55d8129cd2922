package io.keywrap.crypto;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.Security;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.jspecify.annotations.Nullable;

/**
 * RSA of 4,096 bits with OAEP (RFC 8017, 7.1): SHA-256, MGF1 with SHA-256, no label, all of it said explicitly, since the
 * defaults of the JCA have SHA-1 in them.
 *
 * <p><b>Security:</b> the one failure of a decryption is that it gives nothing. Which check of the padding failed is told to
 * nobody (Manger, CRYPTO 2001).
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class RsaOaep {
    /** Length of a modulus, in bits. */
    public static final int KEY_BITS = 4096;

    /** Length of what is encrypted, in bytes. */
    public static final int ENCRYPTED_BYTES = KEY_BITS / 8;

    private static final BigInteger LEAST_EXPONENT = BigInteger.ONE.shiftLeft(16);
    private static final int MOST_EXPONENT_BITS = 256;
    private static final String RSA = "RSA";
    private static final String OAEP = "RSA/ECB/OAEPPadding";
    private static final OAEPParameterSpec PARAMETERS =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);

    private final @Nullable Provider cipher;
    private final @Nullable Provider keys;

    private RsaOaep(@Nullable Provider cipher, @Nullable Provider keys) {
        this.cipher = cipher;
        this.keys = keys;
    }

    /**
     * By the provider that the user named, or by the JVM's. The JDK's own is split in two: SunJCE has its RSA keys from
     * SunRsaSign.
     *
     * @param jca names the provider
     * @return the instance
     */
    public static RsaOaep of(Jca jca) {
        @Nullable Provider named = jca.named().orElse(null);
        return named != null && named.getName().equals("SunJCE")
                ? new RsaOaep(named, Security.getProvider("SunRsaSign"))
                : new RsaOaep(named, named);
    }

    /**
     * Makes a key pair, which has shown that it decrypts what it encrypts. Takes some seconds.
     *
     * @return the key pair
     * @throws ProviderException if the provider cannot
     */
    public KeyPair generate() {
        try {
            KeyPairGenerator generator =
                    keys == null ? KeyPairGenerator.getInstance(RSA) : KeyPairGenerator.getInstance(RSA, keys);
            generator.initialize(KEY_BITS);
            KeyPair pair = generator.generateKeyPair();
            byte[] probe = {1, 2, 3};
            if (!decrypt(pair.getPrivate(), encrypt(pair.getPublic(), probe))
                    .filter(opened -> Arrays.equals(opened, probe))
                    .isPresent()) {
                throw new ProviderException("a new RSA key does not decrypt what it has encrypted");
            }
            return pair;
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /**
     * Reads a public key.
     *
     * @param spki its SubjectPublicKeyInfo, in DER
     * @return the key
     * @throws InvalidKeySpecException if it is no RSA key of {@value #KEY_BITS} bits, or its public exponent is not odd and
     *     between 2^16 and 2^256 (FIPS 186-5, A.1.1)
     */
    public PublicKey publicKey(byte[] spki) throws InvalidKeySpecException {
        return required(factory().generatePublic(new X509EncodedKeySpec(spki)));
    }

    /**
     * Reads a private key.
     *
     * @param pkcs8 the key, in PKCS#8; stays the caller's. The JCA makes copies that cannot be wiped
     * @return the key
     * @throws InvalidKeySpecException if it is no RSA key of {@value #KEY_BITS} bits, or its public exponent is not odd and
     *     between 2^16 and 2^256 (FIPS 186-5, A.1.1)
     */
    public PrivateKey privateKey(byte[] pkcs8) throws InvalidKeySpecException {
        return required(factory().generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
    }

    /**
     * Whether two keys are halves of one pair, by their modulus and public exponent.
     *
     * @param one the one
     * @param other the other
     * @return true if they are
     */
    public static boolean pair(PublicKey one, PrivateKey other) {
        return modulus(one).equals(modulus(other)) && exponent(one).equals(exponent(other));
    }

    /**
     * Encrypts.
     *
     * @param key the key
     * @param plaintext at most 446 bytes; stays the caller's
     * @return {@value #ENCRYPTED_BYTES} bytes
     */
    public byte[] encrypt(PublicKey key, byte[] plaintext) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, key).doFinal(plaintext);
        } catch (GeneralSecurityException e) {
            throw Jca.failed(OAEP, e);
        }
    }

    /**
     * Decrypts.
     *
     * @param key the key
     * @param encrypted what is said to be encrypted; nothing of it is trusted
     * @return the plaintext, which the caller wipes; empty if it was not encrypted for this key, or was changed
     */
    public Optional<byte[]> decrypt(PrivateKey key, byte[] encrypted) {
        if (encrypted.length != ENCRYPTED_BYTES || new BigInteger(1, encrypted).compareTo(modulus(key)) >= 0) {
            return Optional.empty(); // Public, and some providers fail with something else.
        }
        try {
            return Optional.of(cipher(Cipher.DECRYPT_MODE, key).doFinal(encrypted));
        } catch (BadPaddingException | IllegalBlockSizeException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw Jca.failed(OAEP, e);
        }
    }

    private Cipher cipher(int mode, Key key) throws GeneralSecurityException {
        Cipher made = cipher == null ? Cipher.getInstance(OAEP) : Cipher.getInstance(OAEP, cipher);
        made.init(mode, key, PARAMETERS);
        return made;
    }

    private KeyFactory factory() {
        try {
            return keys == null ? KeyFactory.getInstance(RSA) : KeyFactory.getInstance(RSA, keys);
        } catch (NoSuchAlgorithmException e) {
            throw missing(e);
        }
    }

    private static <K extends Key> K required(K key) throws InvalidKeySpecException {
        if (modulus(key).bitLength() != KEY_BITS) {
            throw new InvalidKeySpecException("it has not " + KEY_BITS + " bits");
        }
        if (exponent(key).filter(RsaOaep::isAllowed).isEmpty()) {
            throw new InvalidKeySpecException("its public exponent is missing, or not odd and between 2^16 and 2^256");
        }
        return key;
    }

    private static boolean isAllowed(BigInteger exponent) {
        return exponent.testBit(0)
                && exponent.compareTo(LEAST_EXPONENT) >= 0
                && exponent.bitLength() <= MOST_EXPONENT_BITS;
    }

    /** That of the pair; empty for a private key that does not have it. */
    private static Optional<BigInteger> exponent(Key key) {
        if (key instanceof RSAPublicKey one) {
            return Optional.of(one.getPublicExponent());
        }
        return key instanceof RSAPrivateCrtKey one ? Optional.of(one.getPublicExponent()) : Optional.empty();
    }

    private static BigInteger modulus(Key key) {
        if (key instanceof RSAKey rsa) {
            return rsa.getModulus();
        }
        throw new ProviderException("the crypto provider's keys are no RSA keys");
    }

    private static ProviderException missing(GeneralSecurityException cause) {
        return new ProviderException(
                "the crypto provider does not do RSA as it is needed here; to do: name another one", cause);
    }
}
