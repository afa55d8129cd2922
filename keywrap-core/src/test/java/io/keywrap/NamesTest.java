package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of DEKs and of KEKs. */
class NamesTest {
    @Nested
    class OfADek {
        @Test
        void areTheSameFromBytesAndFromDigits() {
            DekId id = DekId.random();
            assertThat(DekId.of(id.toBytes())).isEqualTo(id);
            assertThat(DekId.of(id.hex())).isEqualTo(id).hasToString(id.hex());
            assertThat(id.toBytes()).hasSize(DekId.BYTES);
        }

        @Test
        void areFreshEachTime() {
            assertThat(DekId.random()).isNotEqualTo(DekId.random());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "000102030405060708090a0b0c0d0e0",
                    "000102030405060708090a0b0c0d0e0f0",
                    "000102030405060708090A0B0C0D0E0F",
                    "000102030405060708090a0b0c0d0e0g",
                    "000102030405060708090a0b0c0d0e0f\n"
                })
        void areRefusedInAnyOtherForm(String digits) {
            assertThatIllegalArgumentException().isThrownBy(() -> DekId.of(digits));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 15, 17})
        void areRefusedInAnyOtherLength(int length) {
            assertThatIllegalArgumentException().isThrownBy(() -> DekId.of(new byte[length]));
        }
    }

    @Nested
    class OfAKek {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                    "gcp-kms://projects/p/locations/l/keyRings/r/cryptoKeys/k",
                    "azure-kms://https://vault.vault.azure.net/keys/name",
                    "keystore:main#tenant-42",
                    "keystore:main#schlüssel-\uD83D\uDD11"
                })
        void areTheUri(String uri) {
            assertThat(KekId.of(uri)).hasToString(uri);
            assertThat(KekId.of(uri).scheme()).isEqualTo(uri.substring(0, uri.indexOf(':')));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "keystore",
                    "keystore:",
                    ":a",
                    "k:a",
                    "Keystore:a",
                    "1keystore:a",
                    "key_store:a",
                    "abcdefghijklmnopqrstuvwxyz0123456:a",
                    " keystore:a",
                    "keystore:a\n",
                    "keystore:a b",
                    "keystore:a\tb",
                    "keystore:a\u0000",
                    "keystore:a\u007f",
                    "keystore:\u009b31m",
                    "keystore:a\u0085b",
                    "keystore:a\u00a0b",
                    "keystore:a\u2028b",
                    "keystore:\uD800"
                })
        void areRefusedInAnyOtherForm(String uri) {
            assertThatIllegalArgumentException().isThrownBy(() -> KekId.of(uri));
        }

        @Test
        void areLimitedInUtf8Bytes() {
            String longest = "keystore:" + "é".repeat((KekId.MAX_BYTES - 9) / 2) + "a";
            assertThat(KekId.of(longest).uri()).isEqualTo(longest);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KekId.of(longest + "a"))
                    .withMessageContaining("1025");
        }
    }
}
