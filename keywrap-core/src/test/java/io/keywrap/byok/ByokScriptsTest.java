package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywrap.Dek;
import io.keywrap.byok.UploadRefusedException.Reason;
import io.keywrap.crash.Strace;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.RsaOaep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts that customers run, with every shell and the openssl of this machine, and what becomes of their output. */
class ByokScriptsTest {
    private static final String PASSPHRASE = "correct horse \\n $battery \"staple\" `x` %s -";
    private static final String MAKE_KEY = "make-key.sh";
    private static final String MAKE_KEY_FILE = "make-key-passphrase.sh";

    @TempDir
    Path folder;

    private TransportKeys keys;
    private ScriptRun run;
    private String pem;

    @BeforeEach
    void makeAVendor() throws IOException {
        keys = new TransportFixture(folder.resolve("vendor")).builder().create();
        run = new ScriptRun(folder.resolve("customer"));
        pem = Files.writeString(folder.resolve("transport.pem"), keys.current().toPem())
                .toString();
    }

    private byte[] secret() throws IOException {
        String digest = new String(run.made("secret_digest.txt"), StandardCharsets.US_ASCII);
        return TransportFixture.opened(Upload.ofSecret(run.made("encrypted_secret.bin"), digest), keys);
    }

    private byte[] secretOfKeyFile() throws IOException {
        return TransportFixture.opened(
                Upload.ofKeyFile(run.made("encrypted_key.bin"), run.made("encrypted_passphrase.bin")), keys);
    }

    private static String base64(byte[] secret) {
        return Base64.getEncoder().encodeToString(secret);
    }

    /** In whatever form. */
    private static void assertTellsNothing(String text, byte[]... secrets) {
        for (byte[] secret : secrets) {
            assertThat(text)
                    .doesNotContain(new String(secret, StandardCharsets.ISO_8859_1))
                    .doesNotContain(base64(secret).substring(0, 20))
                    .doesNotContainIgnoringCase(HexFormat.of().formatHex(secret, 0, 8));
        }
    }

