package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.crypto.Jca.Slice;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The seam to the JCA against published answers and a second implementation. */
class JcaTest {
    private final Jca jca = Jca.platform();

    @Nested
    class Hmac {
        /** RFC 4231, test cases 1 to 4, 6 and 7; case 5 asks for a truncated tag. */
        @ParameterizedTest
        @CsvSource({
            "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, Hi There,"
                    + "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
                    + "faea9ea9076ede7f4af152e8b2fa9cb6",
            "4a656665, what do ya want for nothing?,"
                    + "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                    + "8e2240ca5e69e2c78b3239ecfab21649",
            "aa*20, dd*50,"
                    + "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
                    + "2a5ab39dc13814b94e3ab6e101a34f27",
            "0102030405060708090a0b0c0d0e0f10111213141516171819, cd*50,"
                    + "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e"
                    + "6801dd23c4a7d679ccf8a386c674cffb",
            "aa*131, Test Using Larger Than Block-Size Key - Hash Key First,"
                    + "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
                    + "0c2ef6ab4030fe8296248df163f44952",
            "aa*131, This is a test using a larger than block-size key and a larger than block-size data. The key"
                    + " needs to be hashed before being used by the HMAC algorithm.,"
                    + "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5"
                    + "a678cc31e799176d3860e6110c46523e",
        })
        void answersAsRfc4231(String key, String data, String tag) {
            byte[] input = data.matches("..\\*\\d+") ? hex(data) : data.getBytes(StandardCharsets.US_ASCII);
            assertThat(HexFormat.of().formatHex(jca.hmacSha384(hex(key), input)))
                    .isEqualTo(tag);
        }

        @Test
        void leavesKeyAndDataAlone() {
            byte[] key = hex("0b*20");
            jca.hmacSha384(key, key);
            assertThat(key).isEqualTo(hex("0b*20"));
        }
    }

    @Nested
    class HkdfExpand {
        /**
         * The inputs of RFC 5869, A.1 and A.2, extracted and expanded with SHA-384; the answers were computed with
         * OpenSSL ({@code openssl kdf -kdfopt digest:SHA384 HKDF}).
         */
        @ParameterizedTest
        @CsvSource({
            "0b*22, 000102030405060708090a0b0c, f0f1f2f3f4f5f6f7f8f9, 42,"
                    + "9b5097a86038b805309076a44b3a9f38063e25b516dcbf369f394cfab43685f7"
                    + "48b6457763e4f0204fc5",
            "00..4f, 60..af, b0..ff, 82,"
                    + "484ca052b8cc724fd1c4ec64d57b4e818c7e25a8e0f4569ed72a6a05fe0649ee"
                    + "bf69f8d5c832856bf4e4fbc17967d54975324a94987f7f41835817d8994fdbd6"
                    + "f4c09c5500dca24a56222fea53d8967a8b2e",
        })
        void answersAsOpenSsl(String ikm, String salt, String info, int length, String okm) {
            byte[] prk = jca.hmacSha384(hex(salt), hex(ikm));
            assertThat(HexFormat.of().formatHex(jca.hkdfExpandSha384(prk, length, hex(info))))
                    .isEqualTo(okm);
        }

        @Test
        void answersAsBouncyCastle() {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            int[] lengths = {1, 31, 32, 47, 48, 49, 96, 97, 255 * 48};
            for (int round = 0; round < 100; round++) {
                byte[] prk = bytes(random, 1 + random.nextInt(200));
                byte[] info = bytes(random, random.nextInt(300));
                int length = lengths[round % lengths.length];
                assertThat(jca.hkdfExpandSha384(prk, length, info))
                        .as("seed %d, round %d", seed, round)
                        .isEqualTo(bouncyCastle(prk, info, length));
            }
        }

