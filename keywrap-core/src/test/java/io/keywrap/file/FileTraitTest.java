package io.keywrap.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file takes from another one what it is told to take, and nothing else. */
class FileTraitTest {
    private static final FileTime THEN = FileTime.fromMillis(1_000_000_000_000L);

    @TempDir
    Path folder;

    private Path model;
    private PosixFileAttributes before;

    @BeforeEach
    void makeTheModel() throws IOException {
        model = Files.writeString(folder.resolve("model"), "of the model");
        Files.setPosixFilePermissions(model, PosixFilePermissions.fromString("r--r-----"));
        Files.setLastModifiedTime(model, THEN);
    }

    @Test
    void nothingIsTakenUnasked() throws IOException {
        PosixFileAttributes after = take();
        assertThat(after.permissions()).isEqualTo(before.permissions());
        assertThat(after.lastModifiedTime()).isEqualTo(before.lastModifiedTime());
    }

    @Test
    void permissionsAreTakenAlone() throws IOException {
        PosixFileAttributes after = take(FileTrait.PERMISSIONS);
        assertThat(PosixFilePermissions.toString(after.permissions())).isEqualTo("r--r-----");
        assertThat(after.lastModifiedTime()).isEqualTo(before.lastModifiedTime());
    }

    @Test
    void theTimeIsTakenAlone() throws IOException {
        PosixFileAttributes after = take(FileTrait.TIME);
        assertThat(after.lastModifiedTime()).isEqualTo(THEN);
        assertThat(after.permissions()).isEqualTo(before.permissions());
    }

    /** Whom nobody but root may give files to. */
    @Test
    void ownerAndGroupAreTakenEachWhereItDiffers() throws IOException {
        for (String[] theirs : new String[][] {{"54321", null}, {null, "54322"}, {"54321", "54322"}}) {
            give(theirs[0], theirs[1]);
            PosixFileAttributes wanted = Files.readAttributes(model, PosixFileAttributes.class);
            PosixFileAttributes without = take(FileTrait.PERMISSIONS, FileTrait.TIME);
            assertThat(without.owner()).isEqualTo(before.owner());
            assertThat(without.group()).isEqualTo(before.group());
            PosixFileAttributes after = take(FileTrait.OWNER);
            assertThat(after.owner()).isEqualTo(wanted.owner());
            assertThat(after.group()).isEqualTo(wanted.group());
        }
    }

    private void give(@Nullable String owner, @Nullable String group) throws IOException {
        UserPrincipalLookupService users = folder.getFileSystem().getUserPrincipalLookupService();
        PosixFileAttributeView view = Files.getFileAttributeView(model, PosixFileAttributeView.class);
        PosixFileAttributes own = Files.readAttributes(folder, PosixFileAttributes.class);
        try {
            view.setOwner(owner == null ? own.owner() : users.lookupPrincipalByName(owner));
            view.setGroup(group == null ? own.group() : users.lookupPrincipalByGroupName(group));
        } catch (FileSystemException e) {
            abort("who runs these tests may not give files away: " + e);
        }
    }

    /** What a new file is like before and after it took from the model. */
    private PosixFileAttributes take(FileTrait... traits) throws IOException {
        Set<FileTrait> wanted = EnumSet.noneOf(FileTrait.class);
        wanted.addAll(Set.of(traits));
        Path made = folder.resolve("made");
        Files.deleteIfExists(made);
        try (AtomicFile file = AtomicFile.replacing(made)) {
            Path hidden = hidden();
            before = Files.readAttributes(hidden, PosixFileAttributes.class);
            file.take(model, wanted);
            file.commit();
        }
        return Files.readAttributes(made, PosixFileAttributes.class);
    }

    private Path hidden() throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.filter(AtomicFile::isTemporary).findFirst().orElseThrow();
        }
    }
}
