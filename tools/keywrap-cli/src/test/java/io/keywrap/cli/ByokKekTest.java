package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A slot is a KEK of the command as any other, and the vendor's KEK behind it can be left. */
class ByokKekTest extends ByokFixture {
    private static final String OLD = "keystore:main#kek";
    private static final String NEW = "keystore:main#new";
    private static final String ACME = "byok://acme";

    /** What each test begins with, made by the first of them: a transport key takes longer than a test. */
    @TempDir
    static Path activated;

    @BeforeEach
    @Override
    void command() throws Exception {
        if (Files.exists(activated.resolve("store"))) {
            copy(activated, folder);
            command = new TestRun(folder).withKeyStore();
            return;
        }
        super.command();
        assertThat(transportKey("--create", "--pem", command.path("transport.pem")))
                .isZero();
        upload("first", 1);
        assertThat(take("first", "first")).isZero();
        assertThat(slot("activate", "--version-number", "1")).isZero();
        copy(folder, activated);
    }

    private static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.skip(1).toList()) {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** A command that is told where slots are. */
    private int withSlots(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--slot-store", command.path("store"), "--slot-kek", OLD));
        return command.run(all.toArray(String[]::new));
    }

    private int ofStore(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--store", command.path("store")));
        return withSlots(all.toArray(String[]::new));
    }

    private void createKeychain() {
        assertThat(ofStore("keychain", "create", "--id", "tenant", "--kek", ACME, "--seal-kek", OLD))
                .as(command.err())
                .isZero();
    }

    @Test
    void itIsCheckedAsAnyOther() {
        assertThat(withSlots("kek", "check", ACME)).as(command.err()).isZero();
        assertThat(command.out()).contains("wrong context", "version 1");
        assertThat(withSlots("kek", "status", ACME, "--json")).isZero();
        assertThat(command.outJson().get("currentVersion").getAsString()).isEqualTo("1");
        assertThat(slot("revoke", "--confirm", "revoke")).isZero();
        assertThat(withSlots("kek", "check", ACME)).isEqualTo(ExitCode.OTHER);
        assertThat(command.out()).contains("revoked the slot");
        assertThat(withSlots("kek", "status", ACME)).isEqualTo(ExitCode.KEK);
        assertThat(withSlots("kek", "status", "byok://nobody")).isEqualTo(ExitCode.KEK);
    }

    @Test
    void whereSlotsAreMustBeSaid() {
        assertThat(command.run("kek", "check", ACME)).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(command.err()).contains("--slot-store and --slot-kek");
        assertThat(command.run("kek", "check", ACME, "--slot-kek", OLD)).isEqualTo(ExitCode.USAGE);
        assertThat(command.run("kek", "check", ACME, "--slot-store", command.path("store")))
                .isEqualTo(ExitCode.USAGE);
        assertThat(command.run(
                        "kek", "check", ACME, "--slot-store", command.path("store"), "--slot-kek", "byok://another"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(command.run("kek", "check", ACME, "--slot-store", command.path("missing"), "--slot-kek", OLD))
                .isEqualTo(ExitCode.CONFIGURATION);
    }

    @Test
    void dataIsEncryptedUnderItUntilItIsRevoked() throws Exception {
        createKeychain();
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        String sealed = command.path("sealed.kwrp");
        assertThat(ofStore("encrypt", "--keychain", "tenant", plain.toString(), sealed))
                .as(command.err())
                .isZero();
        assertThat(ofStore("decrypt", "--keychain", "tenant", sealed, command.path("back")))
                .isZero();
        assertThat(folder.resolve("back")).hasContent("text");
        assertThat(slot("revoke", "--confirm", "revoke")).isZero();
        assertThat(ofStore("decrypt", "--keychain", "tenant", sealed, command.path("never")))
                .isEqualTo(ExitCode.KEK);
        assertThat(take("first", "first")).isZero();
        assertThat(take("first", "first")).as("again").isEqualTo(ExitCode.OTHER);
        assertThat(command.errJson().toString()).contains("as version 1, ACTIVE", "to give access back, that is done");
        assertThat(ofStore("decrypt", "--keychain", "tenant", sealed, command.path("again")))
                .isZero();
    }

    /** The notes are what no data can be read without. */
    @Test
    void noOutputTakesThePlaceOfTheStoreOfSlots() throws Exception {
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        TestRun other = TestRun.withKeychain(Files.createDirectory(folder.resolve("other")));
        assertThat(other.run(
                        "encrypt",
                        "--store",
                        other.path("store"),
                        "--keychain",
                        TestRun.KEYCHAIN,
                        "--slot-store",
                        command.path("store"),
                        "--slot-kek",
                        OLD,
                        plain.toString(),
                        command.path("store/notes/x.note")))
                .isEqualTo(ExitCode.USAGE);
        assertThat(other.err()).contains("inside of the store");
    }

    @Test
    void portableEnvelopesOpenWithIt() throws Exception {
        assertThat(ofStore("keychain", "create", "--id", "p", "--portable", "--kek", ACME, "--seal-kek", OLD))
                .isZero();
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        String sealed = command.path("sealed.kwrp");
        assertThat(ofStore("encrypt", "--keychain", "p", plain.toString(), sealed))
                .isZero();
        assertThat(withSlots("decrypt", "--kek", ACME, sealed, command.path("back")))
                .isZero();
        assertThat(folder.resolve("back")).hasContent("text");
    }

    @Test
    void aVersionIsDroppedOnceNothingNeedsIt() throws Exception {
        createKeychain();
        upload("second", 2);
        assertThat(take("second", "second")).isZero();
        assertThat(slot("archive", "--version-number", "2")).isZero();
        assertThat(slot("drop", "--version-number", "1", "--confirm", "drop")).isEqualTo(ExitCode.OTHER);
        assertThat(command.err()).contains("records of tenant", "type 'drop unchecked'");
        assertThat(ofStore("kek", "dependents", ACME, "--kek-version", "1", "--seal-kek", OLD))
                .isEqualTo(ExitCode.OTHER);
        assertThat(ofStore("rewrap", "--renew", ACME, "--seal-kek", OLD))
                .as(command.err())
                .isZero();
        assertThat(ofStore("kek", "dependents", ACME, "--kek-version", "1", "--seal-kek", OLD))
                .as(command.out())
                .isZero();
        assertThat(slot("drop", "--version-number", "1", "--confirm", "drop")).isZero();
        assertThat(states()).isEqualTo("2 ACTIVE;");
    }

    @Test
    void aVersionIsNotDroppedForKeychainsInAnotherStore() throws Exception {
        String elsewhere = command.path("elsewhere");
        assertThat(withSlots(
                        "keychain", "create", "--id", "tenant", "--kek", ACME, "--seal-kek", OLD, "--store", elsewhere))
                .as(command.err())
                .isZero();
        upload("second", 2);
        assertThat(take("second", "second")).isZero();
        assertThat(slot("archive", "--version-number", "2")).isZero();
        assertThat(slot("drop", "--version-number", "1", "--confirm", "drop", "--keychains", elsewhere))
                .isEqualTo(ExitCode.OTHER);
        assertThat(command.err()).contains("records of tenant");
        assertThat(slot("drop", "--version-number", "1", "--confirm", "drop", "--keychains", command.path("missing")))
                .isEqualTo(ExitCode.CONFIGURATION);
        assertThat(states()).isEqualTo("1 ARCHIVED;2 ACTIVE;");
    }

    private int rewrap(String... more) {
        List<String> all = new ArrayList<>(List.of("byok", "rewrap", "--store", command.path("store")));
        all.addAll(Arrays.asList(more));
        return command.run(all.toArray(String[]::new));
    }

    private int dependents(String kek) {
        return command.run(
                "kek",
                "dependents",
                kek,
                "--json",
                "--store",
                command.path("store"),
                "--seal-kek",
                OLD,
                "--slot-store",
                command.path("store"),
                "--slot-kek",
                NEW,
                "--slot-kek",
                OLD);
    }

    @Test
    void slotsAreMovedToAnotherKekOfTheVendors() {
        assertThat(command.run("keystore", "create", command.path("main.p12"), "--alias", "new"))
                .as(command.err())
                .isZero();
        assertThat(dependents(OLD)).isEqualTo(ExitCode.OTHER);
        assertThat(command.outJson().getAsJsonArray("slots").toString())
                .isEqualTo("[{\"slot\":\"acme\",\"keys\":1,\"seal\":true}]");
        assertThat(command.outJson().get("reasons").toString()).contains("1 uploaded key and 1 seal of 1 slot (acme)");

        assertThat(rewrap("--vendor-kek", NEW))
                .as("the old one is not accepted")
                .isEqualTo(ExitCode.CONFIGURATION);
        assertThat(command.out()).contains("! acme: FAILED", "have it accepted");
        assertThat(rewrap("--vendor-kek", NEW, "--accept-kek", OLD, "--dry-run"))
                .isZero();
        assertThat(command.out()).contains("! acme: TO_DO, 2 wraps to be made again");
        assertThat(dependents(NEW)).isZero();
        assertThat(rewrap("--vendor-kek", NEW, "--accept-kek", OLD, "--json")).isZero();
        JsonObject result = command.outJson();
        assertThat(result.getAsJsonObject("counts").get("REWRAPPED").getAsInt()).isEqualTo(1);
        assertThat(result.get("complete").getAsBoolean()).isTrue();
        assertThat(rewrap("--vendor-kek", NEW)).isZero();
        assertThat(command.out()).contains("CURRENT   1 slot");

        assertThat(dependents(NEW)).isEqualTo(ExitCode.OTHER);
        assertThat(dependents(OLD)).as("keychains are sealed by it").isEqualTo(ExitCode.OTHER);
        assertThat(command.outJson().get("slotCount").getAsInt()).isZero();
        assertThat(slot("status")).as("under the old one").isEqualTo(ExitCode.CONFIGURATION);
        assertThat(run(new String[0], "status", "--vendor-kek", NEW, "--slot", "acme"))
                .isZero();
        assertThat(command.out()).contains("seal     under " + NEW, "under " + NEW);
    }

    @Test
    void allSlotsAreListedAndWhatCannotBeBelievedIsNamed() throws Exception {
        assertThat(list()).isZero();
        assertThat(command.out()).containsPattern("acme +1 ACTIVE +" + OLD);
        Path notes = folder.resolve("store/notes");
        Files.write(notes.resolve("byok-0.note"), new byte[] {0, 0, 0, 0, 0, 0, 0, 1, 9});
        assertThat(list("--json")).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(command.outJson().getAsJsonArray("slots")).hasSize(1);
        assertThat(command.outJson().getAsJsonArray("refused").toString()).contains("byok-0", "cannot be believed");
    }

    private int list(String... more) {
        List<String> all = new ArrayList<>(List.of("byok", "list", "--store", command.path("store")));
        all.addAll(List.of("--vendor-kek", OLD));
        all.addAll(Arrays.asList(more));
        return command.run(all.toArray(String[]::new));
    }

    @Test
    void aStoreWithoutSlotsHasNothingToMove() throws Exception {
        TestRun other = TestRun.withKeychain(Files.createDirectory(folder.resolve("other")));
        assertThat(other.run("byok", "rewrap", "--store", other.path("store"), "--vendor-kek", OLD))
                .isZero();
        assertThat(other.out()).contains("the store has no slots");
    }
}
