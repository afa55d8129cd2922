package io.keywrap.byok;

import static io.keywrap.Grammar.ascii;
import static io.keywrap.Grammar.concat;
import static io.keywrap.Grammar.counting;
import static io.keywrap.Grammar.sized;
import static io.keywrap.Grammar.text;
import static io.keywrap.Grammar.u32;
import static io.keywrap.Grammar.u64;
import static io.keywrap.Grammar.u8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.keywrap.DekId;
import io.keywrap.FormatRule;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.codec.Canonical.Malformed;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Notes of slots, byte for byte as docs/format.md lays them out, without their seal. */
class SlotRecordFormatTest {
    private static final byte[] WRAP = WrappedDek.builder(
                    DekId.of(counting(0x40, 16)), KekId.of("keystore:main#vendor"))
            .build("A", new byte[] {1})
            .toBytes();
    private static final int PENDING = 0;
    private static final int ACTIVE = 1;
    private static final int ARCHIVED = 2;
    private static final int REVOKED_ACTIVE = 3;
    private static final int REVOKED_ARCHIVED = 4;

    private static byte[] note(long revision, int last, byte[]... versions) {
        return concat(
                ascii("KWBS"),
                u8(1),
                text("tenant-42"),
                u64(revision),
                u64(1000),
                u32(last),
                u8(versions.length),
                concat(versions),
                sized(WRAP));
    }

    private static byte[] version(int number, int state) {
        byte[] start = concat(u32(number), u8(state), u64(2000), u64(3000), counting(number, 48));
        return state >= REVOKED_ACTIVE ? start : concat(start, counting(0xA0, 32), sized(WRAP));
    }

    private static void assertRefused(byte[] note) {
        assertThatExceptionOfType(Malformed.class).isThrownBy(() -> SlotRecord.parse(note));
    }

    private static void assertAccepted(byte[] note) throws Malformed {
        assertThat(SlotRecord.parse(note).toBytes()).isEqualTo(note);
    }

    @Test
    void isComposedFromTheGrammar() throws Malformed {
        byte[] note = note(9, 7, version(2, ARCHIVED), version(3, ACTIVE), version(7, PENDING));
        SlotRecord record = SlotRecord.parse(note);
        assertThat(record.toBytes()).isEqualTo(note);
        assertThat(record.slot()).isEqualTo("tenant-42");
        assertThat(record.revision()).isEqualTo(9);
        assertThat(record.createdAt().toEpochMilli()).isEqualTo(1000);
        assertThat(record.lastVersion()).isEqualTo(7);
        assertThat(record.versions())
                .extracting(SlotVersion::state)
                .containsExactly(SlotState.ARCHIVED, SlotState.ACTIVE, SlotState.PENDING);
        SlotVersion first = record.versions().get(0);
        assertThat(first.uploadedAt().toEpochMilli()).isEqualTo(2000);
        assertThat(first.since().toEpochMilli()).isEqualTo(3000);
        assertThat(first.fingerprint()).isEqualTo(counting(2, 48));
        assertThat(record.sealKey().toBytes()).isEqualTo(WRAP);
    }

    @Test
    void ofARevokedSlotSaysWhatEachVersionWas() throws Malformed {
        byte[] note = note(1, 3, version(1, REVOKED_ARCHIVED), version(2, ARCHIVED), version(3, REVOKED_ACTIVE));
        assertAccepted(note);
        assertThat(SlotRecord.parse(note).versions())
                .extracting(SlotVersion::state, SlotVersion::was)
                .containsExactly(
                        tuple(SlotState.REVOKED, SlotState.ARCHIVED),
                        tuple(SlotState.ARCHIVED, SlotState.ARCHIVED),
                        tuple(SlotState.REVOKED, SlotState.ACTIVE));
    }

    @Test
    @FormatRule("B1")
    void anotherMagicOrVersionIsRefused() throws Malformed {
        byte[] note = note(1, 1, version(1, ACTIVE));
        assertAccepted(note);
        byte[] magic = note.clone();
        magic[3] = 'C';
        assertRefused(magic);
        byte[] later = note.clone();
        later[4] = 2;
        assertThatExceptionOfType(Malformed.class)
                .isThrownBy(() -> SlotRecord.parse(later))
                .withMessageContaining("version 2");
    }

    @Test
    @FormatRule("B1")
    void isRefusedWhereverItIsCutAndWithAByteMore() {
        byte[] note = note(1, 2, version(1, ARCHIVED), version(2, ACTIVE));
        for (int length = 0; length < note.length; length++) {
            assertRefused(Arrays.copyOf(note, length));
        }
        assertRefused(Arrays.copyOf(note, note.length + 1));
    }

    @Test
    @FormatRule("B2")
    void limitsHold() throws Malformed {
        byte[][] hundred = new byte[101][];
        for (int i = 0; i <= 100; i++) {
            hundred[i] = version(i + 1, ARCHIVED);
        }
        assertAccepted(note(1, 100, Arrays.copyOf(hundred, 100)));
        assertRefused(note(1, 101, hundred));
        assertAccepted(note(1, 1_000_000_000, version(1_000_000_000, ACTIVE)));
        assertRefused(note(1, 1_000_000_001, version(1, ACTIVE)));
        byte[] longWrap =
                concat(u32(1), u8(ACTIVE), u64(0), u64(0), counting(1, 48), counting(0, 32), sized(new byte[8193]));
        assertRefused(note(1, 1, longWrap));
        for (String name : new String[] {"", "-a", "a/b", "x".repeat(129)}) {
            byte[] note = note(1, 1, version(1, ACTIVE));
            assertRefused(concat(
                    ascii("KWBS"),
                    u8(1),
                    text(name),
                    Arrays.copyOfRange(note, 5 + 2 + "tenant-42".length(), note.length)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 255})
    @FormatRule("B3")
    void anUnknownStateIsRefused(int state) {
        byte[] version = version(1, ACTIVE);
        version[4] = (byte) state;
        assertRefused(note(1, 1, version));
    }

    @Test
    @FormatRule("B3")
    void versionsThatCannotBeTogetherAreRefused() throws Malformed {
        assertAccepted(note(1, 1));
        assertRefused(note(0, 1, version(1, ACTIVE)));
        assertRefused(note(1, 0));
        assertRefused(note(1, 1, version(0, ACTIVE)));
        assertRefused(note(1, 1, version(2, ACTIVE)));
        assertRefused(note(1, 2, version(2, ACTIVE), version(1, ARCHIVED)));
        assertRefused(note(1, 2, version(1, ARCHIVED), version(1, ACTIVE)));
        assertRefused(note(1, 2, version(1, ACTIVE), version(2, ACTIVE)));
        assertRefused(note(1, 2, version(1, REVOKED_ACTIVE), version(2, ACTIVE)));
        assertRefused(note(1, 2, version(1, REVOKED_ACTIVE), version(2, REVOKED_ACTIVE)));
        assertRefused(note(1, 2, version(1, PENDING), version(2, PENDING)));
        assertRefused(note(1, 2, version(1, REVOKED_ACTIVE), version(2, PENDING)));
        assertRefused(note(1, 2, version(1, REVOKED_ARCHIVED), version(2, PENDING)));
        assertAccepted(note(1, 2, version(1, ACTIVE), version(2, PENDING)));
    }
}
