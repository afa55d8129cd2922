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
import io.keywrap.WrappedDek;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A reader who knows a header of the same DEK accepts, refuses and says what every other reader does. */
class KnownHeaderTest {
    private static final DekId DEK_ID = DekId.of("000102030405060708090a0b0c0d0e0f");
    private static final EncryptionContext EXPECTED = EncryptionContext.of("object", "a.csv");
    private static final EnvelopeHeader KNOWN = EnvelopeHeader.builder("tenant-42", DEK_ID)
            .keyContext(EncryptionContext.of("tenant", "acme"))
            .build();
    private static final WrappedDek WRAP =
            WrappedDek.builder(DEK_ID, KekId.of("keystore:main#k")).build("AES-256-GCM", new byte[60]);
    private static final EnvelopeHeader PORTABLE = EnvelopeHeader.builder("tenant-42", DEK_ID)
            .keyContext(KNOWN.keyContext())
            .objectContext(EXPECTED)
            .recipients(List.of(WRAP))
            .build();

    @Test
    void isReadWithTheExpectedObjectOrAnother() {
        for (EncryptionContext actual : List.of(
                EXPECTED, EncryptionContext.empty(), EXPECTED.with("Ärger", ""), EncryptionContext.of("object", "b"))) {
            EnvelopeHeader whole = KNOWN.withObjectContext(actual);
            assertThat(whole.toBytes())
                    .isEqualTo(EnvelopeHeader.builder("tenant-42", DEK_ID)
                            .keyContext(KNOWN.keyContext())
                            .objectContext(actual)
                            .build()
                            .toBytes());
            EnvelopeHeader read = read(whole.toBytes(), KNOWN);
            assertThat(read.objectContext()).isEqualTo(actual);
            assertThat(read.associatedData()).isEqualTo(whole.associatedData());
            assertThat(read.keyContext()).as("not parsed again").isSameAs(KNOWN.keyContext());
        }
    }

    @Test
    @FormatRule("H8")
    void everyChangedByteHasTheSameOutcome() {
        Set<String> outcomes = new HashSet<>();
        for (EnvelopeHeader header :
                List.of(KNOWN.withObjectContext(EXPECTED), KNOWN, PORTABLE, KNOWN.withObjectContext(large(100)))) {
            byte[] whole = header.toBytes();
            for (int at = 0; at < whole.length; at++) {
                for (int value = 0; value < 256; value++) {
                    byte[] changed = whole.clone();
                    changed[at] = (byte) value;
                    outcomes.add(assertSameOutcome(changed));
                }
            }
        }
        assertThat(outcomes).as("so that something was compared").hasSizeGreaterThan(20);
    }

    @Test
    @FormatRule("H4")
    void everyCutAndEveryLengthHasTheSameOutcome() {
        for (EnvelopeHeader header : List.of(KNOWN.withObjectContext(EXPECTED), PORTABLE)) {
            byte[] whole = header.toBytes();
            for (int length = 0; length < whole.length + 20; length++) {
                byte[] other = Arrays.copyOf(whole, length);
                assertSameOutcome(other);
                if (length >= EnvelopeHeader.FIXED_BYTES) {
                    int rest = length - EnvelopeHeader.FIXED_BYTES;
                    for (int bound = Math.max(0, rest - 20); bound <= rest; bound++) {
                        lengths(other, bound, rest - bound);
                        assertSameOutcome(other);
                    }
                }
            }
        }
    }

    @Test
    @FormatRule("H3")
    void anObjectContextOverItsLimitIsRefusedAlike() {
        byte[] most =
                KNOWN.withObjectContext(large(EncryptionContext.MAX_BYTES)).toBytes();
        assertThat(read(most, KNOWN).toBytes()).isEqualTo(most);
        byte[] over = Arrays.copyOf(most, most.length + 1);
        lengths(over, over.length - EnvelopeHeader.FIXED_BYTES, 0);
        int objectAt = most.length - EncryptionContext.MAX_BYTES;
        over[objectAt - 1]++;
        over[objectAt + 2 + 2 + 1 + 1]++; // The value's length, too.
        assertThat(assertSameOutcome(over)).contains("Malformed");
    }