        @Test
        void takesThePartsOfTheInfoAsOneConcatenation() {
            byte[] prk = bytes(new Random(1), 32);
            byte[] whole = jca.hkdfExpandSha384(prk, 100, new byte[] {1, 2, 3});
            assertThat(jca.hkdfExpandSha384(prk, 100, new byte[] {1}, new byte[0], new byte[] {2, 3}))
                    .isEqualTo(whole);
            assertThat(jca.hkdfExpandSha384(prk, 100)).isEqualTo(bouncyCastle(prk, new byte[0], 100));
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 0, 255 * 48 + 1, Integer.MAX_VALUE})
        void refusesLengthsThatHkdfDoesNotHave(int length) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> jca.hkdfExpandSha384(new byte[32], length))
                    .withMessageContaining("not " + length);
        }

        @Test
        void leavesTheKeyAlone() {
            byte[] prk = hex("0b*32");
            jca.hkdfExpandSha384(prk, 64, new byte[3]);
            assertThat(prk).isEqualTo(hex("0b*32"));
        }

        private byte[] bouncyCastle(byte[] prk, byte[] info, int length) {
            HKDFBytesGenerator generator = new HKDFBytesGenerator(new SHA384Digest());
            generator.init(HKDFParameters.skipExtractParameters(prk, info));
            byte[] okm = new byte[length];
            generator.generateBytes(okm, 0, length);
            return okm;
        }
    }

    @Nested
    class AesGcm {
        private final byte[] key = bytes(new Random(2), 32);

        @Test
        void takesAFreshIvForEverySeal() throws GeneralSecurityException {
            try (Gcm gcm = jca.gcm(key)) {
                byte[] first = new byte[Jca.GCM_OVERHEAD_BYTES];
                byte[] second = new byte[Jca.GCM_OVERHEAD_BYTES];
                gcm.seal(Slice.of(new byte[0]), new byte[0], first, 0);
                gcm.seal(Slice.of(new byte[0]), new byte[0], second, 0);
                assertThat(Arrays.copyOf(first, 12)).isNotEqualTo(Arrays.copyOf(second, 12));
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 16, 24, 31, 33})
        void takesKeysOf256BitsAlone(int length) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> jca.gcm(new byte[length]))
                    .withMessageContaining("not " + length);
        }

        @Test
        void doesNothingWithoutAKey() throws GeneralSecurityException {
            byte[] sealed = new byte[5 + Jca.GCM_OVERHEAD_BYTES];
            try (Gcm gcm = jca.gcm()) {
                assertNothingIsDone(gcm, sealed);
                gcm.rekey(key);
                gcm.seal(Slice.of(new byte[5]), new byte[0], sealed, 0);
                gcm.forget();
                assertNothingIsDone(gcm, sealed);
            }
        }

        private void assertNothingIsDone(Gcm gcm, byte[] sealed) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> gcm.seal(Slice.of(new byte[5]), new byte[0], sealed.clone(), 0))
                    .withMessageContaining("no key");
            assertThatIllegalStateException()
                    .isThrownBy(() -> gcm.open(Slice.of(sealed), new byte[0], new byte[5], 0))
                    .withMessageContaining("no key");
        }

        @Test
        void opensOnlyWithTheKeyItWasSealedWith() throws GeneralSecurityException {
            byte[] sealed = new byte[5 + Jca.GCM_OVERHEAD_BYTES];
            byte[] out = new byte[5];
            try (Gcm gcm = jca.gcm(key)) {
                gcm.seal(Slice.of(new byte[] {1, 2, 3, 4, 5}), new byte[0], sealed, 0);
                gcm.rekey(bytes(new Random(3), 32));
                assertThatExceptionOfType(AEADBadTagException.class)
                        .isThrownBy(() -> gcm.open(Slice.of(sealed), new byte[0], out, 0));
                gcm.rekey(key);
                assertThat(gcm.open(Slice.of(sealed), new byte[0], out, 0)).isEqualTo(5);
                assertThat(out).containsExactly(1, 2, 3, 4, 5);
            }
        }

        @Test
        void wipesNothingButItsOwnPartOfTheOutput() throws GeneralSecurityException {
            byte[] sealed = new byte[5 + Jca.GCM_OVERHEAD_BYTES];
            byte[] out = hex("77*11");
            try (Gcm gcm = jca.gcm(key)) {
                gcm.seal(Slice.of(new byte[5]), new byte[0], sealed, 0);
                sealed[20] ^= 1;
                assertThatExceptionOfType(AEADBadTagException.class)
                        .isThrownBy(() -> gcm.open(Slice.of(sealed), new byte[0], out, 3));
            }
            assertThat(out).isEqualTo(hex("7777770000000000777777"));
        }

        @Test
        void wipesItsCopyOfTheKeyAtRekeyAndAtClose() throws ReflectiveOperationException {
            Gcm gcm = jca.gcm(key);
            byte[] first = copyIn(gcm);
            assertThat(first).isEqualTo(key);
            gcm.rekey(key);
            byte[] second = copyIn(gcm);
            assertThat(first).containsOnly(0);
            assertThat(second).isEqualTo(key);
            gcm.close();
            gcm.close();
            assertThat(second).containsOnly(0);
            assertThat(copyIn(gcm)).containsOnly(0);
            assertThat(key).isEqualTo(bytes(new Random(2), 32));
        }

        private byte[] copyIn(Gcm gcm) throws ReflectiveOperationException {
            Field field = Gcm.class.getDeclaredField("key");
            field.setAccessible(true);
            return bytesOf((TransientKey) field.get(gcm));
        }
    }

    @Nested
    class TransientKeys {
        private final TransientKey key = TransientKey.takeCopyOf(hex("0b*32"), "AES");

        @Test
        void areWipedWhenTheyAreDestroyed() throws ReflectiveOperationException {
            byte[] held = bytesOf(key);
            assertThat(held).isEqualTo(hex("0b*32"));
            key.destroy();
            assertThat(held).containsOnly(0);
        }

        @Test
        void giveCopiesAndTakeCopies() {
            byte[] given = hex("0b*32");
            TransientKey copy = TransientKey.takeCopyOf(given, "AES");
            Arrays.fill(given, (byte) 0);
            Arrays.fill(copy.getEncoded(), (byte) 0);
            assertThat(copy.getEncoded()).isEqualTo(hex("0b*32"));
        }

        @Test
        void areNeverSerialised() {
            assertThatExceptionOfType(NotSerializableException.class)
                    .isThrownBy(() -> new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(key));
        }

        @Test
        void showTheirAlgorithmAlone() {
            assertThat(key).hasToString("TransientKey[AES]");
        }
    }

    @Test
    void randomBytesAreFresh() {
        assertThat(jca.random(32)).hasSize(32).isNotEqualTo(jca.random(32));
    }

    @Test
    void aSliceStaysInsideItsArray() {
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> new Slice(new byte[4], 2, 3));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> new Slice(new byte[4], -1, 3));
        assertThat(new Slice(new byte[4], 4, 0).length()).isZero();
    }

    private static byte[] bytesOf(TransientKey key) throws ReflectiveOperationException {
        Field field = TransientKey.class.getDeclaredField("key");
        field.setAccessible(true);
        return (byte[]) field.get(key);
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Reads {@code 0b0b…}, or {@code 0b*22} for 22 times the same byte, or {@code 60..af} for all bytes between. */
    private static byte[] hex(String text) {
        if (text.contains("..")) {
            int from = HexFormat.fromHexDigits(text, 0, 2);
            byte[] bytes = new byte[HexFormat.fromHexDigits(text, 4, 6) - from + 1];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (from + i);
            }
            return bytes;
        }
        int star = text.indexOf('*');
        return HexFormat.of()
                .parseHex(star < 0 ? text : text.substring(0, star).repeat(Integer.parseInt(text.substring(star + 1))));
    }

    /** Else two derivations would share one MAC, and each would give keys of the other. */
    @Test
    void aDerivationThatIsClosedTwiceIsGivenBackOnce() {
        Jca fresh = Jca.withRandom(new SecureRandom());
        byte[] one = fresh.random(Jca.KEY_BYTES);
        byte[] other = fresh.random(Jca.KEY_BYTES);
        Hkdf twice = fresh.hkdfSha384(one);
        twice.close();
        twice.close();
        try (Hkdf first = fresh.hkdfSha384(one);
                Hkdf second = fresh.hkdfSha384(other)) {
            assertThat(first.expand(32)).isEqualTo(Jca.platform().hkdfExpandSha384(one, 32));
            assertThat(second.expand(32)).isEqualTo(Jca.platform().hkdfExpandSha384(other, 32));
            assertThatIllegalStateException().isThrownBy(() -> twice.rekey(one));
            assertThatIllegalStateException().isThrownBy(() -> twice.expand(32));
        }
    }
}
