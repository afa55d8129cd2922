package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which RSA keys are taken: 4,096 bits, and a public exponent that nobody has chosen badly. */
class RsaOaepTest {
    private final RsaOaep rsa = RsaOaep.of(Jca.platform());

    private static RSAPrivateCrtKey key() throws Exception {
        return (RSAPrivateCrtKey) factory()
                .generatePrivate(
                        new PKCS8EncodedKeySpec(Files.readAllBytes(Path.of("src/test/resources/uploads/one.p8"))));
    }

    private static KeyFactory factory() throws Exception {
        return KeyFactory.getInstance("RSA");
    }

    private static byte[] publicKey(BigInteger exponent) throws Exception {
        return factory()
                .generatePublic(new RSAPublicKeySpec(key().getModulus(), exponent))
                .getEncoded();
    }

    private static byte[] privateKey(BigInteger exponent) throws Exception {
        RSAPrivateCrtKey key = key();
        return factory()
                .generatePrivate(new RSAPrivateCrtKeySpec(
                        key.getModulus(),
                        exponent,
                        key.getPrivateExponent(),
                        key.getPrimeP(),
                        key.getPrimeQ(),
                        key.getPrimeExponentP(),
                        key.getPrimeExponentQ(),
                        key.getCrtCoefficient()))
                .getEncoded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "11", "ffff", "10000", "10002"})
    void anExponentThatIsSmallOrEvenIsRefused(String exponent) throws Exception {
        byte[] publicKey = publicKey(new BigInteger(exponent, 16));
        byte[] privateKey = privateKey(new BigInteger(exponent, 16));
        assertThatExceptionOfType(InvalidKeySpecException.class).isThrownBy(() -> rsa.publicKey(publicKey));
        assertThatExceptionOfType(InvalidKeySpecException.class).isThrownBy(() -> rsa.privateKey(privateKey));
    }

    /** The JDK takes no more than 64 bits itself, others do. */
    @Test
    void anExponentThatIsLongIsRefused() throws Exception {
        BouncyCastleProvider provider = new BouncyCastleProvider();
        RsaOaep other = RsaOaep.of(Jca.of(Optional.of(provider)));
        KeyFactory factory = KeyFactory.getInstance("RSA", provider);
        BigInteger longest = BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE);
        byte[] taken = factory.generatePublic(new RSAPublicKeySpec(key().getModulus(), longest))
                .getEncoded();
        byte[] refused = factory.generatePublic(new RSAPublicKeySpec(key().getModulus(), longest.add(BigInteger.TWO)))
                .getEncoded();
        assertThat(other.publicKey(taken)).isNotNull();
        assertThatExceptionOfType(InvalidKeySpecException.class)
                .isThrownBy(() -> other.publicKey(refused))
                .withMessageContaining("public exponent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10001", "10003", "ffffffffffffffff"})
    void theUsualAndOthersAreTaken(String exponent) throws Exception {
        BigInteger value = new BigInteger(exponent, 16);
        assertThat(rsa.publicKey(publicKey(value))).isNotNull();
        assertThat(rsa.privateKey(privateKey(value))).isNotNull();
    }

    @Test
    void aPairHasOneExponent() throws Exception {
        BigInteger usual = BigInteger.valueOf(65_537);
        BigInteger other = BigInteger.valueOf(65_539);
        assertThat(RsaOaep.pair(rsa.publicKey(publicKey(usual)), rsa.privateKey(privateKey(usual))))
                .isTrue();
        assertThat(RsaOaep.pair(rsa.publicKey(publicKey(other)), rsa.privateKey(privateKey(usual))))
                .isFalse();
    }

    /** Without it, nothing says that it is not three. */
    @Test
    void aPrivateKeyWithoutItsPublicExponentIsRefused() throws Exception {
        byte[] bare = factory()
                .generatePrivate(new RSAPrivateKeySpec(key().getModulus(), key().getPrivateExponent()))
                .getEncoded();
        assertThatExceptionOfType(InvalidKeySpecException.class).isThrownBy(() -> rsa.privateKey(bare));
    }

    @Test
    void decryptsWhatItHasEncryptedAndNothingElse() throws Exception {
        byte[] plaintext = {1, 2, 3};
        byte[] encrypted = rsa.encrypt(rsa.publicKey(publicKey(BigInteger.valueOf(65_537))), plaintext);
        assertThat(encrypted).hasSize(RsaOaep.ENCRYPTED_BYTES);
        assertThat(rsa.decrypt(key(), encrypted))
                .hasValueSatisfying(opened -> assertThat(opened).isEqualTo(plaintext));
        encrypted[511] ^= 1;
        assertThat(rsa.decrypt(key(), encrypted)).isEmpty();
    }

    /** As a number that is no ciphertext at all, which some providers fail with in ways of their own. */
    @Test
    void decryptsNothingThatIsNotBelowTheModulusOrHasAnotherLength() throws Exception {
        byte[] modulus = key().getModulus().toByteArray();
        byte[] exactly = Arrays.copyOfRange(modulus, modulus.length - RsaOaep.ENCRYPTED_BYTES, modulus.length);
        RsaOaep other = RsaOaep.of(Jca.of(Optional.of(new BouncyCastleProvider())));
        for (RsaOaep each : List.of(rsa, other)) {
            assertThat(each.decrypt(key(), exactly)).isEmpty();
            assertThat(each.decrypt(key(), new byte[RsaOaep.ENCRYPTED_BYTES - 1]))
                    .isEmpty();
            assertThat(each.decrypt(key(), new byte[RsaOaep.ENCRYPTED_BYTES + 1]))
                    .isEmpty();
        }
    }
}
