package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of KEKs and DEKs, their limits, and what they are made of. */
class KeyIdsTest {
    @Nested
    class OfADek {
        @Test
        void isDigitsOrBytes() {
            String hex = "000102030405060708090a0b0c0d0eff";
            DekId id = DekId.of(hex);
            assertThat(id.hex()).isEqualTo(hex);
            assertThat(id).hasToString(hex);
            assertThat(id.toBytes()).hasSize(DekId.BYTES).endsWith(14, 0xFF);
            assertThat(DekId.of(id.toBytes())).isEqualTo(id);
        }

        @Test
        void isAnotherEachTime() {
            assertThat(DekId.random()).isNotEqualTo(DekId.random());
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "0", "000102030405060708090a0b0c0d0e0", "000102030405060708090a0b0c0d0e0f0"})
        void hasItsLength(String hex) {
            assertThatIllegalArgumentException().isThrownBy(() -> DekId.of(hex));
        }

        @ParameterizedTest
        @ValueSource(strings = {"000102030405060708090A0B0C0D0E0F", "000102030405060708090a0b0c0d0e0g"})
        void hasLowerCaseDigits(String hex) {
            assertThatIllegalArgumentException().isThrownBy(() -> DekId.of(hex));
        }

        @Test
        void hasItsNumberOfBytes() {
            for (int bytes : new int[] {0, DekId.BYTES - 1, DekId.BYTES + 1}) {
                assertThatIllegalArgumentException().isThrownBy(() -> DekId.of(new byte[bytes]));
            }
        }
    }

    @Nested
    class OfAKek {
        @Test
        void beginsWithItsScheme() {
            KekId id = KekId.of("aws-kms://arn:aws:kms:eu-central-1:1:key/a");
            assertThat(id.scheme()).isEqualTo("aws-kms");
            assertThat(id).hasToString(id.uri());
        }

        @Test
        void hasALimitInUtf8Bytes() {
            String rest = "é".repeat((KekId.MAX_BYTES - "ab:".length()) / 2);
            KekId longest = KekId.of("ab:" + rest + "x");
            assertThat(longest.uri().length()).isLessThan(KekId.MAX_BYTES);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KekId.of(longest.uri() + "x"))
                    .withMessageContaining("at most 1024")
                    .withMessageContaining("has 1025");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a:b", "ab", "ab:", "Ab:c", "9b:c", "ab:c d", "ab:c\n", "ab:\u2028"})
        void hasItsShape(String uri) {
            assertThatIllegalArgumentException().isThrownBy(() -> KekId.of(uri)).withMessageContaining("not a KEK id");
        }

        @Test
        void hasASchemeOf2To32Characters() {
            assertThat(KekId.of("a".repeat(32) + ":b").scheme()).hasSize(32);
            assertThatIllegalArgumentException().isThrownBy(() -> KekId.of("a".repeat(33) + ":b"));
        }
    }
}
