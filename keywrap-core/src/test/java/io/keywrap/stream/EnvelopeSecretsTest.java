package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.DekLease;
import io.keywrap.TestTenant;
import io.keywrap.crypto.Gcm;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.crypto.StubProvider;
import io.keywrap.crypto.Workbench;
import io.keywrap.stream.OddStreams.Broken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.security.Provider;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys end with the call that took them, however it ends, and nothing is encrypted once they are gone. */
class EnvelopeSecretsTest extends RecordedFixture {
    private static final int FULL = SEGMENT - 32;

    @Nested
    class Leases {
        @ParameterizedTest
        @EnumSource
        void areClosedAfterEncrypting(Encrypting verb) throws IOException {
            verb.encrypt(cipher, random(2 * FULL), CONTEXT, folder);
            assertAllClosed(1);
        }

        @ParameterizedTest
        @EnumSource
        void areClosedAfterDecrypting(Decrypting verb) throws IOException {
            byte[] envelope = cipher.encrypt(random(2 * FULL), CONTEXT);
            verb.decrypt(cipher, envelope, CONTEXT, new Decrypting.Output(folder));
            assertAllClosed(2);
        }

        @ParameterizedTest
        @EnumSource
        void areClosedWhereHeaderSegmentOrEndAreWrong(Decrypting verb) throws IOException {
            byte[] envelope = cipher.encrypt(random(2 * FULL), CONTEXT);
            int payload = 13 + ByteBuffer.wrap(envelope).getInt(5);
            Decrypting.Output out = new Decrypting.Output(folder);
            for (int at : new int[] {payload + 73, payload + 74 + 40, envelope.length - 1}) {
                byte[] changed = envelope.clone();
                changed[at] ^= 1;
                assertThatExceptionOfType(AuthenticationFailedException.class)
                        .isThrownBy(() -> verb.decrypt(cipher, changed, CONTEXT, out));
            }
            assertAllClosed(4);
        }

        @Test
        void areClosedWhereSourceOrSinkBreaks() {
            InputStream source = OddStreams.breakingAfter(random(FULL + 1));
            assertThatExceptionOfType(Broken.class)
                    .isThrownBy(() -> cipher.encrypt(source, OutputStream.nullOutputStream(), CONTEXT));
            OutputStream full = OddStreams.fullAfter(10, OutputStream.nullOutputStream());
            assertThatExceptionOfType(Broken.class).isThrownBy(() -> cipher.writer(full, CONTEXT));
            assertAllClosed(2);
        }

        @ParameterizedTest
        @EnumSource(names = {"STREAMS", "READER", "SEEKABLE"})
        void thatEndMeanwhileStopTheVerb(Decrypting verb) throws IOException {
            byte[] envelope = cipher.encrypt(random(5 * FULL), CONTEXT);
            Decrypting.Output out = new Decrypting.Output(folder);
            out.afterRelease = () -> keys.leases.get(keys.leases.size() - 1).close();
            assertThatIllegalStateException().isThrownBy(() -> verb.run(cipher, envelope, CONTEXT, out));
            assertThat(out.released.size()).isLessThanOrEqualTo(FULL);
        }

        private void assertAllClosed(int count) {
            assertThat(keys.leases).hasSize(count).allMatch(DekLease::isClosed);
        }
    }

    @Nested
    class AWriterThatIsClosedMeanwhile {
        @Test
        void encryptsNothingMore() throws IOException {
            EnvelopeWriter[] writer = new EnvelopeWriter[1];
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            OutputStream sink = new OutputStream() {
                @Override
                public void write(int single) {
                    throw new AssertionError("segments are written whole");
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    written.write(bytes, offset, length);
                    if (written.size() > 2 * SEGMENT) {
                        writer[0].close();
                    }
                }
            };
            writer[0] = cipher.writer(sink, CONTEXT);
            assertThatIOException().isThrownBy(() -> writer[0].stream().write(random(6 * FULL)));
            assertThat(written.size()).isLessThan(3 * SEGMENT);
            assertThatIllegalStateException().isThrownBy(() -> writer[0].commit());
        }

        @Test
        void neverEncryptsUnderAKeyOfZeros() throws Exception {
            for (int round = 0; round < 30; round++) {
                ByteArrayOutputStream written = new ByteArrayOutputStream();
                EnvelopeWriter writer = cipher.writer(written, CONTEXT);
                Thread closer = new Thread(writer::close);
                closer.start();
                try {
                    writer.stream().write(random(12 * FULL));
                    writer.commit();
                } catch (IOException | IllegalStateException closed) {
                    assertThat(closed).isNotNull();
                }
                closer.join();
                assertNoSegmentUnderZeros(written.toByteArray());
            }
        }

