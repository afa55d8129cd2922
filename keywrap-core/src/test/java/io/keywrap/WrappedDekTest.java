package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A wrap as bytes and as text, and everything that is neither. */
class WrappedDekTest {
    private static final DekId DEK_ID = DekId.of("000102030405060708090a0b0c0d0e0f");
    private static final KekId KEK_ID = KekId.of("keystore:main#tenant-42");
    private static final WrappedDek WRAP =
            WrappedDek.builder(DEK_ID, KEK_ID).kekVersion("7").build("AES-256-GCM", bytes(60));

    @Nested
    class Written {
        @Test
        void isReadBackFromBytes() {
            WrappedDek read = WrappedDek.parse(WRAP.toBytes());
            assertThat(read).isEqualTo(WRAP).hasSameHashCodeAs(WRAP);
            assertThat(read.dekId()).isEqualTo(DEK_ID);
            assertThat(read.kekId()).isEqualTo(KEK_ID);
            assertThat(read.kekVersion()).isEqualTo("7");
            assertThat(read.algorithm()).isEqualTo("AES-256-GCM");
            assertThat(read.wrappedBytes()).isEqualTo(bytes(60));
        }

        @Test
        void isReadBackFromText() {
            assertThat(WRAP.toText()).startsWith(WrappedDek.TEXT_PREFIX).matches("[A-Za-z0-9._-]+");
            assertThat(WrappedDek.parseText(WRAP.toText())).isEqualTo(WRAP);
        }

        @Test
        void isReadBackWhateverItHolds() {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            for (int i = 0; i < 300; i++) {
                WrappedDek wrap = WrappedDek.builder(DekId.random(), KekId.of("aws-kms://k" + random.nextInt()))
                        .kekVersion("v".repeat(random.nextInt(513)))
                        .build("a".repeat(1 + random.nextInt(64)), bytes(1 + random.nextInt(4000)));
                assertThat(WrappedDek.parse(wrap.toBytes())).as("seed %d", seed).isEqualTo(wrap);
                assertThat(WrappedDek.parseText(wrap.toText()))
                        .as("seed %d", seed)
                        .isEqualTo(wrap);
            }
        }

        @Test
        void cannotBeChangedFromOutside() {
            byte[] given = bytes(60);
            WrappedDek wrap = WrappedDek.builder(DEK_ID, KEK_ID).kekVersion("7").build("AES-256-GCM", given);
            given[0] ^= 1;
            wrap.wrappedBytes()[0] ^= 1;
            wrap.toBytes()[0] ^= 1;
            assertThat(wrap).isEqualTo(WRAP);
            assertThat(wrap.wrappedBytes()).isEqualTo(bytes(60));
        }

        @Test
        void differsFromEveryOther() {
            int hash = WRAP.hashCode();
            assertThat(WRAP.hashCode()).isEqualTo(hash);
            for (WrappedDek other : new WrappedDek[] {
                WrappedDek.builder(DEK_ID, KEK_ID).build("AES-256-GCM", bytes(60)),
                WrappedDek.builder(DEK_ID, KEK_ID).kekVersion("7").build("AES-256-GCM", bytes(61)),
                WrappedDek.builder(DekId.random(), KEK_ID).kekVersion("7").build("AES-256-GCM", bytes(60))
            }) {
                assertThat(WRAP).isNotEqualTo(other);
                assertThat(hash).isNotEqualTo(other.hashCode());
            }
        }

        @Test
        void showsNoBytes() {
            assertThat(WRAP).hasToString("WrappedDek[" + DEK_ID + " under keystore:main#tenant-42, AES-256-GCM]");
        }
    }

    @Nested
    class Damaged {
        @Test
        void isRefusedOrStillHasItsOneEncoding() {
            byte[] encoded = WRAP.toBytes();
            for (int i = 0; i < encoded.length; i++) {
                for (int change = 1; change < 256; change++) {
                    byte[] changed = encoded.clone();
                    changed[i] ^= (byte) change;
                    try {
                        assertThat(WrappedDek.parse(changed).toBytes()).isEqualTo(changed);
                    } catch (InvalidWrappedDekException refused) {
                        assertThat(refused.kekId()).isEmpty();
                    }
                }
            }
        }

        @Test
        void isRefusedWhereItIsCutOrTooLong() {
            byte[] encoded = WRAP.toBytes();
            for (int length = 0; length < encoded.length; length++) {
                assertRefused(Arrays.copyOf(encoded, length));
            }
            assertRefused(Arrays.copyOf(encoded, encoded.length + 1));
        }

