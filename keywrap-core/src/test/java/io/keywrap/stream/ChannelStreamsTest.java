package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.stream.OddStreams.Broken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Channels as streams, which keep the contracts of streams. */
@Timeout(60)
class ChannelStreamsTest {
    @TempDir
    Path folder;

    @Test
    void channelsThatDoNotBlockAreRefused() throws IOException {
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            ChannelStreams.to(sink).write(7);
            assertThat(ChannelStreams.from(source).read()).isEqualTo(7);
            source.configureBlocking(false);
            sink.configureBlocking(false);
            assertThatExceptionOfType(IllegalBlockingModeException.class)
                    .isThrownBy(() -> ChannelStreams.from(source, sink));
            assertThatExceptionOfType(IllegalBlockingModeException.class).isThrownBy(() -> ChannelStreams.to(sink));
        }
    }

    @Test
    void singleBytesAreReadAndWrittenAsTheyAre() throws IOException {
        byte[] bytes = {0, 1, 127, -128, -1};
        ByteArrayOutputStream copy = new ByteArrayOutputStream();
        try (FileChannel file = FileChannel.open(Files.write(folder.resolve("bytes"), bytes))) {
            InputStream in = ChannelStreams.from(file);
            OutputStream out = ChannelStreams.to(Channels.newChannel(copy));
            for (int single = in.read(); single >= 0; single = in.read()) {
                out.write(single);
            }
            assertThat(in.read()).isEqualTo(-1);
        }
        assertThat(copy.toByteArray()).isEqualTo(bytes);
    }

    /** From a channel that has nothing, and would be asked for ever: it is not asked at all. */
    @Test
    void whoeverWantsNothingGetsNothing() throws IOException {
        ReadableByteChannel empty = new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) {
                throw new AssertionError("it was asked");
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        InputStream in = ChannelStreams.from(empty);
        assertThat(in.read(new byte[3], 3, 0)).isZero();
    }

    @Test
    void whatIsAtHandIsTheRestOfAFile() throws IOException {
        Path five = Files.write(folder.resolve("five"), new byte[5]);
        try (FileChannel file = FileChannel.open(five);
                FileChannel huge = new SteppedChannel(FileChannel.open(five), new SteppedFiles()) {
                    @Override
                    public long size() {
                        return 1L << 40;
                    }
                }) {
            InputStream in = ChannelStreams.from(file);
            assertThat(in.available()).isEqualTo(5);
            file.position(3);
            assertThat(in.available()).isEqualTo(2);
            file.position(9);
            assertThat(in.available()).isZero();
            assertThat(ChannelStreams.from(huge).available()).isEqualTo(Integer.MAX_VALUE);
        }
        assertThat(ChannelStreams.from(Channels.newChannel(InputStream.nullInputStream()))
                        .available())
                .isZero();
    }

    /** Whoever hangs in a channel is not ended by closing the stream, which leaves the channel open. */
    @Test
    void whatEndsACallIsTheChannelIfThereIsOne() throws IOException {
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            assertThat(ChannelStreams.behind(ChannelStreams.from(source))).isSameAs(source);
            assertThat(ChannelStreams.behind(ChannelStreams.to(sink))).isSameAs(sink);
        }
        InputStream other = InputStream.nullInputStream();
        assertThat(ChannelStreams.behind(other)).isSameAs(other);
    }

    @Test
    void aSinkThatFailsSaysSoItself() {
        OutputStream full = OddStreams.fullAfter(3, OutputStream.nullOutputStream());
        assertThatExceptionOfType(Broken.class)
                .isThrownBy(() -> ChannelStreams.to(Channels.newChannel(full)).write(new byte[4]));
    }
}
