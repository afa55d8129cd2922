package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekLease;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeMessage;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeMessage.Segments;
import io.keywrap.floe.FloeParameters;
import io.keywrap.rewrap.PortableRewrap.Rewrapped;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeView;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An envelope of more than 4 GiB, of which only header and end were ever written: more than 32 bits are needed everywhere. */
@Tag("endurance")
class PortableRewrapEnduranceTest extends PortableFixture {
    private static final long SEGMENTS = (5L << 30) / FloeParameters.DEFAULT_SEGMENT_BYTES;

    @Test
    void fiveGibibytesAreCopiedByteForByte() throws IOException {
        long length = sparse();

        Path target = work.resolve("target");
        long[] told = new long[1];
        Rewrapped rewrapped = to(OLD, NEW).withProgress(n -> told[0] += n).rewrap(envelope, target);

        assertThat(Files.size(target)).isEqualTo(rewrapped.lengthOf(length)).isGreaterThan(5L << 30);
        assertThat(told[0]).isEqualTo(length - rewrapped.payloadOffset());
        requireSamePayload(target, rewrapped);
        try (EnvelopeView view =
                EnvelopeCipher.portable(tenant.providers(), Set.of(NEW)).view(target, CONTEXT)) {
            assertThat(view.size())
                    .isEqualTo(SEGMENTS * (FloeParameters.DEFAULT_SEGMENT_BYTES - 32) + 12_345);
        }
    }

    /** The segments before the last are a hole in the file; nobody reads them here. */
    private long sparse() throws IOException {
        EnvelopeHeader header = header(before);
        byte[] rest = Arrays.copyOf(DATA, 12_345);
        FloeParameters parameters = FloeParameters.ofSegmentLength(FloeParameters.DEFAULT_SEGMENT_BYTES);
        byte[] last = new byte[rest.length + FloeParameters.SEGMENT_OVERHEAD_BYTES];
        try (FileChannel file =
                        FileChannel.open(envelope, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
                DekLease lease = keychain.lease(header.dekId(), Usage.ENVELOPES);
                FloeMessage message = lease.withBytes(key -> FloeMessage.startEncryption(
                        new Keyed(key.clone(), header.associatedData()), parameters, Jca.platform()));
                Segments segments = message.segments()) {
            file.write(ByteBuffer.wrap(header.toBytes()));
            file.write(ByteBuffer.wrap(message.header()));
            segments.encryptLast(SEGMENTS, Slice.of(rest), last, 0);
            file.write(ByteBuffer.wrap(last), file.position() + SEGMENTS * parameters.segmentBytes());
            return file.size();
        }
    }

    private void requireSamePayload(Path target, Rewrapped rewrapped) throws IOException {
        try (FileChannel one = FileChannel.open(envelope);
                FileChannel other = FileChannel.open(target)) {
            one.position(rewrapped.payloadOffset());
            other.position(rewrapped.toBytes().length);
            DataInputStream expected = new DataInputStream(Channels.newInputStream(one));
            DataInputStream actual = new DataInputStream(Channels.newInputStream(other));
            byte[] first = new byte[1 << 20];
            byte[] second = new byte[1 << 20];
            long left = one.size() - one.position();
            assertThat(other.size() - other.position()).isEqualTo(left);
            for (; left > 0; left -= first.length) {
                int n = (int) Math.min(first.length, left);
                expected.readFully(first, 0, n);
                actual.readFully(second, 0, n);
                assertThat(Arrays.equals(first, 0, n, second, 0, n)).isTrue();
            }
        }
    }
}
