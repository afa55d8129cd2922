package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One object: from a file or standard input, to a file or standard output. */
class ObjectTest {
    private static final String TEXT = "the quick brown fox";

    @TempDir
    Path folder;

    private TestRun command;
    private String plain;
    private String envelope;
    private String restored;

    @BeforeEach
    void keychain() throws Exception {
        command = TestRun.withKeychain(folder);
        plain = command.write("plain.txt", TEXT).toString();
        envelope = command.path("plain.txt.kwrp");
        restored = command.path("restored.txt");
    }

    @Test
    void aFileComesBackAsItWas() throws Exception {
        assertThat(command.encrypt(plain, envelope, "--context", "object=a=b")).isZero();
        assertThat(command.out()).isEmpty();
        assertThat(command.err()).contains("encrypted 1 file").doesNotContain("a=b");

        assertThat(command.decrypt(envelope, restored, "--context", "object=a=b"))
                .isZero();

        assertThat(Path.of(restored)).hasContent(TEXT);
        assertThat(Files.readString(Path.of(envelope), StandardCharsets.ISO_8859_1))
                .doesNotContain("quick");
    }

    @Test
    void jsonSaysWhatWasDone() {
        command.encrypt(plain, envelope, "--json");

        JsonObject result = command.outJson();
        assertThat(result.get("operation").getAsString()).isEqualTo("encrypt");
        assertThat(result.get("files").getAsInt()).isEqualTo(1);
        assertThat(result.get("bytesRead").getAsInt()).isEqualTo(TEXT.length());
        assertThat(command.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {65_536, 262_144, 1_048_576})
    void everySegmentLengthIsWrittenAndRead(int length) throws Exception {
        byte[] long1 = new byte[3_000_000];
        Arrays.fill(long1, (byte) 7);
        Files.write(Path.of(plain), long1);

        assertThat(command.encrypt(plain, envelope, "--segment-length", "" + length))
                .isZero();
        command.must("inspect", envelope);
        assertThat(command.outJson().get("segmentLength").getAsInt()).isEqualTo(length);
        assertThat(command.decrypt(envelope, restored)).isZero();
        assertThat(Files.readAllBytes(Path.of(restored))).isEqualTo(long1);
    }

    @Test
    void anotherSegmentLengthIsAUsageError() {
        assertThat(command.encrypt(plain, envelope, "--segment-length", "4096")).isEqualTo(2);
        assertThat(Path.of(envelope)).doesNotExist();
    }

    @Test
    void aTargetIsReplaced() throws Exception {
        command.write("plain.txt.kwrp", "older");

        assertThat(command.encrypt(plain, envelope)).isZero();
        assertThat(command.decrypt(envelope, plain)).isZero();

        assertThat(Path.of(plain)).hasContent(TEXT);
    }

    @Nested
    class OverStandardStreams {
        @Test
        void onlyDataGoesToStandardOutput() {
            command.stdin(TEXT.getBytes(StandardCharsets.UTF_8));
            assertThat(command.encrypt("-", "-", "--json")).isZero();
            byte[] bytes = command.outBytes();
            assertThat(command.errJson().get("bytesRead").getAsInt()).isEqualTo(TEXT.length());

            command.stdin(bytes);
            assertThat(command.decrypt("-", "-")).isZero();

            assertThat(command.out()).isEqualTo(TEXT);
            assertThat(command.err()).contains("decrypted 1 file");
        }

        @Test
        void aSourceThatFailsLeavesNoTarget() throws Exception {
            command.write("plain.txt.kwrp", "older");
            command.in = new InputStream() {
                private int left = 100_000;

                @Override
                public int read() throws IOException {
                    if (--left < 0) {
                        throw new IOException("the disk died");
                    }
                    return 1;
                }
            };

            assertThat(command.encrypt("-", envelope)).isEqualTo(1);

            assertThat(command.err()).contains("the disk died");
            assertThat(Path.of(envelope)).hasContent("older");
            assertNothingElse();
        }

        @Test
        void aSinkThatFailsIsReported() {
            OutputStream broken = new OutputStream() {
                @Override
                public void write(int single) throws IOException {
                    throw new IOException("Broken pipe");
                }
            };
            command.stdin(new byte[10]);

            int exitCode = command.run(
                    broken, "encrypt", "--store", command.path("store"), "--keychain", TestRun.KEYCHAIN, "-", "-");

            assertThat(exitCode).isEqualTo(1);
            assertThat(command.err()).contains("Broken pipe");
        }
    }

    @Nested
    class WithAnEnvelope {
        @BeforeEach
        void envelope() {
            assertThat(command.encrypt(plain, envelope, "--context", "object=o", "--context", "day=1"))
                    .isZero();
        }

        private void refused(int exitCode, String kind, String... more) throws IOException {
            String[] all =
                    Stream.of(more, new String[] {"--json"}).flatMap(Stream::of).toArray(String[]::new);
            assertThat(command.decrypt(envelope, restored, all))
                    .as(command.err())
                    .isEqualTo(exitCode);
            JsonObject error = command.errJson().getAsJsonObject("error");
            assertThat(error.get("kind").getAsString()).isEqualTo(kind);
            assertThat(error.get("exitCode").getAsInt()).isEqualTo(exitCode);
            assertThat(command.out()).isEmpty();
            assertThat(Path.of(restored)).doesNotExist();
            assertNothingElse();
        }

        @Test
        void aFlippedByteIsNotAuthentic() throws Exception {
            byte[] bytes = Files.readAllBytes(Path.of(envelope));
            bytes[bytes.length - 1] ^= 1;
            Files.write(Path.of(envelope), bytes);

            refused(3, "AuthenticationFailedException", "--context", "object=o");
        }

        @Test
        void aCutIsTruncated() throws Exception {
            byte[] bytes = Files.readAllBytes(Path.of(envelope));
            Files.write(Path.of(envelope), Arrays.copyOf(bytes, bytes.length - 1));

            refused(3, "TruncatedEnvelopeException", "--context", "object=o");
        }

        @Test
        void whatIsNoEnvelopeIsMalformed() throws Exception {
            Files.writeString(Path.of(envelope), TEXT);

            refused(3, "MalformedEnvelopeException");
        }

        @Test
        void anotherContextIsRefused() throws Exception {
            refused(3, "AuthenticationFailedException", "--context", "object=secret-name");
            assertThat(command.err()).doesNotContain("secret-name");
            refused(3, "AuthenticationFailedException");
            refused(3, "AuthenticationFailedException", "--context", "object=o", "--exact-context");
        }

        @Test
        void theContextMayBeTheSameAPartOrUnasked() {
            assertThat(command.decrypt(envelope, restored, "--context", "object=o"))
                    .isZero();
            assertThat(command.decrypt(
                            envelope, restored, "--context", "day=1", "--context", "object=o", "--exact-context"))
                    .isZero();
            assertThat(command.decrypt(envelope, restored, "--any-context")).isZero();
        }

        @Test
        void anotherKeychainIsRefused() throws Exception {
            command.must(
                    "keychain",
                    "create",
                    "--store",
                    command.path("store"),
                    "--id",
                    "other",
                    "--kek",
                    "keystore:main#kek");

            int exitCode = command.run(
                    "decrypt",
                    "--store",
                    command.path("store"),
                    "--keychain",
                    "other",
                    "--any-context",
                    envelope,
                    restored);

            assertThat(exitCode).isEqualTo(3);
            assertThat(command.err()).contains("belongs to keychain 'tenant-42'");
            assertThat(Path.of(restored)).doesNotExist();
        }

        @Test
        void anUnknownKeychainIsConfiguration() {
            int exitCode = command.run(
                    "decrypt",
                    "--store",
                    command.path("store"),
                    "--keychain",
                    "typo",
                    "--any-context",
                    envelope,
                    restored);

            assertThat(exitCode).isEqualTo(6);
        }

        @Test
        void aWrongPasswordIsConfiguration() throws Exception {
            command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", "wrong");

            refused(6, "KekConfigurationException", "--any-context");
        }

        @Test
        void aMissingPasswordIsConfiguration() throws Exception {
            command.environment.remove("KEYWRAP_KEYSTORE_PASSWORD");

            refused(6, "KekConfigurationException", "--any-context");
            assertThat(command.err()).contains("--password-file");
        }

        @Test
        void aMissingKeyStoreFileIsConfiguration() throws Exception {
            command.environment.put("KEYWRAP_KEYSTORES", "main=" + command.path("missing.p12"));

            refused(6, "KekConfigurationException", "--any-context");
        }

        @Test
        void aMissingAliasIsAMissingKek() throws Exception {
            Files.delete(folder.resolve("main.p12"));
            io.keywrap.keystore.Keystores.createKek(
                    folder.resolve("main.p12"), io.keywrap.KekId.of("keystore:main#b"), TestRun.PASSWORD::toCharArray);

            refused(4, "KekNotFoundException", "--any-context");
        }

        @Test
        void aMissingStoreIsConfigurationAndIsNotMade() {
            int exitCode = command.run(
                    "decrypt", "--store", command.path("typo"), "--keychain", "k", "--any-context", envelope, restored);

            assertThat(exitCode).isEqualTo(6);
            assertThat(folder.resolve("typo")).doesNotExist();
        }
    }

    @Nested
    class WithoutASensibleTarget {
        @Test
        void theSourceItselfIsRefused() {
            assertThat(command.encrypt(plain, plain)).isEqualTo(2);
            assertThat(command.encrypt(plain, folder.resolve("./plain.txt").toString()))
                    .isEqualTo(2);
            assertThat(Path.of(plain)).hasContent(TEXT);
        }

        @Test
        void aFolderIsRefused() {
            assertThat(command.encrypt(plain, folder.toString())).isEqualTo(2);
        }

        @Test
        void aPipeIsNeverReplaced() throws Exception {
            Path pipe = folder.resolve("pipe");
            assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                    .isZero();

            assertThat(command.encrypt(plain, pipe.toString())).isEqualTo(2);
            assertThat(command.err()).contains("'-'");
            assertThat(Files.isRegularFile(pipe)).isFalse();
        }

        @Test
        void aMissingFolderIsNamed() {
            assertThat(command.encrypt(plain, command.path("no/out"))).isEqualTo(1);
            assertThat(command.err()).contains("no such file or folder: " + command.path("no"));
        }

        @Test
        void aMissingSourceIsNamed() {
            assertThat(command.encrypt(command.path("missing"), envelope)).isEqualTo(1);
            assertThat(command.err()).contains("no such file or folder: " + command.path("missing"));
            assertThat(Path.of(envelope)).doesNotExist();
        }
    }

    @Test
    void verboseShowsTheStackTraceAndNothingElseDoes() {
        assertThat(command.decrypt(plain, restored)).isEqualTo(3);
        assertThat(command.err()).hasLineCount(1);

        command.decrypt(plain, restored, "--verbose");
        assertThat(command.err()).contains("MalformedEnvelopeException", "\tat ");
    }

    private void assertNothingElse() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).toList();
            assertThat(names).noneMatch(name -> name.endsWith(".tmp"));
        }
    }
}
