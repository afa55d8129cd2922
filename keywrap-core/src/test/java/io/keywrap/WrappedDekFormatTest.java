package io.keywrap;

import static io.keywrap.Grammar.concat;
import static io.keywrap.Grammar.counting;
import static io.keywrap.Grammar.sized;
import static io.keywrap.Grammar.text;
import static io.keywrap.Grammar.u16;
import static io.keywrap.Grammar.u8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrapped DEKs, byte for byte as docs/format.md lays them out. */
class WrappedDekFormatTest {
    private static final byte[] ID = counting(0x40, 16);
    private static final byte[] WHOLE =
            concat(u8(1), ID, text("keystore:main#k"), text("v3"), text("AES-256-GCM"), sized(counting(0, 60)));

    @Nested
    class Layout {
        @Test
        void isComposedFromTheGrammar() {
            WrappedDek wrap = WrappedDek.builder(DekId.of(ID), KekId.of("keystore:main#k"))
                    .kekVersion("v3")
                    .build("AES-256-GCM", counting(0, 60));
            assertThat(wrap.toBytes()).isEqualTo(WHOLE);
            assertThat(WrappedDek.parse(WHOLE)).isEqualTo(wrap);
            assertThat(WrappedDek.parse(WHOLE).toBytes()).isEqualTo(WHOLE);
        }

        @Test
        void ofTheTextIsPrefixAndBase64Url() {
            String text = "kwdek1." + Base64.getUrlEncoder().withoutPadding().encodeToString(WHOLE);
            assertThat(WrappedDek.parse(WHOLE).toText()).isEqualTo(text);
            assertThat(WrappedDek.parseText(text).toBytes()).isEqualTo(WHOLE);
        }
    }

    @Nested
    class Refused {
        @ParameterizedTest
        @ValueSource(ints = {0, 2, 255})
        @FormatRule("W1")
        void anotherVersion(int version) {
            byte[] other = WHOLE.clone();
            other[0] = (byte) version;
            assertRefused(other);
        }

        @Test
        @FormatRule("W2")
        void fieldsOverTheirLimits() {
            byte[] body = sized(counting(0, 60));
            assertRefused(concat(u8(1), ID, text("keystore:" + "k".repeat(1016)), text(""), text("A"), body));
            assertRefused(concat(u8(1), ID, text("no KEK id"), text(""), text("A"), body));
            assertRefused(concat(u8(1), ID, text("keystore:k"), text("v".repeat(513)), text("A"), body));
            assertRefused(concat(u8(1), ID, text("keystore:k"), text(""), text("A".repeat(65)), body));
            assertRefused(concat(u8(1), ID, text("keystore:k"), text(""), text(""), body));
            assertRefused(concat(u8(1), ID, text("keystore:k"), text(""), text("A"), sized()));
            byte[] rest = concat(u8(1), ID, text("keystore:k"), text(""), text("A"));
            assertRefused(concat(rest, u16(0xFFFF), counting(0, 60)));
            byte[] most = concat(rest, sized(new byte[8192 - rest.length - 2]));
            assertThat(WrappedDek.parse(most).toBytes()).isEqualTo(most);
            assertRefused(concat(rest, sized(new byte[8192 - rest.length - 1])));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> WrappedDek.builder(DekId.of(ID), KekId.of("keystore:k"))
                            .build("A", new byte[8192 - rest.length - 1]));
        }

        @Test
        @FormatRule("W3")
        void cutAnywhereOrFollowed() {
            for (int length = 0; length < WHOLE.length; length++) {
                assertRefused(Arrays.copyOf(WHOLE, length));
            }
            assertRefused(concat(WHOLE, u8(0)));
        }

        @Test
        @FormatRule("W4")
        void textThatIsNotCanonical() {
            String text = WrappedDek.parse(WHOLE).toText();
            String body = text.substring("kwdek1.".length());
            assertTextRefused(body);
            assertTextRefused("kwdek2." + body);
            assertTextRefused("KWDEK1." + body);
            assertTextRefused(text + "=");
            assertTextRefused(text + "\n");
            assertTextRefused(" " + text);
            assertTextRefused("kwdek1." + body.replaceFirst(".", "+"));
            assertTextRefused(text.substring(0, text.length() - 1));
            assertTextRefused("kwdek1." + "A".repeat(20_000));
        }

        @Test
        @FormatRule("W4")
        void textWithBitsBehindTheLastByte() {
            byte[] oneMore =
                    concat(u8(1), ID, text("keystore:k"), text(""), text("A"), sized(new byte[] {1, 2, 3, 4, 5, 6, 7}));
            for (int i = 0; i < 3; i++) {
                byte[] wrap = concat(
                        u8(1), ID, text("keystore:k"), text(""), text("A"), sized(Arrays.copyOf(oneMore, 7 + i)));
                String text = WrappedDek.parse(wrap).toText();
                char last = text.charAt(text.length() - 1);
                String changed = text.substring(0, text.length() - 1) + (char) (last + 1);
                if (wrap.length % 3 != 0) {
                    assertTextRefused(changed);
                }
            }
        }

        private void assertRefused(byte[] encoded) {
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> WrappedDek.parse(encoded));
        }

        private void assertTextRefused(String text) {
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .as(text)
                    .isThrownBy(() -> WrappedDek.parseText(text));
        }
    }
}
