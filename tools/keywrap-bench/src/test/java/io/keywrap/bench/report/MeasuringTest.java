package io.keywrap.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.bench.SmallRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Benchmark;
import picocli.CommandLine;

/** What is measured here, and what is taken over from JMH. */
class MeasuringTest {
    @TempDir
    Path folder;

    @Test
    void everyBenchmarkOfSmallRecordsHasANameInTheReport() throws IOException {
        String results = Arrays.stream(SmallRecord.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Benchmark.class))
                .map(method -> jmh(method.getName(), "ns/op"))
                .collect(Collectors.joining(",", "[", "]"));
        List<Series> series = JmhResults.read(Files.writeString(folder.resolve("jmh.json"), results), "java x");
        assertThat(series)
                .hasSizeGreaterThan(20)
                .allSatisfy(one -> assertThat(one.better()).isEqualTo("lower"));
        Series held = series.stream()
                .filter(one -> one.question().equals("small-encrypt")
                        && one.contestant().contains("held"))
                .findFirst()
                .orElseThrow();
        assertThat(held.values()).containsExactly(1.5, 2.5, 3.5);
        assertThat(held.unit()).isEqualTo("ns");
        assertThat(series).anySatisfy(one -> {
            assertThat(one.contestant()).isEqualTo("keywrap, envelope, lease held, decrypt");
            assertThat(one.values()).containsExactly(2048.0);
            assertThat(one.unit()).isEqualTo("bytes");
        });
    }

    @Test
    void aBenchmarkWithoutANameAndAnotherUnitAreRefused() throws IOException {
        Path file = folder.resolve("jmh.json");
        Files.writeString(file, "[" + jmh("newEncrypt", "ns/op") + "]");
        assertThatThrownBy(() -> JmhResults.read(file, "java x")).hasMessageContaining("newEncrypt");
        Files.writeString(file, "[" + jmh("heldEncrypt", "us/op") + "]");
        assertThatThrownBy(() -> JmhResults.read(file, "java x")).hasMessageContaining("us/op");
    }

    @Test
    void contentIsTheSameHoweverItIsRead() throws IOException {
        Content content = new Content(1);
        int length = (4 << 20) + 4321;
        byte[] whole = new ContentSource(content, length, new LongAdder()).readAllBytes();
        byte[] part = new byte[1031];
        for (int position = 0; position + part.length < length; position += 77_777) {
            content.fill(position, part, 0, part.length);
            assertThat(part).isEqualTo(Arrays.copyOfRange(whole, position, position + part.length));
        }
    }

    @Test
    void theSinkSeesEveryOtherByteAndOtherPlaces() throws IOException {
        Content content = new Content(1);
        byte[] bytes = new byte[200_000];
        content.fill(0, bytes, 0, bytes.length);
        LongAdder counter = new LongAdder();
        ContentSink sink = new ContentSink(content, counter);
        sink.write(bytes);
        assertThat(counter.sum()).isEqualTo(sink.position()).isEqualTo(bytes.length);
        bytes[150_001] ^= 1;
        assertThatThrownBy(() -> new ContentSink(content, counter).write(bytes)).hasMessageContaining("other bytes");
        // The same place of the next block: only the positions in it differ.
        content.fill(4 << 20, bytes, 0, 512);
        assertThatThrownBy(() -> new ContentSink(content, counter).write(bytes, 0, 512))
                .hasMessageContaining("other bytes");
    }

    @Test
    void aShortRunIsWrittenAsSamples() throws IOException {
        Path figures = folder.resolve("figures.jsonl");
        int code = new CommandLine(new Endurance())
                .execute("--bytes", "33554433", "--sample-millis", "20", "--out", figures.toString());
        assertThat(code).isIn(0, 3); // so short a run may well be faster or slower at its end
        Figures read = Figures.read(List.of(figures));
        assertThat(read.of(Question.ENDURANCE)).hasSize(2);
        assertThat(read.of(Question.ENDURANCE_HEAP)).hasSize(2);
        assertThat(read.of(Question.ENDURANCE).get(0).most()).isPositive();
    }

    private static String jmh(String method, String unit) {
        return "{\"benchmark\":\"io.keywrap.bench.SmallRecord." + method
                + "\",\"threads\":1,\"jdkVersion\":\"17.0.15\","
                + "\"primaryMetric\":{\"score\":2,\"scoreUnit\":\"" + unit + "\",\"rawData\":[[1.5,2.5],[3.5]]},"
                + "\"secondaryMetrics\":{\"gc.alloc.rate.norm\":{\"scoreUnit\":\"B/op\",\"rawData\":[[2048.0]]}}}";
    }
}
