package io.keywrap.cli;

import io.keywrap.cli.Transfer.Direction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Where the files of a tree go, and which places are refused before anything is written. */
final class TreeTarget {
    static final String SUFFIX = ".kwrp";

    private TreeTarget() {}

    /**
     * The folder OUT, which may not exist yet, by its real path.
     *
     * @throws UsageException if IN and OUT overlap
     */
    static Path of(Path in, Path out) throws IOException {
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new NotDirectoryException(out.toString());
        }
        Path source = in.toRealPath();
        Path target = realPathToBe(out);
        if (target.startsWith(source) || source.startsWith(target)) {
            throw new UsageException(
                    "IN and OUT are the same folder, or one is inside of the other: " + source + ", " + target);
        }
        return target;
    }

    /** Links are followed before ".." is taken, as the system does; what is still missing can hold no link. */
    static Path realPathToBe(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path existing = absolute;
        while (existing.getParent() != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
            existing = existing.getParent();
        }
        Path real = existing.toRealPath();
        for (int i = existing.getNameCount(); i < absolute.getNameCount(); i++) {
            real = real.resolve(absolute.getName(i));
        }
        return real.normalize();
    }

    /** The relative path that a file gets; empty for one that is no envelope by its name. */
    static Optional<String> nameOf(Path file, Direction direction) {
        String name = file.toString();
        if (direction == Direction.ENCRYPT) {
            return Optional.of(name + SUFFIX);
        }
        boolean envelope =
                name.endsWith(SUFFIX) && !file.getFileName().toString().equals(SUFFIX);
        return envelope ? Optional.of(name.substring(0, name.length() - SUFFIX.length())) : Optional.empty();
    }

    /** Refuses a tree in which a file would take the place of a folder, and links in OUT, which may lead out of it. */
    static void check(Tree source, Path target, Direction direction) {
        Set<String> folders = new HashSet<>();
        source.folders().forEach(folder -> folders.add(folder.toString()));
        for (Path file : source.files()) {
            if (nameOf(file, direction).filter(folders::contains).isPresent()) {
                throw new UsageException("file " + Tree.slashed(file) + " would become "
                        + nameOf(file, direction).orElseThrow() + " in OUT, where a folder of IN goes; to do: rename"
                        + " one of them");
            }
            nameOf(file, direction).map(Path::of).ifPresent(name -> refuseLink(target, name));
        }
        source.folders().forEach(folder -> refuseLink(target, folder));
    }

    private static void refuseLink(Path target, Path name) {
        if (Files.isSymbolicLink(target.resolve(name))) {
            throw new UsageException("OUT has a symbolic link where something of IN goes: " + Tree.slashed(name)
                    + "; to do: remove it, or choose another OUT");
        }
    }
}