        private void assertNoSegmentUnderZeros(byte[] envelope) throws Exception {
            int payload = 13 + ByteBuffer.wrap(envelope).getInt(5) + 74;
            try (Gcm zeros = Jca.platform().gcm(new byte[32])) {
                for (long i = 0; payload + (i + 1) * SEGMENT <= envelope.length; i++) {
                    byte[] aad = ByteBuffer.allocate(9).putLong(i).array();
                    Slice body = new Slice(envelope, (int) (payload + i * SEGMENT + 4), SEGMENT - 4);
                    assertThatExceptionOfType(AEADBadTagException.class)
                            .isThrownBy(() -> zeros.open(body, aad, new byte[FULL], 0));
                }
            }
        }
    }

    @Nested
    class Buffers {
        @Test
        void ofAWriterAreWiped() throws Exception {
            EnvelopeWriter writer = cipher.writer(OutputStream.nullOutputStream(), CONTEXT);
            byte[] pattern = new byte[1000];
            Arrays.fill(pattern, (byte) 7);
            writer.stream().write(pattern);
            byte[] buffer = (byte[]) field(field(writer, "segments"), "plaintext");
            assertThat(buffer).contains(7);
            writer.close();
            assertThat(buffer).containsOnly(0);
        }

        @Test
        void ofAReaderAreWiped() throws Exception {
            byte[] plaintext = new byte[1000];
            Arrays.fill(plaintext, (byte) 7);
            InputStream reader = cipher.reader(new ByteArrayInputStream(cipher.encrypt(plaintext, CONTEXT)), CONTEXT);
            assertThat(reader.read()).isEqualTo(7);
            byte[] buffer = (byte[]) field(field(reader, "reader"), "plaintext");
            assertThat(buffer).contains(7);
            reader.close();
            assertThat(buffer).containsOnly(0);
        }

        @Test
        void ofKeysAreWiped() throws Exception {
            EnvelopeWriter writer = cipher.writer(OutputStream.nullOutputStream(), CONTEXT);
            writer.stream().write(random(2 * FULL));
            byte[] messageKey = (byte[]) field(field(field(writer, "envelope"), "message"), "messageKey");
            Object gcm = field(field(field(writer, "segments"), "segments"), "gcm");
            byte[] segmentKey = (byte[]) field(field(gcm, "key"), "key");
            assertThat(messageKey).hasSize(48);
            assertThat(segmentKey).hasSize(32);
            assertThat(messageKey).isNotEqualTo(new byte[48]);
            assertThat(segmentKey).isNotEqualTo(new byte[32]);
            writer.close();
            assertThat(messageKey).containsOnly(0);
            assertThat(segmentKey).containsOnly(0);
        }

        /** As a module in an error state does, when the keys are withdrawn. */
        @Test
        void ofAStreamAreWipedAlsoWhereTheProviderFailsToForgetAKey() {
            AtomicBoolean broken = new AtomicBoolean();
            Provider provider = StubProvider.thatBreaks(broken::get);
            TestTenant tenant = TestTenant.in(folder, options -> options.cryptoProvider(provider));
            RecordingKeys stubs = new RecordingKeys(new KeychainKeys(tenant.keychain("stubs")));
            Set<byte[]> buffers = new HashSet<>();
            InputStream source = new ByteArrayInputStream(random(30 * FULL)) {
                @Override
                public synchronized int read(byte[] target, int offset, int length) {
                    buffers.add(target);
                    int n = super.read(target, offset, length);
                    if (n < 0) {
                        broken.set(true);
                        stubs.leases
                                .get(0)
                                .shared(Workbench.class, () -> {
                                    throw new AssertionError("it has one");
                                })
                                .close();
                    }
                    return n;
                }
            };
            EnvelopeCipher parallel =
                    EnvelopeCipher.of(stubs).withParallelism(2).withExecutor(task -> {});
            assertThatIllegalStateException()
                    .isThrownBy(() -> parallel.encrypt(source, OutputStream.nullOutputStream(), CONTEXT));
            assertThat(buffers)
                    .hasSizeGreaterThan(2)
                    .allSatisfy(buffer -> assertThat(Arrays.mismatch(buffer, new byte[buffer.length]))
                            .isEqualTo(-1));
        }

        private Object field(Object owner, String name) throws ReflectiveOperationException {
            Field field = owner.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(owner);
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
