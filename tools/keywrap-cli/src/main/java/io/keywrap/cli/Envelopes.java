package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.cli.TreeException.Failure;
import io.keywrap.recovery.EnvelopeSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Files that may be envelopes: those that are named, and every regular file in folders that are named.
 *
 * @param sources the files, and what cannot be looked at, which fails when it is opened
 * @param skipped symbolic links and special files in the folders
 */
record Envelopes(List<EnvelopeSource> sources, List<String> skipped) {

    static Envelopes in(List<Path> paths) throws IOException {
        Envelopes found = new Envelopes(new ArrayList<>(), new ArrayList<>());
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                found.addTree(path);
            } else if (Files.exists(path)) {
                found.sources.add(file(path));
            } else {
                throw new NoSuchFileException(path.toString());
            }
        }
        return found;
    }

    /** The same with the files that links in the folders lead to; what they lead to else cannot be looked at, or is no file. */
    Envelopes withLinks(List<Path> paths) throws IOException {
        Envelopes more = new Envelopes(new ArrayList<>(sources), new ArrayList<>());
        for (String name : skipped) {
            Path link = Path.of(name);
            if (Files.isRegularFile(link)) {
                more.sources.add(file(link));
            } else if (Files.isDirectory(link) && !isIn(paths, link.toRealPath())) {
                more.sources.add(source(name, () -> {
                    throw new IOException("a link to a folder, which is not followed; to do: name that folder too");
                }));
            } else {
                more.skipped.add(name);
            }
        }
        return more;
    }

    private static boolean isIn(List<Path> paths, Path real) throws IOException {
        for (Path path : paths) {
            if (real.startsWith(path.toRealPath())) {
                return true;
            }
        }
        return false;
    }

    private void addTree(Path folder) throws IOException {
        Tree tree = Tree.scan(folder);
        tree.files().forEach(file -> sources.add(file(folder.resolve(file))));
        tree.unreadable().forEach(failure -> sources.add(unreadable(folder, failure)));
        tree.special().forEach(special -> skipped.add(folder.resolve(special).toString()));
    }

    /** The files one after the other, counted by a progress. */
    Iterable<EnvelopeSource> watchedBy(Progress progress) {
        progress.expect(sources.size());
        return () -> sources.stream().peek(source -> progress.step()).iterator();
    }

    /** Says what was left out. */
    void reportSkipped(KeywrapCommand root, JsonObject result) {
        result.add("skipped", Json.strings(skipped));
        if (!root.json()) {
            skipped.forEach(path -> root.host().err().println("keywrap: left out: " + Host.visible(path)));
        }
    }

    private static EnvelopeSource file(Path file) {
        return source(file.toString(), () -> Files.newInputStream(file));
    }

    private static EnvelopeSource unreadable(Path folder, Failure failure) {
        return source(folder.resolve(failure.path()).toString(), () -> {
            throw failure.cause() instanceof IOException cause ? cause : new IOException(failure.cause());
        });
    }

    private static EnvelopeSource source(String name, Opening opening) {
        return new EnvelopeSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public InputStream open() throws IOException {
                try {
                    return opening.open();
                } catch (IOException e) {
                    throw new IOException(Failures.problem(e), e); // The finding names the file.
                }
            }
        };
    }

    private interface Opening {
        InputStream open() throws IOException;
    }
}
