package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.cli.Transfer.Direction;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import java.nio.file.Files;
import java.nio.file.Path;
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
            run(TreePlan.of(folder.resolve("in"), folder.resolve("out"), false), cipher, Direction.ENCRYPT);
            TreePlan restore = TreePlan.of(folder.resolve("out"), folder.resolve("back"), false);
            keys.withdrawCustomerKek();

            TreeException failure =
                    catchThrowableOfType(TreeException.class, () -> run(restore, cipher, Direction.DECRYPT));

            assertThat(failure.failures()).hasSize(1);
            assertThat(failure).hasMessage("1 of 3 files failed, 0 decrypted, 2 not tried");
            assertThat(ExitCode.of(failure)).isEqualTo(4);
        }
    }

    private void run(TreePlan plan, EnvelopeCipher cipher, Direction direction) throws Exception {
        try (Progress progress = new Progress(null, "test", () -> 0)) {
            plan.run(new Transfer(Host.ofProcess(), cipher, direction, progress), EncryptionContext.empty());
        }
    }
}
