package io.keywrap.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.DataException;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.KekId;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The header, byte for byte as docs/format.md lays it out, and everything that is not one. */
class EnvelopeHeaderTest {
    private static final DekId DEK_ID = DekId.of("000102030405060708090a0b0c0d0e0f");
    private static final WrappedDek WRAP =
            WrappedDek.builder(DEK_ID, KekId.of("keystore:main#k")).build("AES-256-GCM", new byte[60]);
    private static final EnvelopeHeader HEADER = EnvelopeHeader.builder("tenant-42", DEK_ID)
            .keyContext(EncryptionContext.of("tenant", "acme"))
            .objectContext(EncryptionContext.of("object", "a.csv").with("Ärger", ""))
            .build();
    private static final EnvelopeHeader PORTABLE = EnvelopeHeader.builder("tenant-42", DEK_ID)
            .recipients(List.of(WRAP, WRAP))
            .build();

    @Nested
    class Layout {
        @Test
        void isComposedFromTheGrammar() {
            byte[] bound = concat(
                    sized("tenant-42"),
                    DEK_ID.toBytes(),
                    sized(concat(u16(1), sized("tenant"), sized("acme"))),
                    sized(concat(u16(2), sized("object"), sized("a.csv"), sized("Ärger"), sized(""))));
            byte[] expected = concat(ascii("KWRP"), new byte[] {1}, u32(bound.length), u32(0), bound);

            assertThat(HEADER.toBytes()).isEqualTo(expected);
            assertThat(HEADER.associatedData()).isEqualTo(concat(ascii("KWRP"), new byte[] {1}, bound));
        }

        @Test
        void ofAPortableEnvelopeHasItsWraps() {
            byte[] bound = concat(sized("tenant-42"), DEK_ID.toBytes(), sized(u16(0)), sized(u16(0)));
            byte[] wraps = concat(sized(WRAP.toBytes()), sized(WRAP.toBytes()));
            byte[] expected = concat(ascii("KWRP"), new byte[] {1}, u32(bound.length), u32(wraps.length), bound, wraps);

            assertThat(PORTABLE.toBytes()).isEqualTo(expected);
            assertThat(PORTABLE.associatedData()).isEqualTo(concat(ascii("KWRP"), new byte[] {1}, bound));
        }

        @Test
        void isReadBack() {
            EnvelopeHeader read = EnvelopeHeader.parse(HEADER.toBytes());
            assertThat(read.keychainId()).isEqualTo("tenant-42");
            assertThat(read.dekId()).isEqualTo(DEK_ID);
            assertThat(read.keyContext()).isEqualTo(HEADER.keyContext());
            assertThat(read.objectContext()).isEqualTo(HEADER.objectContext());
            assertThat(read.recipients()).isEmpty();
            assertThat(EnvelopeHeader.parse(PORTABLE.toBytes()).recipients()).containsExactly(WRAP, WRAP);
        }

        @Test
        void readTakesNothingBehindTheHeader() throws IOException {
            InputStream in = new ByteArrayInputStream(concat(PORTABLE.toBytes(), ascii("rest")));
            assertThat(EnvelopeHeader.read(in).toBytes()).isEqualTo(PORTABLE.toBytes());
            assertThat(in.readAllBytes()).isEqualTo(ascii("rest"));
        }

        @Test
        void showsNoContextValue() {
            assertThat(HEADER.toString()).contains("tenant-42", "object").doesNotContain("acme", "a.csv");
        }
    }

    @Nested
    class Damaged {
        @Test
        @FormatRule("H4")
        void cutAnywhereIsTruncated() {
            byte[] whole = PORTABLE.toBytes();
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatExceptionOfType(TruncatedEnvelopeException.class)
                        .as("cut to %d", length)
                        .isThrownBy(() -> EnvelopeHeader.parse(cut));
                assertThatExceptionOfType(TruncatedEnvelopeException.class)
                        .isThrownBy(() -> EnvelopeHeader.read(new ByteArrayInputStream(cut)));
            }
        }

        @Test
        @FormatRule("H8")
        void everyByteThatIsStillAcceptedIsWrittenAgainAsItWas() {
            for (byte[] whole : List.of(HEADER.toBytes(), PORTABLE.toBytes())) {
                for (int i = 0; i < whole.length; i++) {
                    for (int change = 1; change < 256; change++) {
                        byte[] changed = whole.clone();
                        changed[i] ^= (byte) change;
                        try {
                            assertThat(EnvelopeHeader.parse(changed).toBytes()).isEqualTo(changed);
                        } catch (DataException refused) {
                            assertThat(refused).isNotNull();
                        }
                    }
                }
            }
        }

