package io.keywrap.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekLease;
import io.keywrap.WrappedDek;
import io.keywrap.testkit.InMemoryKms;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide to meters is true: its Java runs, its tables have every meter and tag, its queries find theirs. */
class MetricsDocsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Pattern BLOCK =
            Pattern.compile("^```java micrometer\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern ROW =
            Pattern.compile("^\\| `(keywrap\\.[a-z.]+)` \\| \\w+ \\| ([^|]*)\\|", Pattern.MULTILINE);
    private static final Pattern TAG = Pattern.compile("`(\\w+)`(?: =[^|]*)?");
    private static final Pattern QUERIED = Pattern.compile("\\b(keywrap_\\w+)(?:\\{([^}]*)})?");
    private static final String IMPORTS = Stream.of(
                    "io.keywrap",
                    "io.keywrap.micrometer",
                    "io.keywrap.provider",
                    "io.micrometer.core.instrument",
                    "io.micrometer.observation")
            .map(name -> "import " + name + ".*; ")
            .collect(Collectors.joining());

    @TempDir
    Path folder;

    private static String page() throws IOException {
        return Files.readString(ROOT.resolve("docs/guides/metrics.md"));
    }

    /** A day in the life of a product: everything that there is a meter for happens. */
    private static void use(MeterRegistry registry) {
        KeywrapMetrics metrics = KeywrapMetrics.of(registry);
        try (Product product = new Product(metrics)) {
            metrics.bindTo(product.providers);
            WrappedDek wrapped = product.wrapped();
            try (DekLease lease = product.lease(wrapped)) {
                product.kek.unreachable();
                product.pass(Duration.ofMinutes(6));
                lease.ensureUsable();
            }
        }
    }

    @Test
    void itsJavaCompilesAndRuns() throws Exception {
        List<String> blocks =
                BLOCK.matcher(page()).results().map(block -> block.group(1)).toList();
        assertThat(blocks).hasSize(2);
        compile(String.join("\n", blocks));
        MeterRegistry registry = new SimpleMeterRegistry();
        URL[] path = {folder.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, MetricsDocsTest.class.getClassLoader())) {
            loader.loadClass("Example")
                    .getMethod("run", MeterRegistry.class, ObservationRegistry.class, InMemoryKms.class)
                    .invoke(null, registry, ObservationRegistry.create(), new InMemoryKms());
        }
        assertThat(registry.find("keywrap.cache.entries").gauge()).isNotNull();
    }

    @Test
    void itsTableHasEveryMeterAndItsTags() throws IOException {
        Map<String, TreeSet<String>> documented = new TreeMap<>();
        ROW.matcher(page())
                .results()
                .forEach(row -> documented.put(
                        row.group(1),
                        TAG.matcher(row.group(2).replaceAll(" = .*", " "))
                                .results()
                                .map(tag -> tag.group(1))
                                .collect(Collectors.toCollection(TreeSet::new))));
        MeterRegistry registry = new SimpleMeterRegistry();
        use(registry);
        Map<String, TreeSet<String>> real = new TreeMap<>();
        registry.getMeters()
                .forEach(meter -> real.computeIfAbsent(meter.getId().getName(), name -> new TreeSet<>())
                        .addAll(meter.getId().getTags().stream()
                                .map(Tag::getKey)
                                .toList()));
        assertThat(documented).isEqualTo(real);
    }

    @Test
    void itsQueriesAskForWhatPrometheusHas() throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        use(registry);
        String scraped = registry.scrape();
        String page = page();
        List<String> names = QUERIED.matcher(page)
                .results()
                .map(query -> query.group(1))
                .distinct()
                .toList();
        assertThat(names).hasSize(4).allSatisfy(name -> assertThat(scraped).containsPattern("(?m)^" + name + "[{ ]"));
        QUERIED.matcher(page).results().filter(query -> query.group(2) != null).forEach(query -> {
            for (String label : query.group(2).split(",")) {
                String key = label.substring(0, label.indexOf('='));
                assertThat(scraped).containsPattern("(?m)^" + query.group(1) + "\\{[^}]*\\b" + key + "=");
                assertThat(page).contains('`' + label.substring(label.indexOf('"') + 1, label.length() - 1) + '`');
            }
        });
    }

    @Test
    void theOptionsPageHasEveryOption() throws IOException {
        String options = Files.readString(ROOT.resolve("docs/options.md"));
        Consumer<String> isThere = name -> assertThat(options).contains("`" + name + "(");
        Arrays.stream(KeywrapMetrics.Builder.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .map(method -> method.getName())
                .filter(name -> !name.equals("build"))
                .forEach(isThere);
    }

    private void compile(String blocks) throws IOException {
        Path file = Files.writeString(
                folder.resolve("Example.java"),
                IMPORTS + "public class Example { public static void run(MeterRegistry meterRegistry,"
                        + " ObservationRegistry observationRegistry, io.keywrap.testkit.InMemoryKms factory) {\n"
                        + blocks + "\nproviders.close(); } }");
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String path = System.getProperty("java.class.path");
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", folder.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s", messages).isZero();
    }
}
