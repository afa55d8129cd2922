package io.keywrap.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the command inside of the test's JVM, in a folder of its own with a key store and a keychain. */
final class TestRun {
    static final String PASSWORD = "correct horse";
    static final String KEYCHAIN = "tenant-42";

    final Path folder;
    final Map<String, String> environment = new HashMap<>();
    final Deque<String> typed = new ArrayDeque<>();
    final List<String> prompts = new ArrayList<>();
    InputStream in = InputStream.nullInputStream();
    boolean terminal;
    private ByteArrayOutputStream out = new ByteArrayOutputStream();
    private ByteArrayOutputStream err = new ByteArrayOutputStream();

    TestRun(Path folder) {
        this.folder = folder;
    }

    /** A key store "main" with one KEK, and a keychain under it, all named by the environment. */
    static TestRun withKeychain(Path folder) throws IOException {
        TestRun run = new TestRun(folder).withKek();
        run.must("keychain", "create", "--store", run.path("store"), "--id", KEYCHAIN, "--kek", "keystore:main#kek");
        return run;
    }

    /** That key store is there already. */
    TestRun withKeyStore() {
        environment.put("KEYWRAP_KEYSTORES", "main=" + path("main.p12"));
        environment.put("KEYWRAP_KEYSTORE_PASSWORD", PASSWORD);
        return this;
    }

    TestRun withKek() throws IOException {
        withKeyStore();
        Keystores.createKek(folder.resolve("main.p12"), KekId.of("keystore:main#kek"), PASSWORD::toCharArray);
        return this;
    }

    int run(String... arguments) {
        out = new ByteArrayOutputStream();
        return run(out, arguments);
    }

    int run(OutputStream to, String... arguments) {
        err = new ByteArrayOutputStream();
        Host host = new Host(
                in,
                to,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                this::answer,
                terminal,
                Optional.empty());
        return new CommandTree(host).run(arguments);
    }

    /** Runs what must succeed. */
    void must(String... arguments) {
        int exitCode = run(arguments);
        if (exitCode != ExitCode.DONE) {
            throw new AssertionError("exit code " + exitCode + ": " + err());
        }
    }

    int encrypt(String in, String out, String... more) {
        return run(with(new String[] {"encrypt", "--store", path("store"), "--keychain", KEYCHAIN, in, out}, more));
    }

    int decrypt(String in, String out, String... more) {
        return run(with(new String[] {"decrypt", "--store", path("store"), "--keychain", KEYCHAIN, in, out}, more));
    }

    void stdin(byte[] bytes) {
        in = new ByteArrayInputStream(bytes);
    }

    String path(String name) {
        return folder.resolve(name).toString();
    }

    Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    byte[] outBytes() {
        return out.toByteArray();
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    JsonObject outJson() {
        return JsonParser.parseString(out()).getAsJsonObject();
    }

    JsonObject errJson() {
        return JsonParser.parseString(err()).getAsJsonObject();
    }

    private char[] answer(String label) {
        prompts.add(label);
        String answer = typed.poll();
        return answer == null ? null : answer.toCharArray();
    }

    private static String[] with(String[] first, String... more) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}
