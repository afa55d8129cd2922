package io.keywrap.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.TestTenant;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Making a KEK in a PKCS#12 file: complete or not at all, and for its owner's eyes alone. */
class CreateKekTest {
    private static final KekId FIRST = KekId.of("keystore:any#first");
    private static final KekId SECOND = KekId.of("keystore:any#second");

    @TempDir
    Path folder;

    @Test
    void makesTheFileReadableByItsOwnerAlone() throws IOException {
        Path file = folder.resolve("kek.p12");
        Keystores.createKek(file, FIRST, TestTenant::password);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(new KekFile(file).get("first").getAlgorithm()).isEqualTo("AES");
        assertThat(new KekFile(file).get("first").getEncoded()).hasSize(32);
        assertNothingElseIn(folder, "kek.p12");
    }

    @Test
    void addsToAFileAndNarrowsItsPermissions() throws IOException {
        Path file = folder.resolve("kek.p12");
        Keystores.createKek(file, FIRST, TestTenant::password);
        byte[] first = new KekFile(file).get("first").getEncoded();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

        Keystores.createKek(file, SECOND, TestTenant::password);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(new KekFile(file).get("first").getEncoded()).isEqualTo(first);
        assertThat(new KekFile(file).get("second").getEncoded()).isNotEqualTo(first);
    }

    @Test
    void leavesAnAliasThatIsTakenAsItIs() throws IOException {
        Path file = folder.resolve("kek.p12");
        Keystores.createKek(file, FIRST, TestTenant::password);
        byte[] before = Files.readAllBytes(file);
        // PKCS#12 of the JDK does not tell aliases apart by case.
        for (String uri : new String[] {"keystore:any#first", "keystore:any#FIRST"}) {
            assertThatExceptionOfType(FileAlreadyExistsException.class)
                    .isThrownBy(() -> Keystores.createKek(file, KekId.of(uri), TestTenant::password))
                    .withMessageContaining("already");
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertNothingElseIn(folder, "kek.p12");
    }

    @Test
    void leavesAFileThatItsPasswordDoesNotOpenAsItIs() throws IOException {
        Path file = folder.resolve("kek.p12");
        Keystores.createKek(file, FIRST, TestTenant::password);
        byte[] before = Files.readAllBytes(file);
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> Keystores.createKek(file, SECOND, () -> "wrong".toCharArray()))
                .withMessageContaining("password");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertNothingElseIn(folder, "kek.p12");
    }

    @Test
    void leavesAFileThatIsNoKeyStoreAsItIs() throws IOException {
        Path file = folder.resolve("letter.txt");
        Files.writeString(file, "dear customer");
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> Keystores.createKek(file, FIRST, TestTenant::password));
        assertThat(file).hasContent("dear customer");
        assertNothingElseIn(folder, "letter.txt");
    }

    @Test
    void wipesEveryPasswordItWasGiven() throws IOException {
        List<char[]> given = new ArrayList<>();
        for (KekId kekId : List.of(FIRST, SECOND)) {
            Keystores.createKek(folder.resolve("kek.p12"), kekId, () -> {
                char[] password = TestTenant.password();
                given.add(password);
                return password;
            });
        }
        assertThat(given).hasSize(3).allSatisfy(password -> assertThat(password).containsOnly('\0'));
    }

    @Test
    void needsTheFolder() {
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> Keystores.createKek(folder.resolve("missing/kek.p12"), FIRST, TestTenant::password));
    }

    @Test
    void refusesAKekIdThatIsNoKeyStores() {
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> Keystores.createKek(
                        folder.resolve("kek.p12"), KekId.of("aws-kms://arn:x"), TestTenant::password));
        assertThat(folder).isEmptyDirectory();
    }

    /** But for the file by whose lock writers take turns. */
    private static void assertNothingElseIn(Path folder, String name) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            assertThat(entries.map(entry -> entry.getFileName().toString()))
                    .containsExactlyInAnyOrder(name, "." + name + ".lock");
        }
    }
}
