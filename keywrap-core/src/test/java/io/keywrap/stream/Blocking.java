package io.keywrap.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;

/** Streams of every kind that let their user wait for ever: some heed an interrupt, some only being closed. */
enum Blocking {
    PIPE {
        @Override
        InputStream source(byte[] first, Deque<AutoCloseable> open) throws IOException {
            PipedOutputStream other = new PipedOutputStream();
            PipedInputStream source = new PipedInputStream(other, Math.max(1, first.length));
            other.write(first);
            open.add(other);
            return source;
        }

        @Override
        OutputStream sink(Deque<AutoCloseable> open) throws IOException {
            PipedInputStream other = new PipedInputStream();
            open.add(other);
            return new PipedOutputStream(other);
        }
    },
    NIO_PIPE {
        @Override
        InputStream source(byte[] first, Deque<AutoCloseable> open) throws IOException {
            Pipe pipe = Pipe.open();
            open.add(pipe.sink());
            open.add(pipe.source());
            fill(Channels.newOutputStream(pipe.sink()), first);
            return ChannelStreams.from(pipe.source());
        }

        @Override
        OutputStream sink(Deque<AutoCloseable> open) throws IOException {
            Pipe pipe = Pipe.open();
            open.add(pipe.sink());
            open.add(pipe.source());
            return ChannelStreams.to(pipe.sink());
        }
    },
    SOCKET {
        @Override
        InputStream source(byte[] first, Deque<AutoCloseable> open) throws IOException {
            Socket[] both = sockets(open);
            fill(both[1].getOutputStream(), first);
            return both[0].getInputStream();
        }

        @Override
        OutputStream sink(Deque<AutoCloseable> open) throws IOException {
            return sockets(open)[0].getOutputStream();
        }
    },
    SOCKET_CHANNEL {
        @Override
        InputStream source(byte[] first, Deque<AutoCloseable> open) throws IOException {
            SocketChannel[] both = channels(open);
            fill(Channels.newOutputStream(both[1]), first);
            return ChannelStreams.from(both[0]);
        }

        @Override
        OutputStream sink(Deque<AutoCloseable> open) throws IOException {
            return ChannelStreams.to(channels(open)[0]);
        }
    },
    QUEUE {
        @Override
        InputStream source(byte[] first, Deque<AutoCloseable> open) {
            return new OfQueue(first);
        }

        @Override
        OutputStream sink(Deque<AutoCloseable> open) {
            return new ToQueue();
        }
    },
    ONLY_CLOSED {
        @Override
        InputStream source(byte[] first, Deque<AutoCloseable> open) {
            return new Stubborn(first);
        }

        @Override
        OutputStream sink(Deque<AutoCloseable> open) {
            Stubborn other = new Stubborn(new byte[0]);
            return new OutputStream() {
                private int left = 100_000;

                @Override
                public void write(int single) throws IOException {
                    if (left-- <= 0) {
                        other.read();
                    }
                }

                @Override
                public void close() {
                    other.close();
                }
            };
        }
    };

    /** A source that gives some bytes, and nothing after them. */
    abstract InputStream source(byte[] first, Deque<AutoCloseable> open) throws IOException;

    /** A sink that takes a little, and then nothing. */
    abstract OutputStream sink(Deque<AutoCloseable> open) throws IOException;

    /** By another thread, since there may be no room for all of it at once. */
    private static void fill(OutputStream sink, byte[] bytes) {
        Thread thread = new Thread(() -> {
            try {
                sink.write(bytes);
                sink.flush();
            } catch (IOException e) {
                // The other end was closed before it had all.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static Socket[] sockets(Deque<AutoCloseable> open) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket one = new Socket(server.getInetAddress(), server.getLocalPort());
            Socket other = server.accept();
            open.add(one);
            open.add(other);
            return new Socket[] {one, other};
        }
    }

    private static SocketChannel[] channels(Deque<AutoCloseable> open) throws IOException {
        try (ServerSocketChannel server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            SocketChannel one = SocketChannel.open(server.getLocalAddress());
            SocketChannel other = server.accept();
            open.add(one);
            open.add(other);
            return new SocketChannel[] {one, other};
        }
    }

    /** As many write it: the interrupt is set again, for whoever is above. */
    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for the queue");
    }

    private static final class OfQueue extends InputStream {
        private final BlockingQueue<Byte> queue = new ArrayBlockingQueue<>(1);
        private final byte[] first;
        private int given;

        OfQueue(byte[] first) {
            this.first = first;
        }

        @Override
        public int read() throws IOException {
            if (given < first.length) {
                return first[given++] & 0xFF;
            }
            try {
                return queue.take() & 0xFF;
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }

        /** Without what waits for more, as the one of {@link InputStream} does. */
        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = Math.min(length, first.length - given);
            if (n == 0) {
                return super.read(bytes, offset, 1);
            }
            System.arraycopy(first, given, bytes, offset, n);
            given += n;
            return n;
        }
    }

    private static final class ToQueue extends OutputStream {
        private final BlockingQueue<Byte> queue = new ArrayBlockingQueue<>(100_000);

        @Override
        public void write(int single) throws IOException {
            try {
                queue.put((byte) single);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
    }

    /** Does not heed an interrupt, as a socket does not, and keeps it. */
    private static final class Stubborn extends InputStream {
        private final CountDownLatch closed = new CountDownLatch(1);
        private final byte[] first;
        private int given;

        Stubborn(byte[] first) {
            this.first = first;
        }

        @Override
        public int read() throws IOException {
            if (given < first.length) {
                return first[given++] & 0xFF;
            }
            boolean interrupted = false;
            while (true) {
                try {
                    closed.await();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("closed");
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return super.read(bytes, offset, Math.min(length, Math.max(1, first.length - given)));
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
