package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The token of the guide on key stores: SoftHSM2, configured as the guide says, for processes that a test starts. */
final class DocsToken {
    private final Path folder;

    private DocsToken(Path folder) {
        this.folder = folder;
    }

    static boolean isInstalled() {
        return library() != null;
    }

    /** Makes a token, and {@code token.cfg} for SunPKCS11. */
    static DocsToken in(Path folder, String configuration) throws Exception {
        DocsToken token = new DocsToken(folder);
        Path tokens = Files.createDirectory(folder.resolve("tokens"));
        Files.writeString(folder.resolve("softhsm2.conf"), "directories.tokendir = " + tokens + "\n");
        Files.writeString(
                folder.resolve("token.cfg"), configuration.replaceFirst("library = .*", "library = " + library()));
        token.run("softhsm2-util", "--init-token", "--free", "--label", "backup", "--so-pin", "5678", "--pin", "1234");
        return token;
    }

    /** Makes an AES-256 key. */
    void addKey(String alias) throws Exception {
        List<String> command = new ArrayList<>(List.of("keytool", "-genseckey", "-keyalg", "AES", "-keysize", "256"));
        command.addAll(List.of("-alias", alias, "-keystore", "NONE", "-storetype", "PKCS11", "-storepass", "1234"));
        command.addAll(List.of("-addprovider", "SunPKCS11", "-providerarg", "token.cfg"));
        run(command.toArray(String[]::new));
    }

    Path folder() {
        return folder;
    }

    /** Runs a command that finds the token, in its folder; programs of the JDK are this JVM's. */
    void run(String... command) throws IOException, InterruptedException {
        Path ofTheJdk = Path.of(System.getProperty("java.home"), "bin", command[0]);
        command[0] = Files.exists(ofTheJdk) ? ofTheJdk.toString() : command[0];
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment()
                .put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static String library() {
        return Stream.of(
                        "/usr/lib/softhsm/libsofthsm2.so",
                        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                        "/usr/lib64/pkcs11/libsofthsm2.so")
                .filter(file -> Files.exists(Path.of(file)))
                .findFirst()
                .orElse(null);
    }
}
