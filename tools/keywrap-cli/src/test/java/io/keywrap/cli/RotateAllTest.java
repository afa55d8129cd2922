package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New primaries over a whole store. */
class RotateAllTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void keychains() throws Exception {
        command = TestRun.withKeychain(folder);
        command.must("keychain", "create", "--store", command.path("store"), "--id", "b", "--kek", "keystore:main#kek");
    }

    private int rotate(String... more) {
        String[] first = {
            "keychain", "rotate-all", "--store", command.path("store"), "--seal-kek", "keystore:main#kek", "--json"
        };
        return command.run(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private long revision(String id) {
        command.must("keychain", "show", "--store", command.path("store"), "--id", id, "--json");
        return command.outJson().get("revision").getAsLong();
    }

    @Test
    void youngOnesStay() {
        assertThat(rotate()).isZero();
        assertThat(command.outJson().get("complete").getAsBoolean()).isTrue();
        assertThat(revision("b")).isEqualTo(1);
    }

    @Test
    void allAreRotatedIfThatIsWantedAndADryRunOnlyCounts() {
        assertThat(rotate("--older-than", "0d", "--dry-run")).isZero();
        assertThat(command.outJson().get("deks").getAsLong()).isEqualTo(2);
        assertThat(revision("b")).isEqualTo(1);

        assertThat(rotate("--older-than", "0d")).isZero();
        assertThat(command.outJson().getAsJsonObject("outcomes").get("ROTATED").getAsLong())
                .isEqualTo(2);
        assertThat(revision("b")).isEqualTo(2);
        assertThat(revision(TestRun.KEYCHAIN)).isEqualTo(2);
    }

    @Test
    void theFilterIsKept() {
        assertThat(rotate("--older-than", "0d", "--prefix", "b")).isZero();
        assertThat(revision("b")).isEqualTo(2);
        assertThat(revision(TestRun.KEYCHAIN)).isEqualTo(1);
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        assertThat(rotate("--older-than", "9999d")).isEqualTo(2);
        assertThat(rotate("--concurrency", "0")).isEqualTo(2);
        assertThat(revision("b")).isEqualTo(1);
    }
}
