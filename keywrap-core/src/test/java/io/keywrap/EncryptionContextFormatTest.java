package io.keywrap;

import static io.keywrap.Grammar.concat;
import static io.keywrap.Grammar.sized;
import static io.keywrap.Grammar.text;
import static io.keywrap.Grammar.u16;
import static io.keywrap.Grammar.u8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Encryption contexts, byte for byte as docs/format.md lays them out. */
class EncryptionContextFormatTest {
    private static final DekId DEK_ID = DekId.of("404142434445464748494a4b4c4d4e4f");

    @Nested
    class Layout {
        @Test
        void isComposedFromTheGrammar() {
            byte[] expected = concat(u16(2), text("a"), text("1"), text("b"), text(""));
            assertThat(EncryptionContext.of(Map.of("b", "", "a", "1")).toBytes())
                    .isEqualTo(expected);
            assertThat(EncryptionContext.parse(expected).toBytes()).isEqualTo(expected);
            assertThat(EncryptionContext.empty().toBytes()).isEqualTo(u16(0));
        }

        @Test
        @FormatRule("C7")
        void ofAKeyContextHasTheReservedPairs() {
            EncryptionContext tenant = EncryptionContext.of("tenant", "acme");
            assertThat(EncryptionContext.ofDek("tenant-42", DEK_ID, tenant).toBytes())
                    .isEqualTo(concat(
                            u16(3),
                            text("kw:dek"),
                            text("404142434445464748494a4b4c4d4e4f"),
                            text("kw:keychain"),
                            text("tenant-42"),
                            text("tenant"),
                            text("acme")));
            assertThat(EncryptionContext.ofSealKey("tenant-42", DEK_ID).toBytes())
                    .isEqualTo(concat(
                            u16(2),
                            text("kw:keychain"),
                            text("tenant-42"),
                            text("kw:seal"),
                            text("404142434445464748494a4b4c4d4e4f")));
        }
    }

    @Nested
    class Refused {
        @Test
        @FormatRule("C1")
        void cutAnywhereOrFollowed() {
            byte[] whole = EncryptionContext.of(Map.of("b", "2", "a", "1")).toBytes();
            for (int length = 0; length < whole.length; length++) {
                assertRefused(Arrays.copyOf(whole, length));
            }
            assertRefused(concat(whole, u8(0)));
            assertRefused(concat(u16(1), text("a"), text("1"), text("b"), text("2")));
        }

        @Test
        @FormatRule("C2")
        void unsortedOrTwice() {
            assertRefused(concat(u16(2), text("b"), text(""), text("a"), text("")));
            assertRefused(concat(u16(2), text("a"), text("1"), text("a"), text("2")));
        }

        @Test
        @FormatRule("C2")
        void sortedByCharsInsteadOfBytes() {
            // U+FF5E is below U+1F600 in bytes, above its first surrogate in chars.
            byte[] byBytes = concat(u16(2), text("～"), text(""), text("😀"), text(""));
            byte[] byChars = concat(u16(2), text("😀"), text(""), text("～"), text(""));
            assertThat(EncryptionContext.of(Map.of("😀", "", "～", "")).toBytes())
                    .isEqualTo(byBytes);
            assertRefused(byChars);
        }

        @Test
        @FormatRule("C3")
        void keysThatAreEmptyOrTooLong() {
            assertRefused(concat(u16(1), text(""), text("1")));
            assertRefused(concat(u16(1), text("k".repeat(257)), text("1")));
            byte[] longest = concat(u16(1), text("k".repeat(256)), text(""));
            assertThat(EncryptionContext.parse(longest).toBytes()).isEqualTo(longest);
            assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.of("k".repeat(257), ""));
        }

        @Test
        @FormatRule("C4")
        void textThatIsNotUtf8() {
            byte[] overlong = {(byte) 0xC0, (byte) 0x80};
            byte[] surrogate = {(byte) 0xED, (byte) 0xA0, (byte) 0x80};
            for (byte[] bad : new byte[][] {overlong, surrogate, u8(0xFF)}) {
                assertRefused(concat(u16(1), sized(bad), text("1")));
                assertRefused(concat(u16(1), text("a"), sized(bad)));
            }
            assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.of("a", "\uD800"));
            assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.of("\uDC00", "1"));
        }

        @Test
        @FormatRule("C5")
        void reservedKeys() {
            assertRefused(concat(u16(1), text("kw:dek"), text("1")));
            assertRefused(concat(u16(1), text("kw:anything"), text("1")));
            assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.of("kw:seal", "1"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.of("a", "1").with("kw:seal", "1"));
        }

        @Test
        @FormatRule("C6")
        void moreThanTheLimits() {
            // 2 for the count, 4 for two lengths, 1 for the key.
            byte[] most = concat(u16(1), text("a"), text("v".repeat(8192 - 7)));
            assertThat(EncryptionContext.parse(most).toBytes()).isEqualTo(most);
            assertRefused(concat(u16(1), text("a"), text("v".repeat(8192 - 6))));
            assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.of("a", "v".repeat(8192 - 6)));

            // The reserved pairs of keychain "t" take 4 + 11 + 1 and 4 + 6 + 32.
            EncryptionContext room = EncryptionContext.of("a", "v".repeat(2048 - 7 - 58));
            assertThat(EncryptionContext.ofDek("t", DEK_ID, room).toBytes()).hasSize(2048);
            assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.ofDek("tt", DEK_ID, room));
        }

        private void assertRefused(byte[] encoded) {
            assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.parse(encoded));
        }
    }
}