        @Test
        @FormatRule("H1")
        void anotherMagicIsMalformed() {
            for (int i = 0; i < 4; i++) {
                byte[] changed = HEADER.toBytes();
                changed[i] ^= 1;
                assertMalformed(changed, "KWRP");
            }
        }

        @Test
        @FormatRule("H2")
        void anotherVersionIsUnsupported() {
            for (int version : new int[] {0, 2, 255}) {
                byte[] changed = HEADER.toBytes();
                changed[4] = (byte) version;
                assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                        .isThrownBy(() -> EnvelopeHeader.parse(changed))
                        .withMessageContaining("version " + version);
            }
        }

        @Test
        @FormatRule("H5")
        void somethingBehindIsMalformed() {
            assertMalformed(concat(HEADER.toBytes(), new byte[1]), "1 bytes too many");
        }

        @Test
        @FormatRule({"C2", "H6"})
        void unsortedPairsAreMalformed() {
            byte[] unsorted = concat(u16(2), sized("b"), sized(""), sized("a"), sized(""));
            assertMalformed(withObjectContext(unsorted), "not in order");
        }

        @Test
        @FormatRule({"C2", "H6"})
        void aPairThatStandsTwiceIsMalformed() {
            byte[] twice = concat(u16(2), sized("a"), sized("1"), sized("a"), sized("2"));
            assertMalformed(withObjectContext(twice), "stands twice");
        }

        @Test
        @FormatRule({"C5", "H6"})
        void reservedPairsAreMalformed() {
            assertMalformed(withObjectContext(concat(u16(1), sized("kw:dek"), sized("x"))), "reserved");
        }

        @Test
        @FormatRule({"C4", "H6"})
        void overlongUtf8IsMalformed() {
            byte[] overlong = concat(u16(1), sized("a"), sized(new byte[] {(byte) 0xC0, (byte) 0x80}));
            assertMalformed(withObjectContext(overlong), "not UTF-8");
        }

        @Test
        @FormatRule("H7")
        void seventeenRecipientsAreMalformed() {
            byte[] one = sized(WRAP.toBytes());
            byte[] wraps = new byte[0];
            for (int i = 0; i < 17; i++) {
                wraps = concat(wraps, one);
            }
            byte[] bound = concat(sized("t"), DEK_ID.toBytes(), sized(u16(0)), sized(u16(0)));
            assertMalformed(
                    concat(ascii("KWRP"), new byte[] {1}, u32(bound.length), u32(wraps.length), bound, wraps),
                    "more than 16 recipients");
        }

        @Test
        @FormatRule("H7")
        void aRecipientThatBreaksItsRulesIsMalformed() {
            byte[] wrap = WRAP.toBytes();
            wrap[0] = 2;
            assertMalformed(header(bound(sized("t")), sized(wrap)), "version 2");
        }

        @Test
        @FormatRule("H5")
        void bytesThatBelongToNoFieldAreMalformed() {
            assertMalformed(header(concat(bound(sized("t")), new byte[1]), new byte[0]), "too many");
            assertMalformed(header(bound(sized("t")), concat(sized(WRAP.toBytes()), new byte[1])), "is cut");
        }

        @Test
        @FormatRule("H6")
        void keychainIdsThatBreakTheirRulesAreMalformed() {
            for (String id : List.of("", "a\u0000", "a\u007f", "a\u0085", "k".repeat(257))) {
                assertMalformed(header(bound(sized(id)), new byte[0]), "keychain id");
            }
        }

        private byte[] bound(byte[] keychainId) {
            return concat(keychainId, DEK_ID.toBytes(), sized(u16(0)), sized(u16(0)));
        }

        private byte[] header(byte[] bound, byte[] recipients) {
            return concat(ascii("KWRP"), new byte[] {1}, u32(bound.length), u32(recipients.length), bound, recipients);
        }