    private String log() throws IOException {
        return Files.readString(run.log, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "zsh", "ksh", "busybox sh", "bash --posix"})
    void aKeyIsImportedAndLeavesNothingBehind(String shell) throws Exception {
        ScriptRun.Result made = run.run(ScriptRun.shell(shell), MAKE_KEY, pem);

        assertThat(made.exit()).as(made.err()).isZero();
        byte[] secret = secret();
        assertThat(secret).isNotEqualTo(new byte[32]);
        assertThat(made.out()).isEmpty();
        assertThat(made.err()).contains(keys.current().fingerprint());
        assertThat(run.left()).containsExactly("encrypted_secret.bin", "secret_digest.txt");
        assertThat(log()).contains("-- openssl pkeyutl").contains("\nPATH=");
        assertTellsNothing(log() + made.err(), secret);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "zsh"})
    void aKeyFileIsImportedAndLeavesNothingBehind(String shell) throws Exception {
        ScriptRun.Result made = run.input(PASSPHRASE + "\n").run(ScriptRun.shell(shell), MAKE_KEY_FILE, pem);

        assertThat(made.exit()).as(made.err()).isZero();
        byte[] secret = secretOfKeyFile();
        assertThat(made.out()).isEmpty();
        assertThat(run.left()).containsExactly("encrypted_key.bin", "encrypted_passphrase.bin");
        assertThat(log()).contains("-- openssl enc -salt").contains("-iter 600000");
        assertTellsNothing(log() + made.err(), secret, PASSPHRASE.getBytes(StandardCharsets.US_ASCII));
    }

    /** Secrets go through pipes alone, and no process opens anything else for writing. */
    @ParameterizedTest
    @CsvSource({"dash,make-key.sh", "bash,make-key.sh", "zsh,make-key-passphrase.sh"})
    void noProcessWritesAnythingElse(String shell, String script) throws Exception {
        Optional<Path> strace = Strace.command();
        assumeThat(strace).as("strace, which is not installed here").isPresent();
        List<String> words = ScriptRun.shell(shell);
        Path trace = folder.resolve("trace");

        ScriptRun.Result made =
                run.input(PASSPHRASE + "\n").traced(strace.orElseThrow(), trace).run(words, script, pem);

        assertThat(made.exit()).as(made.err()).isZero();
        byte[] secret = script.equals(MAKE_KEY) ? secret() : secretOfKeyFile();
        List<Strace.Call> calls = Strace.read(trace);
        List<String> bearers = calls.stream()
                .filter(call -> call.name().equals("write") && tells(call.written(), secret))
                .map(Strace.Call::file)
                .toList();
        assertThat(bearers).hasSizeGreaterThan(2).allMatch(file -> file.startsWith("pipe:["));
        List<Path> opened = calls.stream()
                .filter(call ->
                        call.name().equals("openat") && call.arguments().matches("(?s).*O_(WRONLY|RDWR|CREAT).*"))
                .map(call -> run.out.resolve(call.path(0)))
                .filter(file -> !file.equals(run.log) && !file.startsWith("/dev"))
                .toList();
        assertThat(opened)
                .hasSizeGreaterThan(2)
                .allMatch(file -> file.normalize().startsWith(run.out));
    }

    private static boolean tells(byte[] written, byte[] secret) {
        String bytes = new String(written, StandardCharsets.ISO_8859_1);
        return bytes.contains(base64(secret))
                || bytes.contains(new String(secret, StandardCharsets.ISO_8859_1))
                || bytes.contains(PASSPHRASE);
    }

    @Test
    void theSameKeyIsUploadedAgain() throws Exception {
        List<String> shell = ScriptRun.shell("dash");
        ScriptRun.Result made = run.run(shell, MAKE_KEY, "-o", pem);
        byte[] secret = secret();
        assertThat(made.out()).isEqualTo(base64(secret) + "\n");
        byte[] before = run.made("encrypted_secret.bin");

        Path again = Files.createDirectory(folder.resolve("again"));
        ScriptRun.Result result = run.input(made.out()).run(shell, MAKE_KEY, "-i", pem, again.toString());
        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.out()).isEmpty();
        assertThat(Files.readAllBytes(again.resolve("encrypted_secret.bin"))).isNotEqualTo(before);
        String digest = Files.readString(again.resolve("secret_digest.txt"));
        assertThat(TransportFixture.opened(
                        Upload.ofSecret(Files.readAllBytes(again.resolve("encrypted_secret.bin")), digest), keys))
                .isEqualTo(secret);
        assertTellsNothing(log(), secret);
    }

    @Test
    void theSameKeyFileIsUploadedAgainUnderAnotherTransportKey() throws Exception {
        List<String> shell = ScriptRun.shell("dash");
        run.input(PASSPHRASE + "\n").run(shell, MAKE_KEY_FILE, pem);
        byte[] secret = secretOfKeyFile();
        String keyFile = run.out.resolve("encrypted_key.bin").toString();
        keys = keys.renew().activate().without(keys.current());
        String next = Files.writeString(
                        folder.resolve("next.pem"), keys.current().toPem())
                .toString();
        Path again = Files.createDirectory(folder.resolve("again"));

        ScriptRun.Result wrong =
                run.input(PASSPHRASE + "?\n").run(shell, MAKE_KEY_FILE, "-k", keyFile, next, again.toString());
        assertThat(wrong.exit()).isEqualTo(1);
        assertThat(wrong.err()).contains("does not open");
        assertThat(again).isEmptyDirectory();
        ScriptRun.Result right =
                run.input(PASSPHRASE + "\n").run(shell, MAKE_KEY_FILE, "-k", keyFile, next, again.toString());
        assertThat(right.exit()).as(right.err()).isZero();
        byte[] passphrase = Files.readAllBytes(again.resolve("encrypted_passphrase.bin"));
        assertThat(TransportFixture.opened(Upload.ofKeyFile(run.made("encrypted_key.bin"), passphrase), keys))
                .isEqualTo(secret);
    }

    @Test
    void oneFlippedBitOfTheirOutputIsRefusedAndLeavesNoSlot() throws Exception {
        run.run(ScriptRun.shell("dash"), MAKE_KEY, pem);
        run.input(PASSPHRASE + "\n").run(ScriptRun.shell("dash"), MAKE_KEY_FILE, pem);
        byte[] file = run.made("encrypted_secret.bin");
        String digest = new String(run.made("secret_digest.txt"), StandardCharsets.US_ASCII);
        String other = (digest.charAt(0) == 'A' ? 'B' : 'A') + digest.substring(1);
        byte[] keyFile = run.made("encrypted_key.bin");
        byte[] passphrase = run.made("encrypted_passphrase.bin");

        try (Product product = new Product(folder.resolve("product"))) {
            assertRefused(product, Reason.NOT_DECRYPTED, Upload.ofSecret(TransportFixture.flipped(file, 2000), digest));
            assertRefused(product, Reason.DIGEST_MISMATCH, Upload.ofSecret(file, other));
            assertRefused(
                    product,
                    Reason.KEY_FILE_MISMATCH,
                    Upload.ofKeyFile(TransportFixture.flipped(keyFile, 200), passphrase));
            assertRefused(
                    product,
                    Reason.NOT_DECRYPTED,
                    Upload.ofKeyFile(keyFile, TransportFixture.flipped(passphrase, 2000)));
            try (Dek secret = Upload.ofSecret(file, digest).secret(keys)) {
                product.slots.validate(Product.SLOT, secret);
            }
            assertThat(product.slots.activate(Product.SLOT, 1).active()).isPresent();
        }
    }

    private void assertRefused(Product product, Reason reason, Upload upload) {
        UploadRefusedException refused = catchThrowableOfType(UploadRefusedException.class, () -> {
            try (Dek secret = upload.secret(keys)) {
                product.slots.validate(Product.SLOT, secret);
            }
        });
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(product.slots.status(Product.SLOT)).isEmpty();
    }

    /** The other way round: openssl opens what is made here for the same purpose. */
    @Test
    void opensslOpensWhatJavaHasEncrypted() throws Exception {
        String openssl = ScriptRun.require("openssl");
        byte[] secret = Jca.platform().random(32);
        Path file = Files.write(
                folder.resolve("java.bin"),
                RsaOaep.of(Jca.platform()).encrypt(TransportFixture.pair("one").getPublic(), secret));
        Path opened = folder.resolve("opened");
        Process process = new ProcessBuilder(
                        openssl,
                        "pkeyutl",
                        "-decrypt",
                        "-keyform",
                        "DER",
                        "-inkey",
                        TransportFixture.RESOURCES.resolve("one.p8").toString(),
                        "-pkeyopt",
                        "rsa_padding_mode:oaep",
                        "-pkeyopt",
                        "rsa_oaep_md:sha256",
                        "-pkeyopt",
                        "rsa_mgf1_md:sha256",
                        "-in",
                        file.toString(),
                        "-out",
                        opened.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        assertThat(Files.readAllBytes(opened)).isEqualTo(secret);
    }

    @ParameterizedTest
    @ValueSource(strings = {"encrypted_secret.bin", "secret_digest.txt"})
    void noFileIsReplaced(String name) throws Exception {
        Files.writeString(run.out.resolve(name), "of somebody else");
        ScriptRun.Result result = run.run(ScriptRun.shell("dash"), MAKE_KEY, pem);
        assertThat(result.exit()).isEqualTo(1);
        assertThat(run.left()).containsExactly(name);
        assertThat(run.out.resolve(name)).hasContent("of somebody else");
    }

    @Test
    void whatIsNoTransportKeyIsRefused() throws Exception {
        List<String> shell = ScriptRun.shell("dash");
        Path other = folder.resolve("other.pem");
        List<String> contents = new ArrayList<>(List.of("", "no key"));
        contents.add(pem);
        Process small = new ProcessBuilder(
                        "sh",
                        "-c",
                        ScriptRun.require("openssl")
                                + " genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2>/dev/null | openssl pkey -pubout")
                .start();
        contents.set(2, new String(small.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        for (String content : contents) {
            Files.writeString(other, content);
            ScriptRun.Result result = run.run(shell, MAKE_KEY, other.toString());
            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.err()).contains("is no RSA public key of 4096 bits");
        }
        assertThat(run.left()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "AAAA",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
            })
    void whatIsNoKeyIsNotEncrypted(String line) throws Exception {
        ScriptRun.Result result = run.input(line + "\n").run(ScriptRun.shell("dash"), MAKE_KEY, "-i", pem);
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("this is no key");
        assertThat(run.left()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fifteen charact", "sixteen char\u00e4cters"})
    void whatIsNoPassphraseIsNotUsed(String passphrase) throws Exception {
        ScriptRun.Result result = run.input(passphrase + "\n").run(ScriptRun.shell("dash"), MAKE_KEY_FILE, pem);
        assertThat(result.exit()).isEqualTo(1);
        assertThat(run.left()).isEmpty();
    }

    /** Such a one would have the secret on the command line of a program. */
    @Test
    void aShellWithoutAPrintfOfItsOwnIsRefused() throws Exception {
        ScriptRun.Result result = run.input(PASSPHRASE + "\n").run(ScriptRun.shell("mksh"), MAKE_KEY_FILE, pem);
        assertThat(result.exit()).isNotZero();
        assertThat(run.left()).isEmpty();
        assertThat(log()).doesNotContain(PASSPHRASE);
    }

    @Test
    void aTraceOfTheShellTellsNothing() throws Exception {
        List<String> shell = new ArrayList<>(ScriptRun.shell("bash"));
        shell.add("-xva");
        ScriptRun.Result result = run.run(shell, MAKE_KEY, pem);
        assertThat(result.exit()).isZero();
        assertTellsNothing(result.err() + log(), secret());
        assertThat(result.err()).contains("set +x");
    }

    @ParameterizedTest
    @ValueSource(strings = {MAKE_KEY, MAKE_KEY_FILE})
    void shellcheckHasNothingToSay(String script) throws Exception {
        Process process = new ProcessBuilder(
                        ScriptRun.require("shellcheck"),
                        "--shell=sh",
                        ScriptRun.script(script).toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(process.waitFor()).isZero();
    }

    /** Each is handed out alone, so what they share is in both. */
    @Test
    void whatTheyShareIsTheSame() throws IOException {
        List<List<String>> shared = new ArrayList<>();
        for (String script : List.of(MAKE_KEY, MAKE_KEY_FILE)) {
            List<String> lines = Files.readAllLines(ScriptRun.script(script));
            shared.add(lines.subList(lines.indexOf("trap clean EXIT"), lines.indexOf("require_length() {") + 3));
        }
        assertThat(shared.get(0)).hasSizeGreaterThan(50).isEqualTo(shared.get(1));
    }
}
