package io.keywrap.stream;

import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.file.AtomicFile;
import io.keywrap.stream.FileEngine.Region;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The verbs whose target is a file, which appears whole or not at all. */
final class FileVerbs {
    /** From here on a file is worth more than one thread. Smaller ones are read to their end whatever length they claim. */
    private static final long LARGE_BYTES = 1024 * 1024;

    private FileVerbs() {}

    static EnvelopeHeader encrypt(Path source, Path target, Supplier<OpenedEnvelope> opening, Workers workers)
            throws IOException {
        requireDifferent(source, target);
        try (FileSource in = FileSource.open(source)) {
            return toFile(AtomicFile.replacing(target), file -> {
                try (OpenedEnvelope envelope = opening.get()) {
                    return in.isLarge()
                            ? encryptLarge(envelope, in, file, workers)
                            : StreamEngine.encrypt(envelope, in.stream, ChannelStreams.to(file), workers);
                }
            });
        }
    }

    static EnvelopeHeader decrypt(Path source, Path target, InMemory.Opening opening, Workers workers)
            throws IOException {
        requireDifferent(source, target);
        try (FileSource in = FileSource.open(source)) {
            return toFile(AtomicFile.replacingInPrivate(target), file -> {
                try (OpenedEnvelope envelope = opening.open(in.stream)) {
                    return in.isLarge()
                            ? decryptLarge(envelope, in, file, workers)
                            : StreamEngine.decrypt(envelope, in.stream, ChannelStreams.to(file), workers);
                }
            });
        }
    }

    /** Any verb whose sink is a file. */
    static EnvelopeHeader toFile(AtomicFile target, Writing verb) throws IOException {
        try (AtomicFile file = target) {
            EnvelopeHeader header = verb.run(file.channel());
            file.commit();
            return header;
        }
    }

    private static EnvelopeHeader encryptLarge(
            OpenedEnvelope envelope, FileSource source, FileChannel target, Workers workers) throws IOException {
        ChannelStreams.to(target).write(envelope.headers());
        FileEngine.transfer(
                envelope, Direction.ENCRYPT, source.rest(), new Region(target, target.position(), 0), workers);
        return envelope.header();
    }

    private static EnvelopeHeader decryptLarge(
            OpenedEnvelope envelope, FileSource source, FileChannel target, Workers workers) throws IOException {
        workers.progress().accept(envelope.headers().length);
        FileEngine.transfer(envelope, Direction.DECRYPT, source.rest(), new Region(target, 0, 0), workers);
        if (source.hasGrown()) {
            throw SegmentOpener.followed();
        }
        return envelope.header();
    }

    private static void requireDifferent(Path source, Path target) throws IOException {
        if (Files.exists(target) && Files.isSameFile(source, target)) {
            throw new IOException("source and target are the same file: " + source);
        }
    }

    /** Writes a file. */
    interface Writing {
        EnvelopeHeader run(FileChannel file) throws IOException;
    }

    /** A file to read: a large one with the length that it has now, any other one as a stream. */
    private static final class FileSource implements AutoCloseable {
        final InputStream stream;
        private final @Nullable FileChannel channel;
        private final long length;

        private FileSource(InputStream stream) {
            this.stream = stream;
            this.channel = null;
            this.length = 0;
        }

        private FileSource(FileChannel channel) throws IOException {
            this.stream = ChannelStreams.from(channel);
            this.channel = channel;
            this.length = channel.size();
        }

        static FileSource open(Path file) throws IOException {
            if (!Files.isRegularFile(file) || Files.size(file) < LARGE_BYTES) {
                return new FileSource(Files.newInputStream(file));
            }
            FileChannel channel;
            try {
                channel = FileChannel.open(file);
            } catch (UnsupportedOperationException e) { // Not every file system has them.
                return new FileSource(Files.newInputStream(file));
            }
            try {
                return new FileSource(channel);
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        }

        boolean isLarge() {
            return channel != null;
        }

        /** From where the stream is, up to the length that the file had. */
        Region rest() throws IOException {
            long at = large().position();
            return new Region(large(), at, Math.max(0, length - at));
        }

        boolean hasGrown() throws IOException {
            return large().size() > length;
        }

        private FileChannel large() {
            return Objects.requireNonNull(channel, "a small file is a stream");
        }

        @Override
        public void close() throws IOException {
            if (channel == null) {
                stream.close();
            } else {
                channel.close();
            }
        }
    }
}
