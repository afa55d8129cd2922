package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The parser of what stands in front. */
class HeaderTest {
    private static final WrappedDek WRAPPED = WrappedDek.builder(
                    DekId.of("00112233445566778899aabbccddeeff"), KekId.of("memory:customer"))
            .kekVersion("1")
            .build("AES", new byte[] {1, 2, 3});

    private static byte[] header(int length, byte[] rest) {
        byte[] all = Arrays.copyOf(
                new byte[] {'K', 'W', 'T', 'K', 1, (byte) (length >>> 8), (byte) length}, 7 + rest.length);
        System.arraycopy(rest, 0, all, 7, rest.length);
        return all;
    }

    @Test
    void itHasTheDocumentedBytes() {
        byte[] expected = HexFormat.of()
                .parseHex("4b57544b" + "01" + "002f" // magic, version, length
                        + "01" + "00112233445566778899aabbccddeeff" // version and DEK id of the wrap
                        + "000f" + "6d656d6f72793a637573746f6d6572" // KEK id
                        + "0001" + "31" // KEK version
                        + "0003" + "414553" // algorithm
                        + "0003" + "010203"); // wrapped bytes
        assertThat(Header.of(WRAPPED).followedBy(new byte[0])).isEqualTo(expected);
        Header parsed = Header.parse(Arrays.copyOf(expected, expected.length + 28));
        assertThat(parsed.wrapped()).isEqualTo(WRAPPED);
        assertThat(parsed.length()).isEqualTo(expected.length);
        assertThat(parsed.followedBy(new byte[] {9})).startsWith(expected).endsWith(9);
    }

    @Test
    void theLengthOfTheWrapHasALimitThatIsCheckedFirst() {
        for (int length : new int[] {0, WrappedDek.MAX_BYTES + 1, 0xFFFF}) {
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> Header.parse(header(length, new byte[0])))
                    .withMessageContaining("has " + length + " bytes");
        }
        assertThatExceptionOfType(TruncatedEnvelopeException.class)
                .isThrownBy(() -> Header.parse(header(WrappedDek.MAX_BYTES, new byte[0])))
                .withMessageContaining("needs 8227 or more");
    }

    @Test
    void theLongestWrapIsRead() {
        byte[] wrapped = new byte[WrappedDek.MAX_BYTES - WRAPPED.toBytes().length + 3];
        WrappedDek longest = WrappedDek.builder(WRAPPED.dekId(), WRAPPED.kekId())
                .kekVersion("1")
                .build("AES", wrapped);
        assertThat(longest.toBytes()).hasSize(WrappedDek.MAX_BYTES);
        assertThat(Header.parse(Header.of(longest).followedBy(new byte[28])).wrapped())
                .isEqualTo(longest);
    }

    @Test
    void anotherVersionIsUnsupportedWhateverFollows() {
        for (byte version : new byte[] {0, 2, -1}) {
            assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                    .isThrownBy(() -> Header.parse(new byte[] {'K', 'W', 'T', 'K', version}))
                    .withMessageContaining("version " + (version & 0xFF));
        }
    }

    @Test
    void anotherMagicIsForeignAndACutOneIsCut() {
        assertThatExceptionOfType(MalformedEnvelopeException.class)
                .isThrownBy(() -> Header.parse(new byte[] {'K', 'W', 'R', 'P', 1}));
        assertThatExceptionOfType(MalformedEnvelopeException.class).isThrownBy(() -> Header.parse(new byte[] {'A'}));
        assertThatExceptionOfType(TruncatedEnvelopeException.class)
                .isThrownBy(() -> Header.parse(new byte[] {'K', 'W'}));
        assertThatExceptionOfType(TruncatedEnvelopeException.class).isThrownBy(() -> Header.parse(new byte[0]));
    }

    @Test
    void aWrapThatIsNotCanonicalIsMalformed() {
        byte[] wrap = WRAPPED.toBytes();
        byte[] longer = Arrays.copyOf(wrap, wrap.length + 1 + 28);
        assertThatExceptionOfType(MalformedEnvelopeException.class)
                .isThrownBy(() -> Header.parse(header(wrap.length + 1, longer)));
        assertThatExceptionOfType(MalformedEnvelopeException.class)
                .isThrownBy(() -> Header.parse(header(wrap.length - 1, longer)));
    }
}
