package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A KEK in AWS KMS wherever a command takes a KEK. */
class AwsKeksTest {
    @TempDir
    Path folder;

    private AwsRun aws;
    private TestRun command;
    private String plain;

    @BeforeEach
    void keychain() throws Exception {
        aws = new AwsRun(folder);
        command = aws.command;
        plain = command.write("plain", "text").toString();
        keychain("create", "--kek", aws.kek(), "--portable", "--migratable", "--key-context", "tenant=acme");
        must("encrypt", "--store", command.path("store"), "--keychain", "t", plain, command.path("plain.kwrp"));
    }

    @AfterEach
    void end() {
        aws.close();
    }

    /** Runs a command under the vendor's seal. */
    private void must(String... arguments) {
        command.must(Stream.concat(Stream.of(arguments), Stream.of("--seal-kek", aws.seal()))
                .toArray(String[]::new));
    }

    private void keychain(String verb, String... more) {
        must(Stream.concat(Stream.of("keychain", verb, "--store", command.path("store"), "--id", "t"), Stream.of(more))
                .toArray(String[]::new));
    }

    private void assertDecrypts() {
        must(
                "decrypt",
                "--store",
                command.path("store"),
                "--keychain",
                "t",
                command.path("plain.kwrp"),
                command.path("out"));
        assertThat(folder.resolve("out")).hasContent("text");
    }

    @Test
    void encryptAndDecrypt() {
        assertDecrypts();
    }

    @Test
    void aPortableEnvelopeOpensWithTheKekAlone() {
        command.must("decrypt", "--kek", aws.kek(), command.path("plain.kwrp"), command.path("out"));

        assertThat(folder.resolve("out")).hasContent("text");
    }

    @Test
    void showRotateAndList() {
        keychain("show", "--json");
        assertThat(command.outJson().getAsJsonObject("sealKey").get("kek").getAsString())
                .isEqualTo(aws.seal());

        keychain("rotate");
        assertDecrypts();

        command.must("keychain", "list", "--store", command.path("store"), "--kek", aws.kek(), "--json");
        assertThat(command.outJson().getAsJsonArray("keychains")).hasSize(1);
        command.must("keychain", "list", "--store", command.path("store"), "--kek", aws.seal(), "--json");
        assertThat(command.outJson().getAsJsonArray("keychains")).isEmpty();
    }

    @Test
    void migrateFromOneKeyToAnother() {
        String other = AwsRun.uri(aws.emulator.createKey());

        keychain("migrate", "--kek", other, "--vendor-managed", "--json");

        assertThat(command.outJson().getAsJsonArray("stillNeeded"))
                .isEqualTo(JsonParser.parseString("[\"" + aws.kek() + "\"]"));
        assertDecrypts();
    }

    @Test
    void aKeyStoreMayVouchAndAwsWrap() throws Exception {
        command.withKek();
        command.must(
                "keychain",
                "create",
                "--store",
                command.path("store"),
                "--id",
                "mixed",
                "--kek",
                aws.kek(),
                "--seal-kek",
                "keystore:main#kek");
        String[] both = {"--store", command.path("store"), "--keychain", "mixed"};

        command.must("encrypt", both[0], both[1], both[2], both[3], plain, command.path("mixed.kwrp"));
        command.must("decrypt", both[0], both[1], both[2], both[3], command.path("mixed.kwrp"), command.path("out"));

        assertThat(folder.resolve("out")).hasContent("text");
    }

    @Test
    void theStoreIsCheckedExportedImportedAndRebuilt() throws Exception {
        must("store", "check", "--store", command.path("store"));
        must("store", "export", "--store", command.path("store"), command.path("out.kwsx"));
        Files.move(folder.resolve("store"), folder.resolve("lost"));

        must("store", "import", "--store", command.path("store"), command.path("out.kwsx"));
        assertDecrypts();

        Files.move(folder.resolve("store"), folder.resolve("lost again"));
        must(
                "store",
                "rebuild",
                "--store",
                command.path("store"),
                "--id",
                "t",
                "--kek",
                aws.kek(),
                command.path("plain.kwrp"));
        assertDecrypts();
    }

    @Test
    void aSealUnderAKeyOfTheCloudIsNotBelievedUnlessTheKeyIsNamed() {
        int exitCode = command.run(
                "decrypt", "--store", command.path("store"), "--keychain", "t", command.path("plain.kwrp"), "-");

        assertThat(exitCode).isEqualTo(6);
        assertThat(command.err())
                .contains("a KEK of a cloud vouches for a keychain only if you name it", "--seal-kek " + aws.seal())
                .doesNotContain("--keystore");
        assertThat(command.out()).isEmpty();
    }
}
