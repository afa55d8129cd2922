package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.cli.Transfer.Direction;
import io.keywrap.cli.TreeException.Failure;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree whose KEK goes away while it is restored. */
class TreePlanTest {
    @TempDir
    Path folder;

    @Test
    void aWithdrawnKekEndsTheTreeInsteadOfFailingEveryFile() throws Exception {
        TestRun command = new TestRun(folder);
        command.write("in/a", "A");
        command.write("in/b", "B");
        command.write("in/c", "C");
        Path keyFolder = Files.createDirectory(folder.resolve("keys"));
        try (DemoKeys keys = DemoKeys.create(keyFolder)) {
            Keychain keychain = keys.keychain("k");
            EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
            run(
                    TreePlan.of(folder.resolve("in"), folder.resolve("out"), Direction.ENCRYPT, false),
                    cipher,
                    Direction.ENCRYPT);
            TreePlan restore = TreePlan.of(folder.resolve("out"), folder.resolve("back"), Direction.DECRYPT, false);
            keys.withdrawCustomerKek();

            TreeException failure =
                    catchThrowableOfType(TreeException.class, () -> run(restore, cipher, Direction.DECRYPT));

            assertThat(failure.failures()).hasSize(1);
            assertThat(failure).hasMessage("1 of 3 files failed, 0 decrypted, 2 not tried");
            assertThat(ExitCode.of(failure)).isEqualTo(4);
        }
    }

    @Test
    void aFolderThatCannotBeReadIsOneFailureAndTheOthersPass() throws Exception {
        TestRun command = new TestRun(folder);
        command.write("in/a", "A");
        Tree read = Tree.scan(folder.resolve("in"));
        List<Failure> unreadable = List.of(new Failure("closed", new AccessDeniedException("closed")));
        Tree tree = new Tree(read.root(), read.folders(), read.files(), read.special(), unreadable, read.bytes());
        Path keyFolder = Files.createDirectory(folder.resolve("keys"));
        try (DemoKeys keys = DemoKeys.create(keyFolder)) {
            EnvelopeCipher cipher = EnvelopeCipher.using(keys.keychain("k"));
            TreePlan plan = new TreePlan(tree, folder.resolve("out"));

            TreeException failure =
                    catchThrowableOfType(TreeException.class, () -> run(plan, cipher, Direction.ENCRYPT));

            assertThat(failure.failures()).isEqualTo(unreadable);
            assertThat(failure).hasMessage("1 in the tree cannot be read, 0 of 1 file failed, 1 encrypted");
            assertThat(ExitCode.of(failure)).isEqualTo(1);
            assertThat(folder.resolve("out/a.kwrp")).exists();
        }
    }

    private void run(TreePlan plan, EnvelopeCipher cipher, Direction direction) throws Exception {
        try (Progress progress = new Progress(null, "test", () -> 0)) {
            plan.run(new Transfer(Host.ofProcess(), cipher, direction, progress), EncryptionContext.empty());
        }
    }
}
