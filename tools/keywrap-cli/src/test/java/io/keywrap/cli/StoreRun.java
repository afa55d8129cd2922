package io.keywrap.cli;

import com.google.gson.JsonElement;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A store of two keychains, "b" and {@link TestRun#KEYCHAIN}, and what befalls it. */
final class StoreRun {
    final TestRun command;

    StoreRun(Path folder) throws IOException {
        command = TestRun.withKeychain(folder);
        Keystores.createKek(folder.resolve("main.p12"), KekId.of("keystore:main#other"), TestRun.PASSWORD::toCharArray);
        create("b");
    }

    void create(String id) {
        command.must(
                "keychain",
                "create",
                "--store",
                command.path("store"),
                "--id",
                id,
                "--kek",
                "keystore:main#kek",
                "--key-context",
                "tenant=hush");
    }

    int store(String verb, String... more) {
        return storeUnder("keystore:main#kek", verb, more);
    }

    int storeUnder(String sealKek, String verb, String... more) {
        String[] first = {"store", verb, "--store", command.path("store"), "--seal-kek", sealKek};
        return command.run(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    void exportNow() {
        if (store("export", command.path("out.kwsx")) != ExitCode.DONE) {
            throw new AssertionError(command.err());
        }
    }

    /** What was found, each as its kind and subject. */
    List<String> found() {
        return StreamSupport.stream(command.outJson().getAsJsonArray("findings").spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .map(finding -> finding.get("kind").getAsString() + " "
                        + finding.get("subject").getAsString())
                .sorted()
                .toList();
    }

    Path recordOf(String id) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
        String name = HexFormat.of().formatHex(digest);
        return command.folder.resolve("store/records/" + name.substring(0, 2) + "/" + name + ".keychain");
    }

    /** As somebody does who can write to the store, and lacks the KEK. */
    void edit(String id) throws Exception {
        byte[] bytes = Files.readAllBytes(recordOf(id));
        bytes[bytes.length - 1] ^= 1;
        Files.write(recordOf(id), bytes);
    }

    void lose() throws IOException {
        Files.move(command.folder.resolve("store"), command.folder.resolve("lost"));
    }
}
