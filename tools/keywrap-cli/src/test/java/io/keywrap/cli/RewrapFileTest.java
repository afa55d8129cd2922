package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Portable envelopes under other KEKs. */
class RewrapFileTest {
    private static final String OLD = "keystore:main#old";
    private static final String NEW = "keystore:main#new";

    @TempDir
    Path folder;

    private TestRun command;
    private Path envelope;
    private byte[] before;

    @BeforeEach
    void portableEnvelope() throws Exception {
        command = TestRun.withKeychain(folder);
        for (String kek : new String[] {OLD, NEW}) {
            Keystores.createKek(folder.resolve("main.p12"), KekId.of(kek), TestRun.PASSWORD::toCharArray);
        }
        keychain("create", "--kek", OLD, "--portable", "--seal-kek", "keystore:main#kek");
        envelope = encrypted("a.csv.kwrp");
        before = Files.readAllBytes(envelope);
    }

    private void keychain(String verb, String... more) {
        String[] first = {"keychain", verb, "--store", command.path("store"), "--id", "p"};
        command.must(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private Path encrypted(String name) throws Exception {
        Path file = folder.resolve("backups").resolve(name);
        Files.createDirectories(file.getParent());
        String plain = command.write("plain", "text").toString();
        command.must("encrypt", "--store", command.path("store"), "--keychain", "p", plain, file.toString());
        return file;
    }

    private int rewrap(String... arguments) {
        return command.run(Stream.of(new String[] {"rewrap-file"}, arguments)
                .flatMap(Stream::of)
                .toArray(String[]::new));
    }

    private int opened(String kek) {
        return command.run("decrypt", "--kek", kek, envelope.toString(), command.path("restored"));
    }

    @Test
    void opensWithTheNewKekAlone() {
        assertThat(rewrap("--from", OLD, "--to", NEW, "--keychain", "p", envelope.toString()))
                .isZero();
        assertThat(command.out()).contains("1 file re-wrapped, 0 had these wraps already");
        assertThat(opened(NEW)).isZero();
        assertThat(folder.resolve("restored")).hasContent("text");
        assertThat(opened(OLD)).isEqualTo(3);
    }

    @Test
    void theWrapsOfTheKeychainGoIntoAWholeFolder() throws Exception {
        encrypted("b.csv.kwrp");
        Files.writeString(folder.resolve("backups/readme.txt"), "no envelope");
        keychain("recipients", "--kek", NEW);
        keychain("repair", "--kek", NEW);

        String[] run = {"--store", command.path("store"), "--keychain", "p", "--json", command.path("backups")};
        assertThat(rewrap(run)).isZero();
        assertThat(command.outJson().get("rewrapped").getAsInt()).isEqualTo(2);
        assertThat(opened(NEW)).isZero();
        assertThat(rewrap(run)).isZero();
        assertThat(command.outJson().get("rewrapped").getAsInt()).isZero();
        assertThat(command.outJson().get("unchanged").getAsInt()).isEqualTo(2);
    }

    @Test
    void linksInAFolderAreToldAndLeftAlone() throws Exception {
        Path elsewhere = Files.move(envelope, folder.resolve("elsewhere.kwrp"));
        Files.createSymbolicLink(envelope, elsewhere);

        assertThat(rewrap("--from", OLD, "--to", NEW, command.path("backups"))).isZero();

        assertThat(command.err()).contains("left out", "a.csv.kwrp");
        assertThat(elsewhere).hasBinaryContent(before);
    }

    @Test
    void whatFailsIsToldAndTheRestIsDone() throws Exception {
        Path broken = Files.writeString(folder.resolve("backups/0.kwrp"), "no envelope");
        assertThat(rewrap("--from", OLD, "--to", NEW, command.path("backups"))).isEqualTo(3);
        assertThat(command.err()).contains("0.kwrp", "no envelope", "1 file re-wrapped", "1 failed");
        assertThat(broken).hasContent("no envelope");
        assertThat(opened(NEW)).isZero();
    }

    @Test
    void aKekThatMayNotOpenItOrIsMissingLeavesItAsItIs() {
        assertThat(rewrap("--from", NEW, "--to", NEW, envelope.toString())).isEqualTo(3);
        assertThat(rewrap("--from", OLD, "--to", "keystore:main#missing", envelope.toString()))
                .isEqualTo(4);
        assertThat(rewrap("--from", OLD, "--to", NEW, "--keychain", "other", envelope.toString()))
                .isEqualTo(3);
        assertThat(rewrap("--from", OLD, "--to", NEW, command.path("missing"))).isEqualTo(1);
        assertThat(envelope).hasBinaryContent(before);
    }

    @Test
    void aKeychainThatHoldsItsWrapsIsAUsageError() {
        assertThat(rewrap("--store", command.path("store"), "--keychain", TestRun.KEYCHAIN, envelope.toString()))
                .isEqualTo(2);
        assertThat(command.err()).contains("not portable", "keywrap rewrap");
    }

    @Test
    void theTimeStaysOnlyIfThatIsWanted() throws Exception {
        FileTime old = FileTime.fromMillis(1_500_000_000_000L);
        Files.setLastModifiedTime(envelope, old);
        assertThat(rewrap("--from", OLD, "--to", NEW, "--keep-times", envelope.toString()))
                .isZero();
        assertThat(Files.getLastModifiedTime(envelope)).isEqualTo(old);
        assertThat(rewrap("--from", NEW, "--to", OLD, envelope.toString())).isZero();
        assertThat(Files.getLastModifiedTime(envelope)).isGreaterThan(old);
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        String file = envelope.toString();
        String store = command.path("store");
        assertThat(rewrap(file)).isEqualTo(2);
        assertThat(rewrap("--from", OLD, file)).isEqualTo(2);
        assertThat(rewrap("--store", store, file)).isEqualTo(2);
        assertThat(rewrap("--store", store, "--keychain", "p", "--to", NEW, file))
                .isEqualTo(2);
        assertThat(rewrap("--store", store, "--keychain", "p", "--renew", file)).isEqualTo(2);
        assertThat(rewrap("--from", OLD, "--to", NEW, "--to", NEW, file)).isEqualTo(2);
        assertThat(rewrap("--from", OLD, "--to", NEW, "--seal-kek", NEW, file)).isEqualTo(2);
        assertThat(envelope).hasBinaryContent(before);
    }
}
