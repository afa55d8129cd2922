package io.keywrap.crash;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The calls of a process that change files or force them to disk, in their order, as {@code strace} sees them. */
public final class Strace {
    private static final String CALLS = "openat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,"
            + "mkdir,mkdirat,link,linkat,unlink,unlinkat,rmdir,truncate,ftruncate";
    private static final Pattern CALL = Pattern.compile("(\\w+)\\((.*)\\) += (-?\\d+).*");
    private static final Pattern UNFINISHED = Pattern.compile("(.*) <unfinished \\.\\.\\.>");
    private static final Pattern RESUMED = Pattern.compile("<\\.\\.\\. \\w+ resumed>(.*)");
    private static final Pattern QUOTED = Pattern.compile("\"((?:\\\\x[0-9a-f]{2})*)\"(\\.\\.\\.)?");
    private static final Pattern DESCRIPTOR = Pattern.compile("^(\\d+)<((?:\\\\x[0-9a-f]{2})*)>");

    private Strace() {}

    public static Optional<Path> command() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "strace"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The beginning of a command line; the command that is traced follows. */
    public static List<String> tracing(Path strace, Path output) {
        return List.of(
                strace.toString(), "-f", "-y", "-xx", "-s", "1000000", "-e", "trace=" + CALLS, "-o", output.toString());
    }

    /** The calls that succeeded. */
    public static List<Call> read(Path output) throws IOException {
        List<Call> calls = new ArrayList<>();
        Map<String, String> unfinished = new HashMap<>();
        for (String line : Files.readAllLines(output)) {
            String thread = line.substring(0, line.indexOf(' '));
            String text = line.substring(thread.length()).strip();
            Matcher begun = UNFINISHED.matcher(text);
            Matcher resumed = RESUMED.matcher(text);
            if (begun.matches()) {
                unfinished.put(thread, begun.group(1));
                continue;
            }
            Matcher call = CALL.matcher(resumed.matches() ? unfinished.remove(thread) + resumed.group(1) : text);
            if (call.matches() && Integer.parseInt(call.group(3)) >= 0) {
                calls.add(Call.of(call.group(1), call.group(2)));
            }
        }
        return calls;
    }

    /**
     * One call.
     *
     * @param name such as {@code write}
     * @param arguments as text, strings in hexadecimal
     * @param descriptor the number of the open file that it is about, or -1
     * @param file the name of that file, or empty
     * @param strings its strings
     */
    public record Call(String name, String arguments, int descriptor, String file, List<byte[]> strings) {
        static Call of(String name, String arguments) {
            List<byte[]> strings = new ArrayList<>();
            for (MatchResult quoted : QUOTED.matcher(arguments).results().toList()) {
                if (quoted.group(2) != null) {
                    throw new IllegalStateException("strace has cut a string");
                }
                strings.add(bytes(quoted.group(1)));
            }
            Matcher descriptor = DESCRIPTOR.matcher(arguments);
            return descriptor.find()
                    ? new Call(
                            name, arguments, Integer.parseInt(descriptor.group(1)), text(descriptor.group(2)), strings)
                    : new Call(name, arguments, -1, "", strings);
        }

        public Path path(int index) {
            return Path.of(new String(strings.get(index), StandardCharsets.UTF_8));
        }

        public byte[] written() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            strings.forEach(all::writeBytes);
            return all.toByteArray();
        }

        private static byte[] bytes(String escaped) {
            return HexFormat.of().parseHex(escaped.replace("\\x", ""));
        }

        private static String text(String escaped) {
            return new String(bytes(escaped), StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return name + " "
                    + (file.isEmpty() ? strings.stream().map(String::new).toList() : file);
        }
    }
}
