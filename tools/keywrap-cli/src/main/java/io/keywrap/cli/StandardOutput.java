package io.keywrap.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;

/**
 * Standard output that an interrupt ends, if it is to: whoever writes data to a pipe that takes nothing would else wait for it
 * after the customer has revoked the KEK. Results are written by threads that may be interrupted for other reasons.
 */
final class StandardOutput extends OutputStream {
    private final FileOutputStream file;
    private final FileChannel channel;
    private volatile boolean endsByInterrupts;

    StandardOutput(FileOutputStream file) {
        this.file = file;
        this.channel = file.getChannel();
    }

    /** From now on an interrupt ends it. */
    void endByInterrupts() {
        endsByInterrupts = true;
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (!endsByInterrupts) {
            file.write(bytes, offset, length);
            return;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
