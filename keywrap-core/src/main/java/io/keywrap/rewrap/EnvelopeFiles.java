package io.keywrap.rewrap;

import io.keywrap.file.AtomicFile;
import io.keywrap.file.FileTrait;
import io.keywrap.floe.FloeMessage;
import io.keywrap.rewrap.PortableRewrap.Rewrapped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Files that get another header, and the payload of an old one.
 *
 * @param keepTimes whether they keep their times of modification
 * @param progress is given how many bytes more were copied
 */
record EnvelopeFiles(boolean keepTimes, LongConsumer progress) {
    /** So that a progress moves and an interrupt is seen. */
    private static final long CHUNK_BYTES = 16L << 20;

    static EnvelopeFiles ofDefaults() {
        return new EnvelopeFiles(false, bytes -> {});
    }

    EnvelopeFiles keepingTimes() {
        return new EnvelopeFiles(true, progress);
    }

    EnvelopeFiles telling(LongConsumer listener) {
        return new EnvelopeFiles(keepTimes, listener);
    }

    /** Makes the header. */
    interface Rewrapping {
        Rewrapped rewrapped(Beginning old, Check more) throws IOException;
    }

    /** What else must be true of a payload whose header is authentic. */
    interface Check {
        void check(FloeMessage message) throws IOException;
    }

    Rewrapped inPlace(Path envelope, Rewrapping rewrapping) throws IOException {
        try (Source source = Source.open(envelope)) {
            Rewrapped header = source.rewrapped(rewrapping);
            if (header.changed()) {
                write(source, header, envelope, EnumSet.allOf(FileTrait.class));
            }
            return header;
        }
    }

    Rewrapped toAnother(Path envelope, Path target, Rewrapping rewrapping) throws IOException {
        if (Files.exists(target) && Files.isSameFile(envelope, target)) {
            throw new IOException("source and target are the same file: " + envelope + "; to do: re-wrap it in place");
        }
        try (Source source = Source.open(envelope)) {
            Rewrapped header = source.rewrapped(rewrapping);
            write(source, header, target, EnumSet.of(FileTrait.PERMISSIONS, FileTrait.TIME));
            return header;
        }
    }

    private void write(Source source, Rewrapped header, Path target, Set<FileTrait> traits) throws IOException {
        if (!keepTimes) {
            traits.remove(FileTrait.TIME);
        }
        try (AtomicFile file = AtomicFile.replacingInPrivate(target)) {
            file.expect(header.lengthOf(source.state.length()));
            try {
                copy(source, header, file.channel());
            } catch (IOException e) {
                throw file.failed(e);
            }
            if (AtomicFile.isThere(target)) {
                traits.remove(FileTrait.PERMISSIONS); // It takes those of the target, and has no wider ones before.
            }
            file.take(source.file, traits);
            force(file); // Long for a large file, so that the last look at the old one comes after.
            source.requireUnchanged();
            file.commit();
        }
    }

    private static void force(AtomicFile file) throws IOException {
        try {
            file.channel().force(true);
        } catch (IOException e) {
            throw file.failed(e);
        }
    }

    /** The payload stays in the kernel where that can do it. */
    private void copy(Source source, Rewrapped header, FileChannel to) throws IOException {
        ByteBuffer first = ByteBuffer.wrap(header.toBytes());
        while (first.hasRemaining()) {
            to.write(first);
        }
        long end = source.state.length();
        for (long at = header.payloadOffset(); at < end; ) {
            long n = source.channel.transferTo(at, Math.min(CHUNK_BYTES, end - at), to);
            if (n <= 0) {
                throw source.changed();
            }
            at += n;
            progress.accept(n);
        }
    }

    /** An envelope's file, and how it was when it was opened. */
    private static final class Source implements AutoCloseable {
        private final Path file;
        private final State state;
        private final FileChannel channel;

        private Source(Path file, State state, FileChannel channel) {
            this.file = file;
            this.state = state;
            this.channel = channel;
        }

        static Source open(Path file) throws IOException {
            State state =
                    State.of(file); // Before it is opened, so that a file that takes its name meanwhile is noticed.
            return new Source(file, state, FileChannel.open(file));
        }

        @SuppressWarnings("StreamResourceLeak") // Closing the stream would close the channel.
        Rewrapped rewrapped(Rewrapping rewrapping) throws IOException {
            Beginning old = Beginning.read(Channels.newInputStream(channel));
            long payloadAt = old.header().toBytes().length;
            return rewrapping.rewrapped(
                    old, message -> PayloadEnd.require(message, channel, payloadAt, state.length()));
        }

        void requireUnchanged() throws IOException {
            if (!State.of(file).equals(state) || channel.size() != state.length()) {
                throw changed();
            }
        }

        IOException changed() {
            return new FileSystemException(
                    file.toString(),
                    null,
                    "was changed while it was re-wrapped; to do: see who writes it, and run again");
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /**
     * What changes if somebody writes a file or puts another in its place.
     *
     * @param key which file it is, where the file system tells
     * @param length in bytes
     * @param modified when it was written last
     */
    private record State(@Nullable Object key, long length, FileTime modified) {
        static State of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new FileSystemException(
                        file.toString(), null, attributes.isDirectory() ? "is a folder" : "is no regular file");
            }
            return new State(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
        }
    }
}
