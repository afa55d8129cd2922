package io.keywrap.bench.report;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Where figures come from; the first line of a file of figures.
 *
 * @param date the day, in UTC
 * @param revision of keywrap
 * @param cpu the model
 * @param cores how many the JVM may use
 * @param memory of the machine
 * @param kernel name and version
 * @param fileSystem of the folder that files were in
 * @param jdk the version of the JDK
 * @param jvm whose it is
 * @param libraries name and version of each jar
 * @param tools name and version of each tool, as it says itself
 */
record Machine(
        String date,
        String revision,
        String cpu,
        int cores,
        String memory,
        String kernel,
        String fileSystem,
        String jdk,
        String jvm,
        List<String> libraries,
        List<String> tools) {
    Machine {
        requireNonNull(date, "date");
        requireNonNull(revision, "revision");
        requireNonNull(cpu, "cpu");
        requireNonNull(memory, "memory");
        requireNonNull(kernel, "kernel");
        requireNonNull(fileSystem, "fileSystem");
        requireNonNull(jdk, "jdk");
        requireNonNull(jvm, "jvm");
        libraries = List.copyOf(requireNonNull(libraries, "libraries"));
        tools = List.copyOf(requireNonNull(tools, "tools"));
    }

    /** The version of the JDK that runs, as figures name it. */
    static String runningJdk() {
        return System.getProperty("java.version");
    }

    /** Describes the machine and the JVM that run this. */
    static Machine here(Path folder, List<Path> libraries, String revision) throws IOException {
        return new Machine(
                LocalDate.now(ZoneOffset.UTC).toString(),
                revision,
                first(Path.of("/proc/cpuinfo"), "model name\\s*: (.*)"),
                Runtime.getRuntime().availableProcessors(),
                gibibytes(first(Path.of("/proc/meminfo"), "MemTotal:\\s*(\\d+) kB")),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                Files.getFileStore(folder).type(),
                runningJdk(),
                System.getProperty("java.vm.vendor") + ", " + System.getProperty("java.vm.name"),
                jars(libraries),
                Tools.versions());
    }

    private static String gibibytes(String kibibytes) {
        return kibibytes.matches("\\d+")
                ? String.format(Locale.ROOT, "%.1f GiB", Long.parseLong(kibibytes) / (double) (1 << 20))
                : kibibytes;
    }

    /** What a line of a file says; other systems than Linux have no such file. */
    private static String first(Path file, String pattern) throws IOException {
        if (!Files.isReadable(file)) {
            return "unknown";
        }
        Matcher matcher =
                Pattern.compile("^" + pattern + "$", Pattern.MULTILINE).matcher(Files.readString(file));
        return matcher.find() ? matcher.group(1).strip() : "unknown";
    }

    private static List<String> jars(List<Path> folders) throws IOException {
        List<String> jars = new ArrayList<>();
        for (Path folder : folders) {
            jars.addAll(jars(folder));
        }
        return jars.stream().sorted().toList();
    }

    private static List<String> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .map(name -> name.substring(0, name.length() - ".jar".length()))
                    .toList();
        }
    }

    /**
     * Writes the description to a file of figures.
     *
     * @param arguments the options
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Describe()).execute(arguments));
    }

    /** What {@code main} does. */
    @Command(name = "Machine", description = "Writes to a file of figures where they come from.")
    private static final class Describe implements Callable<Integer> {
        @Option(names = "--out", required = true, description = "The file of figures.")
        private Path out = Path.of("figures.jsonl");

        @Option(names = "--dir", required = true, description = "The folder that the measured files are in.")
        private Path folder = Path.of(".");

        @Option(names = "--libraries", required = true, arity = "1..*", description = "The folders of the jars.")
        private List<Path> libraries = List.of();

        @Option(names = "--revision", required = true, description = "The revision of keywrap.")
        private String revision = "";

        @Override
        public Integer call() throws IOException {
            Figures.append(out, here(folder, libraries, revision));
            return 0;
        }
    }
}
