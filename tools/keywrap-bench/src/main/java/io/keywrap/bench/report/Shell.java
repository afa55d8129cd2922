package io.keywrap.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures whole processes from outside: the keywrap command, and what people use from a shell instead.
 *
 * <p>The tools take turns. What one decrypts is what it has encrypted in the same round, and becomes the next one's source,
 * so the folder needs room for two files of the size. The first file that a tool decrypts is compared with the source.
 */
@Command(name = "Shell", description = "Measures keywrap, age, gpg and cp as whole processes.")
final class Shell implements Callable<Integer> {
    private static final String PLAIN = "plain.bin";
    private static final String MADE = "made.bin";
    private static final long GIBIBYTE = 1L << 30;

    @Option(names = "--keywrap", required = true, description = "The launcher.")
    private Path launcher = Path.of("keywrap");

    @Option(names = "--out", required = true, description = "The file of figures.")
    private Path out = Path.of("figures.jsonl");

    @Option(names = "--dir", required = true, description = "The folder to work in; a new folder in it is made.")
    private Path dir = Path.of(".");

    @Option(names = "--gibibytes", split = ",", description = "Sizes, 1 and 8 if not given.")
    private List<Integer> sizes = List.of(1, 8);

    @Option(names = "--bytes", description = "What a gibibyte is taken for, to try it out.")
    private long gibibyte = GIBIBYTE;

    @Option(names = "--rounds", description = "How often, if not 5 times, and 3 times for more than 1 GiB.")
    private int rounds;

    private final Map<String, Series> measured = new LinkedHashMap<>();

    private Shell() {}

    /**
     * Runs it.
     *
     * @param arguments the options
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Shell()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory(dir, "kb");
        try (ShellTools tools = new ShellTools(launcher, folder)) {
            List<ShellTool> present = tools.prepare();
            start(present, folder);
            for (int size : sizes) {
                transfer(present, folder, size);
            }
        } finally { // If one tool fails, what others gave is written all the same.
            for (Series one : measured.values()) {
                Figures.append(out, one);
            }
            Trees.delete(folder);
        }
        return 0;
    }

    private void start(List<ShellTool> tools, Path folder) throws Exception {
        Files.write(folder.resolve(PLAIN), new byte[1]);
        for (int round = 0; round < rounds(1); round++) {
            for (ShellTool tool : tools) {
                for (ShellTool.Call call : tool.starts(PLAIN, MADE)) {
                    Files.deleteIfExists(folder.resolve(MADE));
                    measure(Question.SHELL_START, tool, call);
                }
            }
        }
        Files.delete(folder.resolve(PLAIN));
        Files.deleteIfExists(folder.resolve(MADE));
    }

    private void transfer(List<ShellTool> all, Path folder, int size) throws Exception {
        List<ShellTool> tools =
                all.stream().filter(tool -> size == 1 || !tool.isSlow()).toList();
        Path source = folder.resolve(PLAIN);
        byte[] expected = RandomFile.write(source, size * gibibyte);
        touchMemory(source, folder.resolve(MADE));
        Question encrypt = Question.of("shell-encrypt-" + size + "GiB");
        Question decrypt = Question.of("shell-decrypt-" + size + "GiB");
        for (int round = 0; round < rounds(size); round++) {
            for (ShellTool tool : tools) {
                measure(encrypt, tool, tool.encrypt(PLAIN, MADE));
                Files.delete(source);
                measure(decrypt, tool, tool.decrypt(MADE, PLAIN));
                Files.delete(folder.resolve(MADE));
                if (round == 0 && !MessageDigest.isEqual(expected, RandomFile.digest(source))) {
                    throw new IOException(tool.name() + " gave other bytes back");
                }
            }
        }
        Files.delete(source);
    }

    /** A machine may get its memory from its host only when it is first used: not at the cost of who comes first. */
    private static void touchMemory(Path source, Path target) throws IOException {
        Files.copy(source, target);
        Files.delete(target);
    }

    private int rounds(int size) {
        return rounds > 0 ? rounds : size == 1 ? 5 : 3;
    }

    private void measure(Question question, ShellTool tool, ShellTool.Call call) throws Exception {
        double seconds = call.run();
        String contestant = question == Question.SHELL_START ? call.name() : tool.name();
        Series one = new Series(
                question.key(),
                contestant,
                tool.group(),
                Machine.runningJdk(),
                tool.provider(),
                tool.threads(),
                "s",
                Series.LOWER,
                List.of(seconds),
                call.shown(),
                null);
        measured.merge(question.key() + " " + contestant, one, Series::then);
    }
}
