package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KeywrapException;
import io.keywrap.stream.EnvelopeView.RangeReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;

/** Every verb that decrypts, seen alike: an envelope in, plaintext out, and what was released if it fails. */
enum Decrypting {
    BYTES {
        @Override
        void run(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out) {
            out.released.writeBytes(cipher.decrypt(envelope, expected));
        }
    },
    STREAMS {
        @Override
        void run(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out) throws IOException {
            cipher.decrypt(new ByteArrayInputStream(envelope), out.released, expected);
        }
    },
    ODD_STREAMS {
        @Override
        void run(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out) throws IOException {
            cipher.decrypt(OddStreams.shortReads(envelope, 70_000, new Random(1)), out.released, expected);
        }
    },
    CHANNELS {
        @Override
        void run(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out) throws IOException {
            Random random = new Random(2);
            cipher.decrypt(
                    OddStreams.shortReadsChannel(envelope, 70_000, random),
                    OddStreams.shortWritesChannel(out.released, 70_000, random),
                    expected);
        }
    },
    PATHS {
        @Override
        void run(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out) throws IOException {
            Path source = Files.write(out.folder.resolve("in.kwrp"), envelope);
            Path target = out.folder.resolve("out");
            try {
                cipher.decrypt(source, target, expected);
                out.released.writeBytes(Files.readAllBytes(target));
                Files.delete(target);
            } finally {
                try (Stream<Path> left = Files.list(out.folder)) {
                    assertThat(left).as("no target, whole or in part").containsExactly(source);
                }
            }
        }
    },
    READER {
        @Override
        void run(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out) throws IOException {
            try (InputStream in = cipher.reader(new ByteArrayInputStream(envelope), expected)) {
                in.transferTo(out.released);
            }
        }
    },
    SEEKABLE {
        @Override
        void run(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out) throws IOException {
            Path source = Files.write(out.folder.resolve("in.kwrp"), envelope);
            try (SeekableByteChannel in = cipher.channel(FileChannel.open(source), expected)) {
                Channels.newInputStream(in).transferTo(out.released);
                assertThat(in.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                assertThat(in.size()).isEqualTo(out.released.size());
            }
        }
    },
    RANGES {
        @Override
        void run(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out) throws IOException {
            RangeReader reader = (offset, length) ->
                    Arrays.copyOfRange(envelope, Math.toIntExact(offset), Math.toIntExact(offset + length));
            try (EnvelopeView first = cipher.view(reader, envelope.length, expected);
                    EnvelopeView in = first.view()) {
                ByteBuffer all = ByteBuffer.allocate((int) in.size() + 1);
                while (all.position() < in.size()) {
                    in.read(all.limit(Math.min(all.capacity(), all.position() + 100_000)));
                    out.released.write(all.array(), out.released.size(), all.position() - out.released.size());
                }
                assertThat(in.read(all.clear())).isEqualTo(-1);
            }
        }
    };

    /** Whether it authenticates the end before the beginning. */
    boolean readsTheEndFirst() {
        return this == SEEKABLE || this == RANGES;
    }

    abstract void run(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out)
            throws IOException;

    /** Decrypts; a failure that a stream had to wrap comes out as the verbs throw it. */
    byte[] decrypt(EnvelopeCipher cipher, byte[] envelope, EncryptionContext expected, Output out) {
        out.released.reset();
        try {
            run(cipher, envelope, expected, out);
            return out.released.toByteArray();
        } catch (IOException e) {
            if (e.getCause() instanceof KeywrapException cause) {
                assertThat(e).hasMessage(cause.getMessage());
                throw cause;
            }
            throw new AssertionError(this + " failed with an I/O error", e);
        }
    }

    /** Where plaintext goes. */
    static final class Output {
        final Path folder;
        final ByteArrayOutputStream released = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                super.write(bytes, offset, length);
                afterRelease.run();
            }
        };
        Runnable afterRelease = () -> {};

        Output(Path folder) throws IOException {
            this.folder = Files.createTempDirectory(folder, "verbs");
        }
    }
}
