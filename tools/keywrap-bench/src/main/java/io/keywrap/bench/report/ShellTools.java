package io.keywrap.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The tools that are compared, with keys of their own in a folder that is thrown away. No secret is an argument. */
final class ShellTools implements AutoCloseable {
    private static final String PASSWORD_FILE = "password";
    private static final String IDENTITY_FILE = "identity";
    private static final String RECIPIENT_FILE = "recipient";

    private final String launcher;
    private final Path folder;
    private final Map<String, String> keywrapEnvironment =
            Map.of("JAVA_HOME", System.getProperty("java.home"), "KEYWRAP_KEYSTORES", "main=main.p12");
    private final Map<String, String> gpgEnvironment;
    private boolean gpgWasUsed;

    ShellTools(Path launcher, Path folder) {
        this.launcher = launcher.toAbsolutePath().toString();
        this.folder = folder.toAbsolutePath();
        this.gpgEnvironment = Map.of("GNUPGHOME", this.folder.resolve("gnupg").toString());
    }

    /** Makes keys, and gives the tools that are there; those that are not are said on standard error. */
    List<ShellTool> prepare() throws IOException, InterruptedException {
        byte[] password = new byte[24];
        new SecureRandom().nextBytes(password);
        var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Files.createFile(folder.resolve(PASSWORD_FILE), owner);
        Files.writeString(folder.resolve(PASSWORD_FILE), HexFormat.of().formatHex(password) + "\n");
        List<ShellTool> tools = new ArrayList<>(List.of(keywrap()));
        if (isThere("age") && isThere("age-keygen")) {
            tools.add(age());
        }
        if (isThere("gpg")) {
            tools.add(gpg(
                    "gpg -c, AES-256, no compression",
                    List.of("--cipher-algo", "AES256", "--compress-algo", "none"),
                    false));
            tools.add(gpg("gpg -c, defaults", List.of(), true));
            Files.createDirectory(
                    folder.resolve("gnupg"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            gpgWasUsed = true;
        }
        if (isThere("cp")) {
            tools.add(tool("cp", "cp", Map.of(), List.of("cp", "IN", "OUT"), List.of("cp", "IN", "OUT")));
        }
        return tools;
    }

    private static boolean isThere(String tool) {
        boolean installed = Tools.isInstalled(tool);
        if (!installed) {
            System.err.println("NOTE: " + tool + " is not installed; it is not measured");
        }
        return installed;
    }

    private ShellTool keywrap() throws IOException, InterruptedException {
        List<String> common = List.of("--password-file", PASSWORD_FILE);
        run(keywrapEnvironment, with(List.of(launcher, "keystore", "create", "main.p12", "--alias", "kek"), common));
        run(
                keywrapEnvironment,
                with(
                        List.of(
                                launcher,
                                "keychain",
                                "create",
                                "--store",
                                "keychains",
                                "--id",
                                "bench",
                                "--kek",
                                "keystore:main#kek"),
                        common));
        List<String> verb =
                with(List.of("--store", "keychains", "--keychain", "bench"), with(common, List.of("IN", "OUT")));
        return tool(
                "keywrap",
                "keywrap",
                keywrapEnvironment,
                with(List.of(launcher, "encrypt"), verb),
                with(List.of(launcher, "decrypt"), verb));
    }

    private ShellTool age() throws IOException, InterruptedException {
        run(Map.of(), List.of("age-keygen", "-o", IDENTITY_FILE));
        run(Map.of(), List.of("age-keygen", "-y", "-o", RECIPIENT_FILE, IDENTITY_FILE));
        return tool(
                "age",
                "age",
                Map.of(),
                List.of("age", "-R", RECIPIENT_FILE, "-o", "OUT", "IN"),
                List.of("age", "-d", "-i", IDENTITY_FILE, "-o", "OUT", "IN"));
    }

    private ShellTool gpg(String name, List<String> options, boolean isSlow) {
        List<String> common = List.of(
                "gpg",
                "--batch",
                "--yes",
                "--quiet",
                "--pinentry-mode",
                "loopback",
                "--passphrase-file",
                PASSWORD_FILE);
        return new ShellTool(
                name,
                "gpg",
                folder,
                gpgEnvironment,
                with(with(common, options), List.of("-o", "OUT", "-c", "IN")),
                with(common, List.of("-o", "OUT", "-d", "IN")),
                isSlow);
    }

    private ShellTool tool(
            String name, String group, Map<String, String> environment, List<String> encrypt, List<String> decrypt) {
        return new ShellTool(name, group, folder, environment, encrypt, decrypt, false);
    }

    private static List<String> with(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private void run(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        new ShellTool(command.get(0), "", folder, environment, command, command, false)
                .encrypt("", "")
                .run();
    }

    /** Ends the agent that gpg has started in its own folder. */
    @Override
    public void close() throws IOException {
        if (gpgWasUsed && Tools.isInstalled("gpgconf")) {
            try {
                run(gpgEnvironment, List.of("gpgconf", "--kill", "gpg-agent"));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