        private void assertMalformed(byte[] header, String why) {
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> EnvelopeHeader.parse(header))
                    .withMessageContaining(why);
        }

        private byte[] withObjectContext(byte[] context) {
            byte[] bound = concat(sized("t"), DEK_ID.toBytes(), sized(u16(0)), sized(context));
            return concat(ascii("KWRP"), new byte[] {1}, u32(bound.length), u32(0), bound);
        }
    }

    @Nested
    class Limits {
        @ParameterizedTest
        @ValueSource(ints = {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 64 * 1024 - 12})
        @FormatRule("H3")
        void aLengthFieldOverTheLimitReadsAndAllocatesNothing(int length) {
            for (int at : new int[] {5, 9}) {
                byte[] fixed = ByteBuffer.allocate(13)
                        .put(ascii("KWRP"))
                        .put((byte) 1)
                        .putInt(at, length)
                        .array();
                InputStream in = new ByteArrayInputStream(fixed) {
                    @Override
                    public synchronized int read(byte[] bytes, int offset, int count) {
                        assertThat(count).isLessThanOrEqualTo(13);
                        return super.read(bytes, offset, count);
                    }
                };
                assertThatExceptionOfType(MalformedEnvelopeException.class)
                        .isThrownBy(() -> EnvelopeHeader.read(in))
                        .withMessageContaining("the limit is 65536");
                assertThatExceptionOfType(MalformedEnvelopeException.class)
                        .isThrownBy(() -> EnvelopeHeader.parse(fixed));
            }
        }

        @Test
        @FormatRule("H3")
        void theLargestHeaderIsReadBackAndOneByteMoreIsRefused() {
            WrappedDek wrap = largest(WrappedDek.MAX_BYTES);
            int used = EnvelopeHeader.builder("t", DEK_ID)
                    .recipients(Collections.nCopies(7, wrap))
                    .build()
                    .toBytes()
                    .length;
            int left = EnvelopeHeader.MAX_BYTES - used - 2;
            List<WrappedDek> most = concatLists(Collections.nCopies(7, wrap), List.of(largest(left)));

            byte[] header =
                    EnvelopeHeader.builder("t", DEK_ID).recipients(most).build().toBytes();

            assertThat(header).hasSize(EnvelopeHeader.MAX_BYTES);
            assertThat(EnvelopeHeader.parse(header).toBytes()).isEqualTo(header);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EnvelopeHeader.builder("tt", DEK_ID)
                            .recipients(most)
                            .build());
        }

        @Test
        @FormatRule({"C6", "H9"})
        void aKeyContextThatLeavesNoRoomForTheReservedPairsIsRefused() {
            // 2 + 4 + 1 + value; the reserved pairs take 4 + 11 + 1 (keychain "t") and 4 + 6 + 32 (the DEK).
            EncryptionContext most = EncryptionContext.of("k", "v".repeat(2048 - 58 - 7));
            EncryptionContext over = EncryptionContext.of("k", "v".repeat(2048 - 58 - 6));
            EnvelopeHeader header =
                    EnvelopeHeader.builder("t", DEK_ID).keyContext(most).build();
            assertThat(EnvelopeHeader.parse(header.toBytes()).keyContext()).isEqualTo(most);

            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            EnvelopeHeader.builder("t", DEK_ID).keyContext(over).build());
            byte[] bound = concat(sized("t"), DEK_ID.toBytes(), sized(over.toBytes()), sized(u16(0)));
            byte[] written = concat(ascii("KWRP"), new byte[] {1}, u32(bound.length), u32(0), bound);
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> EnvelopeHeader.parse(written))
                    .withMessageContaining("key context");
        }

        @Test
        void whatIsClaimedIsSaid() {
            byte[] fixed = concat(ascii("KWRP"), new byte[] {1}, u32(65_000), u32(1_000));
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> EnvelopeHeader.parse(fixed))
                    .withMessageContaining("it claims 66013 bytes");
        }

        @Test
        void seventeenRecipientsAreNotBuilt() {
            assertThat(EnvelopeHeader.builder("t", DEK_ID)
                            .recipients(Collections.nCopies(16, WRAP))
                            .build()
                            .recipients())
                    .hasSize(16);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EnvelopeHeader.builder("t", DEK_ID).recipients(Collections.nCopies(17, WRAP)));
        }

        private WrappedDek largest(int bytes) {
            int rest = WRAP.toBytes().length - 60;
            return WrappedDek.builder(DEK_ID, WRAP.kekId()).build(WRAP.algorithm(), new byte[bytes - rest]);
        }

        private List<WrappedDek> concatLists(List<WrappedDek> first, List<WrappedDek> second) {
            return java.util.stream.Stream.concat(first.stream(), second.stream())
                    .toList();
        }
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] sized(String text) {
        return sized(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] sized(byte[] bytes) {
        return concat(u16(bytes.length), bytes);
    }

    private static byte[] u16(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    private static byte[] u32(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