    /** Neither from a caller, whose envelope nobody could open, nor because a caller expects them. */
    @Test
    @FormatRule("C5")
    void reservedPairsAreNeitherWrittenNorRead() {
        EncryptionContext reserved = EncryptionContext.ofDek("tenant-42", DEK_ID, EncryptionContext.empty());
        for (ThrowingCallable writing : List.<ThrowingCallable>of(
                () -> KNOWN.withObjectContext(reserved),
                () -> EnvelopeHeader.builder("tenant-42", DEK_ID)
                        .objectContext(reserved)
                        .build(),
                () -> EnvelopeHeader.builder("tenant-42", DEK_ID)
                        .keyContext(reserved)
                        .build())) {
            assertThatIllegalArgumentException().isThrownBy(writing).withMessageContaining("reserved");
        }
        byte[] bare = KNOWN.toBytes();
        byte[] object = reserved.toBytes();
        byte[] whole = Arrays.copyOf(bare, bare.length - 2 + object.length);
        System.arraycopy(object, 0, whole, bare.length - 2, object.length);
        whole[bare.length - 4] = (byte) (object.length >>> 8);
        whole[bare.length - 3] = (byte) object.length;
        lengths(whole, whole.length - EnvelopeHeader.FIXED_BYTES, 0);
        assertThatExceptionOfType(MalformedEnvelopeException.class)
                .isThrownBy(() -> EnvelopeHeader.read(new ByteArrayInputStream(whole), KNOWN, reserved))
                .withMessageContaining("reserved");
    }

    @Test
    void forAnotherObjectIsTheOneThatWouldBeBuiltForIt() {
        EnvelopeHeader.Builder builder = EnvelopeHeader.builder("tenant-42", DEK_ID);
        EnvelopeHeader other = builder.objectContext(large(300)).build();
        EnvelopeHeader expected = builder.objectContext(EXPECTED).build();
        assertThat(other.withObjectContext(EXPECTED).toBytes()).isEqualTo(expected.toBytes());
        assertThat(expected.withObjectContext(large(300)).toBytes()).isEqualTo(other.toBytes());
    }

    @Test
    void takesNoRecipientsOverFromAnotherEnvelope() {
        byte[] bare = KNOWN.withObjectContext(EXPECTED).toBytes();
        assertThat(read(bare, PORTABLE).recipients()).isEmpty();
        assertThat(read(PORTABLE.toBytes(), KNOWN).recipients()).containsExactly(WRAP);
        assertThat(PORTABLE.withObjectContext(EncryptionContext.empty()).recipients())
                .containsExactly(WRAP);
    }

    @Test
    void anotherObjectIsHeldAgainstTheLimitOfHeaders() {
        WrappedDek large =
                WrappedDek.builder(DEK_ID, KekId.of("keystore:main#k")).build("AES-256-GCM", new byte[8_000]);
        EnvelopeHeader nearlyFull = EnvelopeHeader.builder("tenant-42", DEK_ID)
                .recipients(Collections.nCopies(8, large))
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> nearlyFull.withObjectContext(large(2_000)))
                .withMessageContaining("a header has at most");
    }

    private static EncryptionContext large(int encoded) {
        return EncryptionContext.of("o", "v".repeat(encoded - 2 - 2 - 1 - 2));
    }

    private static void lengths(byte[] header, int bound, int recipients) {
        for (int i = 0; i < 4; i++) {
            header[5 + i] = (byte) (bound >>> (24 - 8 * i));
            header[9 + i] = (byte) (recipients >>> (24 - 8 * i));
        }
    }

    private static EnvelopeHeader read(byte[] bytes, EnvelopeHeader known) {
        try {
            return EnvelopeHeader.read(new ByteArrayInputStream(bytes), known, EXPECTED);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What comes of some bytes: a header or a message. */
    static String assertSameOutcome(byte[] bytes) {
        List<String> outcomes = new ArrayList<>();
        for (int reader = 0; reader < 3; reader++) {
            ByteArrayInputStream in = new ByteArrayInputStream(bytes);
            try {
                EnvelopeHeader read = switch (reader) {
                    case 0 -> EnvelopeHeader.read(in);
                    case 1 -> EnvelopeHeader.read(in, KNOWN, EXPECTED);
                    default -> EnvelopeHeader.read(in, PORTABLE, EncryptionContext.empty());
                };
                outcomes.add(Arrays.toString(read.toBytes())
                        + Arrays.toString(read.associatedData())
                        + read.keychainId()
                        + read.dekId()
                        + read.keyContext().asMap()
                        + read.objectContext().asMap()
                        + read.recipients()
                        + in.available());
            } catch (DataException e) {
                outcomes.add(e.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (!outcomes.get(1).equals(outcomes.get(0)) || !outcomes.get(2).equals(outcomes.get(0))) {
            throw new AssertionError("it depends on what is known: " + outcomes);
        }
        return outcomes.get(0);
    }
}
