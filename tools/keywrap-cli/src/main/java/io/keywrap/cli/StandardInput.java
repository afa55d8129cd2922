package io.keywrap.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;

/**
 * Standard input that an interrupt ends: whoever reads from a pipe that gives nothing would else wait for it after the customer
 * has revoked the KEK.
 */
final class StandardInput extends InputStream {
    private final FileInputStream file;
    private final FileChannel channel;

    StandardInput(FileInputStream file) {
        this.file = file;
        this.channel = file.getChannel();
    }

    @Override
    public int read() throws IOException {
        byte[] single = new byte[1];
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        return length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length));
    }

    /** What a channel cannot tell of a pipe. */
    @Override
    public int available() throws IOException {
        return file.available();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
