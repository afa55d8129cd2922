package io.keywrap.cli;

import io.keywrap.cli.TreeException.Failure;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in a folder, all the way down. Symbolic links in it are not followed.
 *
 * @param root the folder
 * @param folders the folders in it, by paths relative to the root, outer ones first
 * @param files the regular files in it, by relative paths
 * @param special what is neither: symbolic links, sockets, devices
 * @param unreadable folders and files that could not be looked at, and why
 * @param bytes the length of all files
 */
record Tree(Path root, List<Path> folders, List<Path> files, List<Path> special, List<Failure> unreadable, long bytes) {

    static Tree scan(Path folder) throws IOException {
        Path root = folder.toRealPath();
        Scan scan = new Scan(root);
        Files.walkFileTree(root, scan);
        Collections.sort(scan.folders);
        Collections.sort(scan.files);
        Collections.sort(scan.special);
        return new Tree(root, scan.folders, scan.files, scan.special, scan.unreadable, scan.bytes);
    }

    /** A relative path with slashes, whatever the platform writes. */
    static String slashed(Path relative) {
        List<String> names = new ArrayList<>();
        relative.forEach(name -> names.add(name.toString()));
        return String.join("/", names);
    }

    private static final class Scan extends SimpleFileVisitor<Path> {
        private final Path root;
        private final List<Path> folders = new ArrayList<>();
        private final List<Path> files = new ArrayList<>();
        private final List<Path> special = new ArrayList<>();
        private final List<Failure> unreadable = new ArrayList<>();
        private long bytes;

        Scan(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            if (!folder.equals(root)) {
                folders.add(root.relativize(folder));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
                files.add(root.relativize(file));
                bytes += attributes.size();
            } else {
                special.add(root.relativize(file));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (file.equals(root)) {
                throw failure;
            }
            unreadable.add(new Failure(slashed(root.relativize(file)), failure));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
            return failure == null ? FileVisitResult.CONTINUE : visitFileFailed(folder, failure);
        }
    }
}
