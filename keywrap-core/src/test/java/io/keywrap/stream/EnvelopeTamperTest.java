package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.fail;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.DataException;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.KeywrapException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TestTenant;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.envelope.EnvelopeHeader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is changed, cut, moved or added: the right exception, and not one byte that was not authentic. */
class EnvelopeTamperTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a.csv");
    private static final byte[] SMALL = "the whole plaintext, never a part of it".getBytes(StandardCharsets.US_ASCII);
    private static final int SEGMENT = 65_536;
    private static final int FULL = SEGMENT - 32;

    @TempDir
    static Path folder;

    private static EnvelopeCipher cipher;
    private static EnvelopeCipher portable;

    private Decrypting.Output out;

    @BeforeAll
    static void setUp() {
        TestTenant tenant = TestTenant.in(folder);
        cipher = EnvelopeCipher.using(tenant.keychain("tenant-42"));
        portable = EnvelopeCipher.using(tenant.keychain("portable", spec -> spec.portable()));
    }

    @BeforeEach
    void outputs() throws IOException {
        out = new Decrypting.Output(folder);
    }

    @Nested
    class AChangedByte {
        private final byte[] envelope = cipher.encrypt(SMALL, CONTEXT);
        private final int header = headerLength(envelope);

        @Test
        @FormatRule("P7")
        void isRefusedWhateverItIsChangedTo() {
            for (int at = 0; at < envelope.length; at++) {
                for (int change = 1; change < 256; change++) {
                    byte[] changed = envelope.clone();
                    changed[at] ^= (byte) change;
                    assertRefused(Decrypting.BYTES, changed, at);
                }
            }
        }

        @ParameterizedTest
        @EnumSource
        void isRefusedByEveryVerb(Decrypting verb) {
            for (int at = 0; at < envelope.length; at++) {
                for (int bit = 0; bit < 8; bit += verb == Decrypting.BYTES ? 1 : 3) {
                    byte[] changed = envelope.clone();
                    changed[at] ^= (byte) (1 << bit);
                    assertRefused(verb, changed, at);
                }
            }
        }

        private void assertRefused(Decrypting verb, byte[] changed, int at) {
            Throwable refusal = catchThrowable(() -> verb.decrypt(cipher, changed, CONTEXT, out));
            assertThat(refusal).as("%s, byte %d", verb, at).isInstanceOf(DataException.class);
            assertThat(refusal.getClass()).as("%s, byte %d", verb, at).isIn(expected(at));
            assertThat(out.released.size()).as("%s, byte %d", verb, at).isZero();
        }

        /** By the part that the byte is in. */
        private List<Class<? extends DataException>> expected(int at) {
            if (at < 4) {
                return List.of(MalformedEnvelopeException.class);
            }
            if (at == 4) {
                return List.of(UnsupportedEnvelopeException.class);
            }
            if (at >= header && at < header + 10) {
                // One change gives another accepted segment length, which the header's tag then refuses.
                return List.of(UnsupportedEnvelopeException.class, AuthenticationFailedException.class);
            }
            if (at < 13) {
                return List.of(MalformedEnvelopeException.class, TruncatedEnvelopeException.class);
            }
            if (at < header) {
                return List.of(MalformedEnvelopeException.class, AuthenticationFailedException.class);
            }
            if (at >= header + 74 && at < header + 78) {
                return List.of(MalformedEnvelopeException.class, TruncatedEnvelopeException.class);
            }
            return List.of(AuthenticationFailedException.class);
        }
    }

    @Nested
    class AChangedByteOfAPortableEnvelope {
        @ParameterizedTest
        @EnumSource(names = {"BYTES", "STREAMS", "SEEKABLE"})
        void isRefusedOrWithoutEffectInTheUnboundPart(Decrypting verb) {
            byte[] envelope = portable.encrypt(SMALL, CONTEXT);
            EnvelopeCipher byKek =
                    EnvelopeCipher.portable(TestTenant.in(folder).providers(), Set.of(TestTenant.CUSTOMER));
            int bound = 13 + ByteBuffer.wrap(envelope).getInt(5);
            int header = headerLength(envelope);
            assertThat(header - bound).as("bytes of recipients").isGreaterThan(100);
            int withoutEffect = 0;
            for (int at = 0; at < envelope.length; at++) {
                for (int bit = 0; bit < 8; bit++) {
                    byte[] changed = envelope.clone();
                    changed[at] ^= (byte) (1 << bit);
                    boolean unbound = at >= bound && at < header;
                    try {
                        assertThat(verb.decrypt(byKek, changed, CONTEXT, out)).isEqualTo(SMALL);
                        assertThat(unbound).as("byte %d is not bound", at).isTrue();
                        withoutEffect++;
                    } catch (DataException refused) {
                        assertThat(out.released.size()).isZero();
                    }
                }
            }
            // With its keychain the wraps that travel along are not even looked at.
            byte[] changed = envelope.clone();
            changed[header - 1] ^= 1;
            assertThat(verb.decrypt(portable, changed, CONTEXT, out)).isEqualTo(SMALL);
            assertThat(withoutEffect)
                    .as("changes of the only wrap that open all the same")
                    .isZero();
        }
    }

    @Nested
    class ACutEnvelope {
        @ParameterizedTest
        @EnumSource
        @FormatRule({"P2", "P8"})
        void isTruncatedWhereverItWasCut(Decrypting verb) {
            byte[] envelope = cipher.encrypt(SMALL, CONTEXT);
            for (int length = 0; length < envelope.length; length++) {
                assertTruncated(verb, Arrays.copyOf(envelope, length), new byte[0]);
            }
        }

        @ParameterizedTest
        @EnumSource
        @FormatRule("P8")
        void ofManySegmentsIsTruncatedWhereverItWasCut(Decrypting verb) {
            byte[] plaintext = random(3 * FULL + 100);
            byte[] envelope = cipher.encrypt(plaintext, CONTEXT);
            int payload = headerLength(envelope) + 74;
            for (int segment = 0; segment < 4; segment++) {
                for (int part : new int[] {0, 1, 4, 16, 31, 32, 33, 100, 131}) {
                    assertTruncated(verb, Arrays.copyOf(envelope, payload + segment * SEGMENT + part), plaintext);
                }
            }
            assertTruncated(verb, Arrays.copyOf(envelope, envelope.length - 1), plaintext);
        }

        private void assertTruncated(Decrypting verb, byte[] cut, byte[] plaintext) {
            Throwable refusal = catchThrowable(() -> verb.decrypt(cipher, cut, CONTEXT, out));
            assertThat(refusal)
                    .as("%s, cut to %d", verb, cut.length)
                    .isInstanceOf(TruncatedEnvelopeException.class)
                    .hasMessageContaining("to do:");
            assertReleasedOnlyAuthentic(verb, plaintext);
        }
    }

    @Nested
    class Segments {
        private final byte[] plaintext = random(3 * FULL + 100);
        private final byte[] envelope = cipher.encrypt(plaintext, CONTEXT);
        private final int payload = headerLength(envelope) + 74;

        @ParameterizedTest
        @EnumSource
        void changedAnywhereAreNotAuthentic(Decrypting verb) {
            for (int segment = 0; segment < 4; segment++) {
                for (int part : new int[] {4, 15, 16, 80, 115}) {
                    byte[] changed = envelope.clone();
                    changed[payload + segment * SEGMENT + part] ^= 0x20;
                    KeywrapException refusal = refusal(verb, changed);
                    assertThat(refusal).isInstanceOf(AuthenticationFailedException.class);
                    assertThat(((AuthenticationFailedException) refusal).segment())
                            .hasValue(segment);
                }
            }
        }

        @ParameterizedTest
        @EnumSource
        @FormatRule("P6")
        void swappedAreNotAuthentic(Decrypting verb) {
            for (int[] order : new int[][] {{1, 0, 2}, {0, 2, 1}, {2, 1, 0}}) {
                assertThat(refusal(verb, reordered(order))).isInstanceOf(AuthenticationFailedException.class);
            }
        }

        @ParameterizedTest
        @EnumSource
        @FormatRule("P6")
        void droppedOrRepeatedAreNotAuthentic(Decrypting verb) {
            for (int[] order : new int[][] {{1, 2}, {0, 2}, {0, 1}, {}, {0, 0, 1, 2}, {0, 1, 1, 2}, {0, 1, 2, 2}}) {
                assertThat(refusal(verb, reordered(order))).isInstanceOf(AuthenticationFailedException.class);
            }
        }

        @ParameterizedTest
        @EnumSource
        void ofAnotherEnvelopeOfTheSameObjectAreNotAuthentic(Decrypting verb) {
            byte[] other = cipher.encrypt(plaintext, CONTEXT);
            for (int segment = 0; segment < 4; segment++) {
                byte[] mixed = envelope.clone();
                int at = payload + segment * SEGMENT;
                System.arraycopy(other, at, mixed, at, Math.min(SEGMENT, mixed.length - at));
                assertThat(refusal(verb, mixed)).isInstanceOf(AuthenticationFailedException.class);
            }
        }

        @ParameterizedTest
        @EnumSource
        void withALastOneThatEndsEarlierAreRefused(Decrypting verb) {
            byte[] shorter = reordered(0, 1);
            // The full segment 2 dressed up as the last one, at its own place.
            System.arraycopy(envelope, payload + 2 * SEGMENT, shorter, payload + 2 * SEGMENT, 132);
            ByteBuffer.wrap(shorter).putInt(payload + 2 * SEGMENT, 132);
            assertThat(refusal(verb, shorter)).isInstanceOf(AuthenticationFailedException.class);
        }

        @ParameterizedTest
        @EnumSource
        @FormatRule("P9")
        void withSomethingBehindTheEndAreRefused(Decrypting verb) {
            for (byte[] whole : List.of(envelope, cipher.encrypt(random(2 * FULL), CONTEXT))) {
                for (int tail : new int[] {1, 4, 31, 32, 100, SEGMENT - 132, SEGMENT, 2 * SEGMENT}) {
                    byte[] longer = Arrays.copyOf(whole, whole.length + tail);
                    Throwable refusal = catchThrowable(() -> verb.decrypt(cipher, longer, CONTEXT, out));
                    if (verb.readsTheEndFirst()) {
                        // It reads the end first, which looks like whatever was added.
                        assertThat(refusal).isInstanceOf(DataException.class);
                    } else {
                        assertThat(refusal)
                                .as("%d bytes behind", tail)
                                .isInstanceOf(MalformedEnvelopeException.class)
                                .hasMessageContaining("follows the last segment");
                    }
                    assertReleasedOnlyAuthentic(verb, plaintextOf(whole));
                }
            }
        }

        private byte[] plaintextOf(byte[] whole) {
            return whole == envelope ? plaintext : random(2 * FULL);
        }

        private KeywrapException refusal(Decrypting verb, byte[] changed) {
            try {
                verb.decrypt(cipher, changed, CONTEXT, out);
                return fail("%s accepted a changed envelope", verb);
            } catch (KeywrapException refused) {
                assertReleasedOnlyAuthentic(verb, plaintext);
                return refused;
            }
        }

        /** The headers, some of the first three segments, and the last one. */
        private byte[] reordered(int... order) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(envelope, 0, payload);
            for (int segment : order) {
                bytes.write(envelope, payload + segment * SEGMENT, SEGMENT);
            }
            bytes.write(envelope, payload + 3 * SEGMENT, envelope.length - payload - 3 * SEGMENT);
            return bytes.toByteArray();
        }
    }

    @Nested
    class AfterAFailure {
        @Test
        @FormatRule("P12")
        void theReaderFailsForGoodAndGivesNothingMore() throws IOException {
            byte[] envelope = cipher.encrypt(random(2 * FULL), CONTEXT);
            envelope[headerLength(envelope) + 74 + SEGMENT + 50] ^= 1;
            InputStream in = cipher.reader(new ByteArrayInputStream(envelope), CONTEXT);
            assertThat(in.readNBytes(FULL)).isEqualTo(Arrays.copyOf(random(2 * FULL), FULL));
            for (int i = 0; i < 3; i++) {
                assertThat(catchThrowable(in::read))
                        .isInstanceOf(IOException.class)
                        .hasCauseInstanceOf(AuthenticationFailedException.class);
                assertThat(in.available()).isZero();
            }
            in.close();
            in.close();
        }

        @Test
        @FormatRule("P12")
        void theChannelIsClosed() throws IOException {
            byte[] envelope = cipher.encrypt(random(2 * FULL), CONTEXT);
            envelope[headerLength(envelope) + 74 + 50] ^= 1;
            Path file = Files.write(folder.resolve("changed.kwrp"), envelope);
            SeekableByteChannel channel = cipher.channel(FileChannel.open(file), CONTEXT);
            assertThat(channel.size()).isEqualTo(2 * FULL);
            assertThat(catchThrowable(() -> channel.read(ByteBuffer.allocate(10))))
                    .isInstanceOf(IOException.class)
                    .hasCauseInstanceOf(AuthenticationFailedException.class);
            assertThat(channel.isOpen()).isFalse();
            assertThat(catchThrowable(() -> channel.read(ByteBuffer.allocate(10))))
                    .isInstanceOf(ClosedChannelException.class);
        }
    }

    /** A channel may be read in pieces of any size, the others release a segment at a time. */
    private void assertReleasedOnlyAuthentic(Decrypting verb, byte[] plaintext) {
        byte[] released = out.released.toByteArray();
        assertThat(verb.readsTheEndFirst() || released.length % FULL == 0).isTrue();
        assertThat(released).isEqualTo(Arrays.copyOf(plaintext, released.length));
        assertThat(released.length).isLessThanOrEqualTo(plaintext.length);
    }

    private static int headerLength(byte[] envelope) {
        ByteBuffer in = ByteBuffer.wrap(envelope);
        return EnvelopeHeader.FIXED_BYTES + in.getInt(5) + in.getInt(9);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
