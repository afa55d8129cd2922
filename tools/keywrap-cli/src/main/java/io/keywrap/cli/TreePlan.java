package io.keywrap.cli;

import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.cli.Transfer.Direction;
import io.keywrap.cli.TreeException.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A tree: every regular file becomes an envelope {@code <relative path>.kwrp}, or back. Each envelope is bound to its
 * place by the pair {@code path=<relative path>}, so that nobody can swap the files of a tree.
 *
 * @param source what is in IN
 * @param target the folder OUT
 */
record TreePlan(Tree source, Path target) implements Plan {
    static final String PATH_KEY = "path";

    private static final int MAX_NAMED = 20;

    static TreePlan of(Path in, Path out, Direction direction, boolean skipSpecial) throws IOException {
        if (Transfer.isStandard(out)) {
            throw new UsageException("IN is a folder, so OUT must be one, not standard output");
        }
        Path target = TreeTarget.of(in, out);
        Tree tree = Tree.scan(in);
        if (!skipSpecial && !tree.special().isEmpty()) {
            throw new UsageException("IN holds symbolic links or special files, which cannot be kept: "
                    + names(tree.special()) + "; to do: remove them, or leave them out with --skip-special");
        }
        TreeTarget.check(tree, target, direction);
        return new TreePlan(tree, target);
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
    public void check(Kept kept, Direction direction) throws IOException {
        kept.refuse(target);
        for (Path file : source.files()) {
            Optional<String> name = TreeTarget.nameOf(file, direction);
            if (name.isPresent()) {
                kept.refuse(target.resolve(name.get()));
            }
        }
    }

    @Override
    public void run(Transfer transfer, EncryptionContext context) throws IOException {
        transfer.progress().expect(bytes());
        Files.createDirectories(target);
        for (Path folder : source.folders()) {
            Files.createDirectories(target.resolve(folder));
        }
        List<Failure> failures = new ArrayList<>(source.unreadable());
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

    private void move(Transfer transfer, Path file, EncryptionContext context) throws IOException {
        String targetName = TreeTarget.nameOf(file, transfer.direction())
                .orElseThrow(() -> new MalformedEnvelopeException("no envelope by its name, which does not end in "
                        + TreeTarget.SUFFIX + "; to do: find out why it is in this tree"));
        String plainName = transfer.direction() == Direction.DECRYPT ? targetName : file.toString();
        Path plain = textual(file, plainName);
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

    private String summary(Transfer transfer, int failures) {
        int unreadable = source.unreadable().size();
        int failed = failures - unreadable;
        long rest = source.files().size() - transfer.files() - failed;
        return (unreadable > 0 ? unreadable + " in the tree cannot be read, " : "") + failed + " of "
                + Sizes.files(source.files().size()) + " failed, " + transfer.files() + " "
                + transfer.direction().done() + (rest > 0 ? ", " + rest + " not tried" : "");
    }
}
