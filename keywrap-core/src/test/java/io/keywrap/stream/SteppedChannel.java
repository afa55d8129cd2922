package io.keywrap.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A file's channel that says before each step what it is about to do. */
class SteppedChannel extends FileChannel {
    private final FileChannel real;
    private final SteppedFiles files;
    private boolean nothing;

    SteppedChannel(FileChannel real, SteppedFiles files) {
        this.real = real;
        this.files = files;
        files.handles.add(this);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        files.step("read");
        files.buffers.add(target.array());
        return real.read(target);
    }

    @Override
    public int read(ByteBuffer target, long at) throws IOException {
        files.step("read");
        files.buffers.add(target.array());
        return inParts(target, part -> real.read(part, at));
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        files.step("write");
        files.buffers.add(source.array());
        return real.write(source);
    }

    @Override
    public int write(ByteBuffer source, long at) throws IOException {
        files.step("write");
        files.buffers.add(source.array());
        return inParts(source, part -> real.write(part, at));
    }

    /** As much as the test lets through at once, and every other time nothing. */
    private int inParts(ByteBuffer whole, Move move) throws IOException {
        int most = Math.min(whole.remaining(), files.partBytes);
        if (most == whole.remaining()) {
            return move.of(whole);
        }
        nothing = !nothing;
        if (nothing) {
            return 0;
        }
        int n = move.of(whole.slice().limit(most));
        whole.position(whole.position() + Math.max(0, n));
        return n;
    }

    private interface Move {
        int of(ByteBuffer part) throws IOException;
    }

    @Override
    public long position() throws IOException {
        return real.position();
    }

    @Override
    public FileChannel position(long next) throws IOException {
        real.position(next);
        return this;
    }

    @Override
    public long size() throws IOException {
        files.step("size");
        return real.size();
    }

    @Override
    public void force(boolean all) throws IOException {
        files.step("force");
        real.force(all);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        files.handles.remove(this);
        real.close();
        if (files.atClose != null) {
            throw files.atClose;
        }
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long at, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long at, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long at, long size, boolean shared) throws IOException {
        files.step("lock");
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long at, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
