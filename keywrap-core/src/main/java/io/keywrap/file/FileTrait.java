package io.keywrap.file;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Set;

/** What a file can take from another one. Owner and permissions are those of POSIX, and nothing elsewhere. */
public enum FileTrait {
    /** Who may read and write it. */
    PERMISSIONS,

    /** Owner and group. */
    OWNER,

    /** When it was modified last. */
    TIME;

    static void copy(Set<FileTrait> traits, Path model, Path to, Path named) throws IOException {
        if (AtomicFile.isPosix(to) && AtomicFile.isPosix(model)) {
            PosixFileAttributes theirs = Files.readAttributes(model, PosixFileAttributes.class);
            if (traits.contains(OWNER)) { // First, since it may take permissions away.
                copyOwner(theirs, to, named);
            }
            if (traits.contains(PERMISSIONS)) {
                Files.setPosixFilePermissions(to, theirs.permissions());
            }
        }
        if (traits.contains(TIME)) {
            Files.setLastModifiedTime(to, Files.getLastModifiedTime(model));
        }
    }

    private static void copyOwner(PosixFileAttributes theirs, Path to, Path named) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
        PosixFileAttributes mine = view.readAttributes();
        try {
            if (!mine.owner().equals(theirs.owner())) {
                view.setOwner(theirs.owner());
            }
            if (!mine.group().equals(theirs.group())) {
                view.setGroup(theirs.group());
            }
        } catch (FileSystemException e) {
            FileSystemException failure = new FileSystemException(
                    named.toString(),
                    null,
                    "it would not belong to " + theirs.owner() + " and group " + theirs.group()
                            + " any more; to do: run this as that user, or as one who may give files away");
            failure.initCause(e);
            throw failure;
        }
    }
}
