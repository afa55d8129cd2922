package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.crypto.Jca.Slice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked for of an envelope that is read in parts, and how it comes together. */
class RangeSourceTest {
    private static final int LENGTH = 20_000;

    private final byte[] bytes = new byte[LENGTH];
    private final List<String> asked = new ArrayList<>();
    private final RangeSource source;

    RangeSourceTest() {
        new Random(1).nextBytes(bytes);
        source = RangeSource.of(
                (offset, length) -> {
                    asked.add(offset + "+" + length);
                    return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
                },
                LENGTH);
    }

    @Test
    void theBeginningIsReadInBlocksAndNothingBehindTheEnd() throws IOException {
        RangeSource.Head head = RangeSource.head(source);
        assertThat(head.readNBytes(5000)).isEqualTo(Arrays.copyOf(bytes, 5000));
        assertThat(head.position()).isEqualTo(5000);
        assertThat(asked).containsExactly("0+8192");
        assertThat(head.readAllBytes()).isEqualTo(Arrays.copyOfRange(bytes, 5000, LENGTH));
        assertThat(head.position()).isEqualTo(LENGTH);
        assertThat(asked).containsExactly("0+8192", "8192+8192", "16384+3616");
    }

    @Test
    void theBeginningIsReadByteForByte() throws IOException {
        RangeSource.Head head = RangeSource.head(source);
        for (byte each : bytes) {
            assertThat(head.read()).isEqualTo(each & 0xFF);
        }
        assertThat(head.read()).isEqualTo(-1);
    }

    /** As they may, whatever room there is. */
    @Test
    void aChannelThatGivesNothingAtFirstIsAskedAgain(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("bytes"), bytes);
        FileChannel reluctant = new SteppedChannel(FileChannel.open(file), new SteppedFiles()) {
            private int calls;

            @Override
            public int read(ByteBuffer target) throws IOException {
                return calls++ % 2 == 0 ? 0 : super.read(target);
            }
        };
        try (RangeSource channel = RangeSource.of(reluctant)) {
            Slice part = channel.read(3, 100);
            assertThat(Arrays.copyOf(part.array(), part.length())).isEqualTo(Arrays.copyOfRange(bytes, 3, 103));
        }
    }
}
