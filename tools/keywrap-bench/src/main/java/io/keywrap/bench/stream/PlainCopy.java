package io.keywrap.bench.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** No cryptography at all: what reading and writing take. Files through channels and buffers outside the heap. */
final class PlainCopy implements Contestant {
    private final int bufferBytes;
    private final int threads;

    /** By one thread, or by several that take turns in the blocks of a file. */
    PlainCopy(int bufferBytes, int threads) {
        this.bufferBytes = bufferBytes;
        this.threads = threads;
    }

    @Override
    public void encrypt(InputStream plaintext, OutputStream sink) throws IOException {
        Pump.all(plaintext, sink, bufferBytes);
    }

    @Override
    public void decrypt(InputStream ciphertext, OutputStream sink) throws IOException {
        Pump.all(ciphertext, sink, bufferBytes);
    }

    @Override
    public void encrypt(Path plaintext, Path target) throws IOException {
        try (FileChannel source = FileChannel.open(plaintext);
                FileChannel sink = FileChannel.open(target, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            if (threads == 1) {
                Pump.all(source, sink, ByteBuffer.allocateDirect(bufferBytes));
            } else {
                together(source, sink);
            }
        }
    }

    @Override
    public void decrypt(Path ciphertext, Path target) throws IOException {
        encrypt(ciphertext, target);
    }

    private void together(FileChannel source, FileChannel sink) {
        CompletableFuture<?>[] others = new CompletableFuture<?>[threads - 1];
        for (int i = 1; i < threads; i++) {
            int turn = i;
            others[i - 1] = CompletableFuture.runAsync(() -> blocks(source, sink, turn));
        }
        blocks(source, sink, 0);
        CompletableFuture.allOf(others).join();
    }

    private void blocks(FileChannel source, FileChannel sink, int turn) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bufferBytes);
        try {
            long size = source.size();
            for (long block = turn; block * bufferBytes < size; block += threads) {
                block(source, sink, block * bufferBytes, buffer.clear());
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static void block(FileChannel source, FileChannel sink, long at, ByteBuffer buffer) throws IOException {
        int n = 0;
        while (buffer.hasRemaining() && n >= 0) {
            n = source.read(buffer, at + buffer.position());
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
            sink.write(buffer, at + buffer.position());
        }
    }
}
