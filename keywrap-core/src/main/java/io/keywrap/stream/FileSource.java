package io.keywrap.stream;

import io.keywrap.stream.FileEngine.Region;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file to read: a large one with the length that it had at the beginning, any other one as a stream.
 *
 * <p>Files may claim a length that they do not have, as those of {@code /proc} do, whose length is 0; and pipes and devices
 * have none. So what is not large is read to its end, wherever that is.
 */
final class FileSource implements AutoCloseable {
    /** From here on a file is worth more than one thread. */
    private static final long LARGE_BYTES = 1024 * 1024;

    private final InputStream stream;
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
        if (Files.isDirectory(file)) { // Could be opened, but not read, and the failure would not name it.
            throw new FileSystemException(file.toString(), null, "is a folder");
        }
        if (!Files.isRegularFile(file)) {
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

    /** From where the reader is on. */
    InputStream stream() {
        return stream;
    }

    boolean isLarge() {
        return length >= LARGE_BYTES;
    }

    /** From where the stream is, up to the length that the file had. */
    Region rest() throws IOException {
        long at = file().position();
        return new Region(file(), at, Math.max(0, length - at));
    }

    boolean hasGrown() throws IOException {
        return file().size() > length;
    }

    /**
     * Whether the stream has ended too soon because the file was cut, and not because its length never was true. One that was
     * written on since then has something now where it ended.
     */
    boolean hasBecomeShorter() throws IOException {
        return channel != null && channel.position() < length && (channel.size() < length || stream.read() >= 0);
    }

    private FileChannel file() {
        return Objects.requireNonNull(channel, "what has no length is a stream");
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
