package io.keywrap.bench.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Reads of 64 KiB at random places of an envelope, and what they read of its file. */
final class RandomReads implements AutoCloseable {
    /** In a round. */
    static final int READS = 500;

    private static final int READ_BYTES = 64 * 1024;
    private static final int CHECKED_READS = 50;

    private final byte[] period;
    private final Random random = new Random(42);
    private final ByteBuffer target = ByteBuffer.allocate(READ_BYTES);
    private final Counted file;
    private final SeekableByteChannel channel;
    private final long size;
    private final long bytesAtFirst;
    private final List<Double> medians = new ArrayList<>();
    private final List<Double> tails = new ArrayList<>();
    private final List<Double> bytesEach = new ArrayList<>();

    RandomReads(Contestant contestant, FileToFile files, byte[] period) throws IOException, GeneralSecurityException {
        this.period = period;
        this.size = files.bytesToDecrypt();
        Path envelope = files.envelope();
        this.file = new Counted(FileChannel.open(envelope));
        this.channel = contestant.open(file);
        check(read());
        this.bytesAtFirst = file.bytes;
    }

    void run(int rounds, int reads) throws IOException, GeneralSecurityException {
        for (int i = 0; i < CHECKED_READS; i++) {
            check(read());
        }
        int measured = Rounds.run(rounds, () -> round(reads)).size();
        keepLast(measured, medians);
        keepLast(measured, tails);
        keepLast(measured, bytesEach);
    }

    /** In microseconds, of each round. */
    List<Double> medians() {
        return medians;
    }

    /** The 99th percentile, in microseconds, of each round. */
    List<Double> tails() {
        return tails;
    }

    /** How much of the file was read. */
    String ofTheFile() {
        double each =
                bytesEach.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        return Math.round(each) + " bytes of the file for each read; " + bytesAtFirst
                + " for the first of all, its opening included";
    }

    private double round(int reads) throws IOException {
        long before = file.bytes;
        double[] micros = new double[reads];
        double sum = 0;
        for (int i = 0; i < reads; i++) {
            long begun = System.nanoTime();
            read();
            micros[i] = (System.nanoTime() - begun) / 1e3;
            sum += micros[i] / 1e6;
        }
        Arrays.sort(micros);
        medians.add(micros[reads / 2]);
        tails.add(micros[reads * 99 / 100]);
        bytesEach.add((double) (file.bytes - before) / reads);
        return sum;
    }

    private long read() throws IOException {
        long at = (long) (random.nextDouble() * (size - READ_BYTES));
        channel.position(at);
        target.clear();
        while (target.hasRemaining()) {
            if (channel.read(target) < 0) {
                throw new IllegalStateException("the end comes too early");
            }
        }
        return at;
    }

    private void check(long at) {
        for (int i = 0; i < READ_BYTES; i++) {
            if (target.get(i) != period[(int) ((at + i) % period.length)]) {
                throw new IllegalStateException("not what was encrypted");
            }
        }
    }

    private static void keepLast(int count, List<Double> values) {
        values.subList(0, values.size() - count).clear();
    }

    @Override
    public void close() throws IOException {
        channel.close();
        file.close();
    }

    /** Counts what is read. */
    private static final class Counted implements SeekableByteChannel {
        private final SeekableByteChannel file;
        private long bytes;

        Counted(SeekableByteChannel file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            int n = file.read(into);
            bytes += Math.max(0, n);
            return n;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            return file.write(from);
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public SeekableByteChannel position(long next) throws IOException {
            file.position(next);
            return this;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public SeekableByteChannel truncate(long size) throws IOException {
            file.truncate(size);
            return this;
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
