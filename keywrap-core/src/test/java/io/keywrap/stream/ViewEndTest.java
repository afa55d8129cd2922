package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywrap.DataException;
import io.keywrap.DekLease;
import io.keywrap.KekRevokedException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.provider.InFlight;
import io.keywrap.stream.EnvelopeCipher.ContextMatch;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a view leaves behind, however it ends: no file, no key and no lease. */
class ViewEndTest extends RecordedFixture {
    private byte[] envelope;

    @BeforeEach
    void encrypt() {
        byte[] plaintext = new byte[3 * SEGMENT];
        Arrays.fill(plaintext, (byte) 7);
        envelope = cipher.encrypt(plaintext, CONTEXT);
        keys.leases.clear();
    }

    @Test
    void aFileThatIsRefusedIsNotLeftOpen() throws IOException {
        Path handles = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(handles), "open files can be looked at on Linux alone");
        envelope[envelope.length - 1] ^= 1;
        Path file = Files.write(folder.resolve("changed.kwrp"), envelope).toRealPath();
        assertThatExceptionOfType(DataException.class).isThrownBy(() -> cipher.view(file, CONTEXT));
        try (Stream<Path> open = Files.list(handles)) {
            assertThat(open.map(Path::toFile).map(ViewEndTest::canonical)).doesNotContain(file.toString());
        }
        assertThat(keys.leases).hasSize(1).allMatch(DekLease::isClosed);
    }

    @Test
    void aViewIsOpenUntilItIsClosed() throws IOException {
        EnvelopeView view = open(new Source());
        assertThat(view.isOpen()).isTrue();
        view.close();
        assertThat(view.isOpen()).isFalse();
    }

    @Test
    void oneOfSeveralTakesTheKeyOfItsSegmentWithIt() throws Exception {
        try (EnvelopeView first = open(new Source())) {
            EnvelopeView second = first.view();
            second.read(ByteBuffer.allocate(1));
            Object gcm = field(field(field(field(second, "segments"), "opener"), "segments"), "gcm");
            byte[] key = (byte[]) field(field(gcm, "key"), "key");
            assertThat(key).hasSize(32).isNotEqualTo(new byte[32]);
            second.close();
            assertThat(key).containsOnly(0);
            assertThat(first.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
    }

    @Test
    void anotherOneThatCannotBeginKeepsNeitherSourceNorKeys() throws IOException {
        Source source = new Source();
        Source another = new Source();
        source.again = () -> {
            keys.leases.forEach(DekLease::wipe);
            return another;
        };
        EnvelopeView view = open(source);
        assertThatThrownBy(view::view).isInstanceOf(IllegalStateException.class);
        assertThat(another.closed).isTrue();
        assertThat(keys.leases).noneMatch(DekLease::isClosed);
        view.close();
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    @Test
    void anotherOneThatBeginsAsTheLeaseEndsIsOverAtOnce() throws IOException {
        Source source = new Source();
        Source another = new Source();
        try (Revocation tenant = new Revocation(Files.createDirectory(folder.resolve("revoked")), InFlight.ABORT)) {
            keys = new RecordingKeys(new KeychainKeys(tenant.keychain));
            envelope = EnvelopeCipher.of(keys).encrypt(new byte[3 * SEGMENT], CONTEXT);
            keys.leases.clear();
            EnvelopeView first = open(source);
            source.again = () -> {
                tenant.revoke();
                AbortTest.eventually(() -> !first.isOpen());
                return another;
            };
            EnvelopeView second = first.view();
            assertThat(second.isOpen()).isFalse();
            assertThatIOException()
                    .isThrownBy(() -> second.read(ByteBuffer.allocate(1)))
                    .withCauseInstanceOf(KekRevokedException.class);
            AbortTest.eventually(() -> another.closed);
            assertThat(keys.leases).hasSize(1).allMatch(DekLease::isWiped);
        }
    }

    @Test
    void aSourceThatCannotBeClosedEitherHidesNotWhyItIsOver() throws IOException {
        Source source = new Source();
        source.failure = new IOException("it does not close (said by the test)");
        EnvelopeView view = open(source);
        envelope[envelope.length - 2 * SEGMENT] ^= 1;
        assertThatIOException()
                .isThrownBy(() -> view.read(ByteBuffer.allocate(3 * SEGMENT)))
                .withCauseInstanceOf(DataException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(source.failure));
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    private EnvelopeView open(RangeSource source) throws IOException {
        return EnvelopeView.open(
                source, in -> OpenedEnvelope.open(keys, new ExpectedContext(CONTEXT, ContextMatch.EXACT), in), 4);
    }

    private static String canonical(File handle) {
        try {
            return handle.getCanonicalPath();
        } catch (IOException e) {
            return ""; // Such as that of this list.
        }
    }

    private static Object field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    private interface Again {
        RangeSource get();
    }

    private final class Source implements RangeSource {
        private Again again = Source::new;
        private IOException failure = new IOException();
        private volatile boolean closed;

        @Override
        public long length() {
            return envelope.length;
        }

        @Override
        public Slice read(long offset, int length) {
            return Slice.of(Arrays.copyOfRange(envelope, (int) offset, (int) offset + length));
        }

        @Override
        public RangeSource again() {
            return again.get();
        }

        @Override
        public void close() throws IOException {
            closed = true;
            if (failure.getMessage() != null) {
                throw failure;
            }
        }
    }
}
