package io.keywrap.cli;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Uploads as a customer makes them, and the commands that take them in. */
abstract class ByokFixture {
    @TempDir
    Path folder;

    TestRun command;

    @BeforeEach
    void command() throws Exception {
        command = TestRun.withKeychain(folder);
    }

    int transportKey(String... more) {
        return run(
                more,
                "transport-key",
                "--id",
                TestRun.KEYCHAIN,
                "--region",
                "eu-west-1",
                command.path("transport.kwrp"));
    }

    int slot(String verb, String... more) {
        return run(more, verb, "--vendor-kek", "keystore:main#kek", "--slot", "acme");
    }

    int run(String[] more, String... first) {
        List<String> all = new ArrayList<>(List.of("byok"));
        all.addAll(Arrays.asList(first));
        all.addAll(2, List.of("--store", command.path("store")));
        all.addAll(Arrays.asList(more));
        return command.run(all.toArray(String[]::new));
    }

    /** What the script does, by the JDK. */
    void upload(String name, int key) throws Exception {
        String pem = Files.readString(folder.resolve("transport.pem")).replaceAll("-----[^-]*-----|\\s", "");
        PublicKey transport = KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(pem)));
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) key);
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                transport,
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        Files.write(folder.resolve(name + ".bin"), cipher.doFinal(secret));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret);
        Files.writeString(folder.resolve(name + ".txt"), Base64.getEncoder().encodeToString(digest) + "\n");
    }

    int take(String secret, String digest) {
        return slot(
                "import",
                "--json",
                "--transport-keys",
                command.path("transport.kwrp"),
                "--keychain",
                TestRun.KEYCHAIN,
                "--region",
                "eu-west-1",
                "--secret",
                command.path(secret + ".bin"),
                "--digest",
                command.path(digest + ".txt"));
    }

    String states() {
        StringBuilder states = new StringBuilder();
        slot("status", "--json");
        command.outJson().getAsJsonArray("versions").forEach(version -> {
            JsonObject one = version.getAsJsonObject();
            states.append(one.get("version").getAsInt())
                    .append(' ')
                    .append(one.get("state").getAsString())
                    .append(';');
        });
        return states.toString();
    }
}