        @Test
        void isRefusedBeforeAnyCopyWhereItIsOverTheLimit() {
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> WrappedDek.parse(new byte[WrappedDek.MAX_BYTES + 1]))
                    .withMessageContaining("the limit is 8192");
            // Base64 of more than the limit is refused by its length alone, valid or not.
            String huge = WrappedDek.TEXT_PREFIX + "A".repeat(11_000);
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> WrappedDek.parseText(huge))
                    .withMessageContaining("too long");
        }

        @Test
        void withALengthFieldBeyondTheEndAllocatesNothing() {
            byte[] encoded = WRAP.toBytes();
            int kekIdLength = 1 + DekId.BYTES;
            encoded[kekIdLength] = (byte) 0xFF;
            encoded[kekIdLength + 1] = (byte) 0xFF;
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> WrappedDek.parse(encoded))
                    .withMessageContaining("KEK id length is 65535, the limit is 1024");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 2, 255})
        void isNotCalledDamagedWhereItsVersionIsAnother(int version) {
            byte[] encoded = WRAP.toBytes();
            encoded[0] = (byte) version;
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> WrappedDek.parse(encoded))
                    .withMessageContaining("version " + version + ", this release reads 1")
                    .withMessageContaining("to do: use a newer release")
                    .withMessageNotContaining("cut or changed");
        }

        @Test
        void textIsRefusedInEveryOtherSpelling() {
            String text = WRAP.toText();
            String data = text.substring(WrappedDek.TEXT_PREFIX.length());
            for (String other : new String[] {
                "",
                "kwdek1",
                "kwdek2." + data,
                "KWDEK1." + data,
                data,
                " " + text,
                text + " ",
                text + "\n",
                text + "=",
                text + "==",
                text.substring(0, text.length() - 1),
                "kwdek1." + data.replace('-', '+').replace('_', '/') + "+",
                "kwdek1.ä" + data,
                "kwdek1.",
            }) {
                assertThatExceptionOfType(InvalidWrappedDekException.class)
                        .as(other)
                        .isThrownBy(() -> WrappedDek.parseText(other));
            }
        }

        @Test
        void textWithSpareBitsIsRefused() {
            // Lengthened until base64url ends in a group with spare bits, which then are not zero.
            WrappedDek wrap = WRAP;
            for (int length = 60; wrap.toBytes().length % 3 == 0; length++) {
                wrap = WrappedDek.builder(DEK_ID, KEK_ID).build("AES-256-GCM", bytes(length));
            }
            String text = wrap.toText();
            char next = (char) (text.charAt(text.length() - 1) + 1);
            String spare = text.substring(0, text.length() - 1) + next;
            byte[] same = Base64.getUrlDecoder().decode(spare.substring(WrappedDek.TEXT_PREFIX.length()));
            assertThat(same).isEqualTo(wrap.toBytes());
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> WrappedDek.parseText(spare))
                    .withMessageContaining("not canonical");
        }

        private void assertRefused(byte[] encoded) {
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .as("%d bytes", encoded.length)
                    .isThrownBy(() -> WrappedDek.parse(encoded))
                    .withMessageContaining("to do: restore the value");
        }
    }

    @Nested
    class Limits {
        @Test
        void holdWhereAWrapIsBuilt() {
            WrappedDek.Builder builder = WrappedDek.builder(DEK_ID, KEK_ID);
            assertThatIllegalArgumentException().isThrownBy(() -> builder.kekVersion("v".repeat(513)));
            assertThatIllegalArgumentException().isThrownBy(() -> builder.build("", bytes(1)));
            assertThatIllegalArgumentException().isThrownBy(() -> builder.build("a".repeat(65), bytes(1)));
            assertThatIllegalArgumentException().isThrownBy(() -> builder.build("a", new byte[0]));
            assertThatIllegalArgumentException().isThrownBy(() -> builder.build("a\uD800", bytes(1)));
        }

        @Test
        void countTheWholeEncoding() {
            int rest = WrappedDek.builder(DEK_ID, KEK_ID).build("a", bytes(1)).toBytes().length - 1;
            int most = WrappedDek.MAX_BYTES - rest;
            WrappedDek largest = WrappedDek.builder(DEK_ID, KEK_ID).build("a", bytes(most));
            assertThat(largest.toBytes()).hasSize(WrappedDek.MAX_BYTES);
            assertThat(WrappedDek.parseText(largest.toText())).isEqualTo(largest);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> WrappedDek.builder(DEK_ID, KEK_ID).build("a", bytes(most + 1)));
        }
    }

    private static byte[] bytes(int length) {
        return "w".repeat(length).getBytes(StandardCharsets.US_ASCII);
    }
}
