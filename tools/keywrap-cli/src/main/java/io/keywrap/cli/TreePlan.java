package io.keywrap.cli;

import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.cli.Transfer.Direction;
import io.keywrap.cli.TreeException.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A tree: every regular file becomes an envelope {@code <relative path>.kwrp}, or back. Each envelope is bound to its
 * place by the pair {@code path=<relative path>}, so that nobody can swap the files of a tree.
 *
 * @param source what is in IN
 * @param target the folder OUT
 */
record TreePlan(Tree source, Path target) implements Plan {
    static final String SUFFIX = ".kwrp";
    static final String PATH_KEY = "path";

    private static final int MAX_NAMED = 20;

    static TreePlan of(Path in, Path out, boolean skipSpecial) throws IOException {
        if (Transfer.isStandard(out)) {
            throw new UsageException("IN is a folder, so OUT must be one, not standard output");
        }
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new NotDirectoryException(out.toString());
        }
        refuseOverlap(in.toRealPath(), realPathToBe(out));
        Tree tree = Tree.scan(in);
        if (!skipSpecial && !tree.special().isEmpty()) {
            throw new UsageException("IN holds symbolic links or special files, which cannot be kept: "
                    + names(tree.special()) + "; to do: remove them, or leave them out with --skip-special");
        }
        return new TreePlan(tree, out);
    }

    private static void refuseOverlap(Path in, Path out) {
        if (out.startsWith(in) || in.startsWith(out)) {
            throw new UsageException(
                    "IN and OUT are the same folder, or one is inside of the other: " + in + ", " + out);
        }
    }

    /** The real path of what may not exist yet. */
    private static Path realPathToBe(Path path) throws IOException {
        // Not normalised before: what '..' means is known only once the links before it are resolved.
        Path existing = path.toAbsolutePath();
        Path missing = Path.of("");
        while (existing.getParent() != null && !Files.exists(existing)) {
            missing = existing.getFileName().resolve(missing);
            existing = existing.getParent();
        }
        for (Path name : missing) {
            if (name.toString().equals("..")) {
                throw new UsageException("OUT goes up from a folder that does not exist: " + path);
            }
        }
        return existing.toRealPath().resolve(missing).normalize();
    }

    private static String names(List<Path> paths) {
        String named = paths.stream().limit(MAX_NAMED).map(Tree::slashed).collect(Collectors.joining(", "));
        return paths.size() > MAX_NAMED ? named + " and " + (paths.size() - MAX_NAMED) + " more" : named;
    }

    @Override
    public long bytes() {
        return source.bytes();
    }

    @Override
    public List<Path> skipped() {
        return source.special();
    }

    @Override
    public void check(EncryptionContext context) {
        if (context.asMap().containsKey(PATH_KEY)) {
            throw new UsageException("in a tree the context key '" + PATH_KEY + "' holds each file's relative path");
        }
    }

    @Override
    public void run(Transfer transfer, EncryptionContext context) throws IOException {
        refuseObstacles(transfer.direction());
        transfer.progress().expect(bytes());
        Files.createDirectories(target);
        for (Path folder : source.folders()) {
            Files.createDirectories(target.resolve(folder));
        }
        List<Failure> failures = new ArrayList<>();
        for (Path file : source.files()) {
            try {
                move(transfer, file, context);
            } catch (IOException | RuntimeException e) {
                Failure failure = new Failure(Tree.slashed(file), e);
                failures.add(failure);
                if (failure.endsTheTree()) {
                    break;
                }
            }
        }
        if (!failures.isEmpty()) {
            throw new TreeException(summary(transfer, failures.size()), failures);
        }
    }

    /** Looks for all that cannot work before anything is written. */
    private void refuseObstacles(Direction direction) {
        Set<Path> folders = Set.copyOf(source.folders());
        List<Path> inTheWay = new ArrayList<>();
        List<Path> links = new ArrayList<>();
        for (Path folder : source.folders()) {
            if (Files.isSymbolicLink(target.resolve(folder))) {
                links.add(folder);
            }
        }
        for (Path file : source.files()) {
            if (direction == Direction.DECRYPT && !isEnvelope(file)) {
                continue; // Reported when its turn comes, and never written.
            }
            Path written = Path.of(targetName(file, direction));
            if (folders.contains(written)) {
                inTheWay.add(written);
            }
            if (Files.isSymbolicLink(target.resolve(written))) {
                links.add(written);
            }
        }
        if (!inTheWay.isEmpty()) {
            throw new UsageException("these would be a file and a folder at once in OUT: " + names(inTheWay)
                    + "; to do: rename one of the two in IN");
        }
        if (!links.isEmpty()) {
            throw new UsageException("OUT holds symbolic links where files or folders go, which may lead out of it: "
                    + names(links) + "; to do: remove them, or choose another OUT");
        }
    }

    /** By its name. */
    private static boolean isEnvelope(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(SUFFIX) && !name.equals(SUFFIX);
    }

    private static String targetName(Path file, Direction direction) {
        String name = file.toString();
        if (direction == Direction.ENCRYPT) {
            return name + SUFFIX;
        }
        return name.substring(0, name.length() - SUFFIX.length());
    }

    private void move(Transfer transfer, Path file, EncryptionContext context) throws IOException {
        String name = file.toString();
        boolean decrypting = transfer.direction() == Direction.DECRYPT;
        if (decrypting && !isEnvelope(file)) {
            throw new MalformedEnvelopeException("no envelope by its name, which does not end in " + SUFFIX
                    + "; to do: find out why it is in this tree");
        }
        String targetName = targetName(file, transfer.direction());
        Path plain = textual(file, decrypting ? targetName : name);
        transfer.run(
                source.root().resolve(file), target.resolve(targetName), context.with(PATH_KEY, Tree.slashed(plain)));
    }

    /** A path that is bound as text must be that text: names that this locale cannot read would look alike. */
    private static Path textual(Path file, String name) throws IOException {
        try {
            if (Path.of(file.toString()).equals(file)) {
                return Path.of(name);
            }
        } catch (InvalidPathException e) {
            // Reported below.
        }
        throw new IOException("its name is no text in this locale; to do: rename it, or set a UTF-8 locale");
    }

    private String summary(Transfer transfer, int failed) {
        long rest = source.files().size() - transfer.files() - failed;
        return failed + " of " + Sizes.files(source.files().size()) + " failed, " + transfer.files() + " "
                + transfer.direction().done() + (rest > 0 ? ", " + rest + " not tried" : "");
    }
}
