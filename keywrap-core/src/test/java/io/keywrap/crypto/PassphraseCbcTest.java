package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.crypto.PassphraseCbc.Derivation;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys from passphrases; that openssl derives the same is shown where uploads are opened. */
class PassphraseCbcTest {
    /** RFC 7914, 11: PBKDF2 with HMAC-SHA-256, the first 48 of 64 bytes. */
    @ParameterizedTest
    @CsvSource({
        "passwd, salt, 1, 55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef31",
        "Password, NaCl, 80000, 4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b317"
    })
    void areThoseOfTheRfc(String passphrase, String salt, int rounds, String expected) {
        assertThat(HexFormat.of().formatHex(PassphraseCbc.derive(Jca.platform(), derivation(passphrase, salt, rounds))))
                .isEqualTo(expected);
    }

    @Test
    void areThoseOfTheJdkAndOfBouncyCastle() throws Exception {
        Jca other = Jca.of(Optional.of(new BouncyCastleProvider()));
        for (int length = 1; length <= 128; length += 9) {
            String passphrase = "p".repeat(length);
            byte[] expected = ofTheJdk(passphrase);
            assertThat(PassphraseCbc.derive(Jca.platform(), derivation(passphrase, "8 bytes.", 17)))
                    .isEqualTo(expected);
            assertThat(PassphraseCbc.derive(other, derivation(passphrase, "8 bytes.", 17)))
                    .isEqualTo(expected);
        }
    }

    @Test
    void doNotTouchThePassphraseAndDoNotTellIt() {
        Derivation derivation = derivation("passphrase", "8 bytes.", 3);
        byte[] before = derivation.passphrase().clone();
        PassphraseCbc.derive(Jca.platform(), derivation);
        assertThat(Arrays.equals(derivation.passphrase(), before)).isTrue();
        assertThat(derivation).hasToString("Derivation[3]");
    }

    private static byte[] ofTheJdk(String passphrase) throws NoSuchAlgorithmException, InvalidKeySpecException {
        byte[] salt = "8 bytes.".getBytes(StandardCharsets.US_ASCII);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(new PBEKeySpec(passphrase.toCharArray(), salt, 17, 8 * 48))
                .getEncoded();
    }

    private static Derivation derivation(String passphrase, String salt, int rounds) {
        return new Derivation(
                passphrase.getBytes(StandardCharsets.US_ASCII), salt.getBytes(StandardCharsets.US_ASCII), rounds);
    }
}
