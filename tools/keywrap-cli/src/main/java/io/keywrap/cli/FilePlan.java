package io.keywrap.cli;

import io.keywrap.EncryptionContext;
import io.keywrap.cli.Transfer.Direction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * One object.
 *
 * @param source a file, or {@code -}
 * @param target a file, or {@code -}
 * @param bytes the length of the source
 */
record FilePlan(Path source, Path target, long bytes) implements Plan {

    static FilePlan of(Path source, Path target) throws IOException {
        if (!Transfer.isStandard(target)) {
            checkTarget(target);
        }
        if (Transfer.isStandard(source)) {
            return new FilePlan(source, target, Progress.UNKNOWN);
        }
        if (!Files.exists(source)) {
            throw new NoSuchFileException(source.toString());
        }
        if (!Transfer.isStandard(target) && Files.exists(target) && Files.isSameFile(source, target)) {
            throw new UsageException("IN and OUT are the same file: " + source);
        }
        return new FilePlan(source, target, Files.isRegularFile(source) ? Files.size(source) : Progress.UNKNOWN);
    }

    /** A target is replaced by a rename, which must not hit a device or a pipe. */
    static void checkTarget(Path target) throws IOException {
        if (Files.isDirectory(target)) {
            throw new UsageException("OUT is a folder, and must be a file: " + target);
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new UsageException("OUT is no regular file: " + target + "; for standard output give '-'");
        }
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(String.valueOf(folder));
        }
    }

    @Override
    public List<Path> skipped() {
        return List.of();
    }

    @Override
    public void check(EncryptionContext context) {
        // Every context fits one object.
    }

    @Override
    public void check(Kept kept, Direction direction) throws IOException {
        if (!Transfer.isStandard(target)) {
            kept.refuse(target);
        }
    }

    @Override
    public void run(Transfer transfer, EncryptionContext context) throws IOException {
        transfer.progress().expect(bytes);
        transfer.run(source, target, context);
    }
}
