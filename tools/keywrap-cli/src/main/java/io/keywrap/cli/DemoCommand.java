package io.keywrap.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows a newcomer the main job on real files. */
@Command(
        name = "demo",
        description = {
            "Encrypts and restores every file under DIR with keys made for the purpose, and shows what attacks give.",
            "",
            "DIR is only read; everything else happens in a temporary folder that is removed at the end. Needs no"
                    + " key store and no password. The exit code is 0 only if all went as it should."
        },
        footer = {"", "Example:", "  keywrap demo docs"})
final class DemoCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description = "A folder with files. Default: the docs folder of the checkout whose launcher was called.")
    private Optional<Path> folder = Optional.empty();

    DemoCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        Path chosen = folder.or(() -> root.host().home().map(home -> home.resolve("docs")))
                .orElseThrow(() -> new UsageException("DIR is missing; only the launcher of a checkout has a default"));
        if (!Files.isDirectory(chosen)) {
            throw new UsageException("DIR is no folder: " + chosen);
        }
        Tree tree = Tree.scan(chosen);
        if (!tree.unreadable().isEmpty()) {
            throw new TreeException("not everything in DIR can be read", tree.unreadable());
        }
        if (tree.files().isEmpty()) {
            throw new UsageException("DIR holds no file: " + chosen);
        }
        try (TemporaryFolder work = TemporaryFolder.create("keywrap-demo-");
                DemoKeys keys = DemoKeys.create(work.path())) {
            new Demo(root, tree, keys).run(work.path());
        }
        return ExitCode.DONE;
    }
}
