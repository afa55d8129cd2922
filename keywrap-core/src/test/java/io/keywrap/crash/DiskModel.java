package io.keywrap.crash;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A folder as a power cut may leave it. A file's bytes are on disk once the file was forced, and a name is once its folder
 * was; until then the one or the other may be missing.
 */
final class DiskModel {
    private final Path root;
    private final Folder top = new Folder();
    private final ByteArrayOutputStream told = new ByteArrayOutputStream();

    /** Begins with a folder that is on disk, with these folders in it. */
    DiskModel(Path root, String... folders) {
        this.root = root;
        for (String name : folders) {
            top.names.put(name, new Folder());
        }
        top.force();
    }

    /** Adds a folder that a killed process has made and not forced. */
    void addUnforced(Path folder) {
        if (!folder.equals(root)) {
            addUnforced(folder.getParent());
            parent(folder).names.computeIfAbsent(name(folder), name -> new Folder());
        }
    }

    /** Takes a call in, and says what a power cut may find otherwise than before. */
    Change apply(Strace.Call call) {
        switch (call.name()) {
            case "write", "pwrite64", "writev" -> {
                return write(call);
            }
            case "fsync", "fdatasync" -> {
                return isInside(call.file()) ? force(node(Path.of(call.file()))) : Change.NOTHING;
            }
            case "openat" -> {
                boolean makes = call.arguments().contains("O_CREAT")
                        && isInside(call.path(0).toString());
                return makes ? create(call.path(0), call.arguments().contains("O_TRUNC")) : Change.NOTHING;
            }
            default -> {
                String path = call.file().isEmpty() ? call.path(0).toString() : call.file();
                return isInside(path) ? changeNames(call) : Change.NOTHING;
            }
        }
    }

    private Change write(Strace.Call call) {
        if (call.descriptor() == 1) {
            told.writeBytes(call.written());
            return Change.FORCED;
        }
        if (isInside(call.file())) {
            ((Content) node(Path.of(call.file()))).bytes.writeBytes(call.written());
        }
        return Change.NOTHING;
    }

    private static Change force(Node node) {
        node.force();
        return Change.FORCED;
    }

    private Change create(Path file, boolean cut) {
        Node there = parent(file).names.computeIfAbsent(name(file), name -> new Content());
        if (cut) {
            ((Content) there).bytes.reset();
        }
        return Change.NAMES;
    }

    private Change changeNames(Strace.Call call) {
        Path path = call.path(0);
        switch (call.name()) {
            case "mkdir" -> parent(path).names.put(name(path), new Folder());
            case "unlink" -> parent(path).names.remove(name(path));
            case "rename" -> {
                Path target = call.path(1);
                parent(target).names.put(name(target), parent(path).names.remove(name(path)));
            }
            default -> throw new IllegalStateException("not foreseen: " + call);
        }
        return Change.NAMES;
    }

    private boolean isInside(String path) {
        return Path.of(path).startsWith(root);
    }

    private Node node(Path path) {
        Node node = top;
        for (Path name : root.relativize(path)) {
            node = name.toString().isEmpty() ? node : ((Folder) node).names.get(name.toString());
        }
        return node;
    }

    private Folder parent(Path path) {
        return (Folder) node(path.getParent());
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    /** What the process had told by now. */
    String told() {
        return told.toString(StandardCharsets.UTF_8);
    }

    /**
     * Makes what is found after a power cut.
     *
     * @param early whether names went to disk at once, ahead of the bytes; else they did when they were forced
     */
    void restore(Path target, boolean early) throws IOException {
        restore(top, target, early);
    }

    private static void restore(Folder folder, Path target, boolean early) throws IOException {
        Files.createDirectories(target);
        for (Map.Entry<String, Node> entry : (early ? folder.names : folder.forced).entrySet()) {
            Path path = target.resolve(entry.getKey());
            if (entry.getValue() instanceof Folder inner) {
                restore(inner, path, early);
            } else {
                Files.write(path, ((Content) entry.getValue()).forced);
            }
        }
    }

    /** What a call did to what a power cut finds. */
    enum Change {
        /** Nothing: bytes that are not forced are not found. */
        NOTHING,
        /** Other names, if those go to disk at once. */
        NAMES,
        /** More is on disk for certain, or more was told to be. */
        FORCED
    }

    /** What has a name. */
    private abstract static class Node {
        abstract void force();
    }

    private static final class Content extends Node {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private byte[] forced = {};

        @Override
        void force() {
            forced = bytes.toByteArray();
        }
    }

    private static final class Folder extends Node {
        private final Map<String, Node> names = new TreeMap<>();
        private Map<String, Node> forced = Map.of();

        @Override
        void force() {
            forced = new TreeMap<>(names);
        }
    }
}
