package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an envelope says of itself. */
class InspectTest {
    @TempDir
    Path folder;

    private TestRun command;
    private String envelope;
    private byte[] bytes;

    @BeforeEach
    void envelope() throws Exception {
        command = TestRun.withKeychain(folder);
        command.must(
                "keychain",
                "create",
                "--store",
                command.path("store"),
                "--id",
                "p",
                "--kek",
                "keystore:main#kek",
                "--portable",
                "--key-context",
                "tenant=acme");
        String plain = command.write("plain", "x".repeat(70_000)).toString();
        envelope = command.path("plain.kwrp");
        command.must(
                "encrypt", "--store", command.path("store"), "--keychain", "p", "--context", "o=1", plain, envelope);
        bytes = Files.readAllBytes(Path.of(envelope));
        // No key is needed.
        command.environment.clear();
        Files.delete(folder.resolve("main.p12"));
    }

    @Test
    void theHeaderIsShownAndCalledUnauthenticated() {
        command.must("inspect", envelope);

        JsonObject shown = command.outJson();
        assertThat(shown.get("authenticated").getAsBoolean()).isFalse();
        assertThat(shown.get("note").getAsString()).contains("Nothing here is authenticated");
        assertThat(shown.get("keychain").getAsString()).isEqualTo("p");
        assertThat(shown.get("dek").getAsString()).hasSize(32);
        assertThat(shown.getAsJsonObject("keyContext").get("tenant").getAsString())
                .isEqualTo("acme");
        assertThat(shown.getAsJsonObject("objectContext").get("o").getAsString())
                .isEqualTo("1");
        assertThat(shown.get("segmentLength").getAsInt()).isEqualTo(65_536);
        assertThat(shown.get("plaintextLength").getAsInt()).isEqualTo(70_000);
        JsonObject recipient = shown.getAsJsonArray("recipients").get(0).getAsJsonObject();
        assertThat(recipient.get("kek").getAsString()).isEqualTo("keystore:main#kek");
        assertThat(recipient.get("kekVersion").getAsString()).isEmpty();
        assertThat(recipient.get("algorithm").getAsString()).isEqualTo("HKDF-SHA384-AES-256-GCM");
        assertThat(recipient.get("wrappedBytes").getAsInt()).isEqualTo(92);
    }

    @Test
    void standardInputHasNoPlaintextLength() {
        command.stdin(bytes);

        command.must("inspect", "-");

        assertThat(command.outJson().get("segmentLength").getAsInt()).isEqualTo(65_536);
        assertThat(command.outJson().has("plaintextLength")).isFalse();
    }

    @Test
    void aCutPayloadStillShowsTheHeader() throws Exception {
        command.must("inspect", envelope);
        int payload = command.outJson().get("headerLength").getAsInt() + 74;
        for (int segments : new int[] {10, 65_536 + 31}) {
            Files.write(Path.of(envelope), Arrays.copyOf(bytes, payload + segments));

            assertThat(command.run("inspect", envelope))
                    .as("%d bytes", segments)
                    .isEqualTo(3);

            assertThat(command.outJson().get("keychain").getAsString()).isEqualTo("p");
            assertThat(command.outJson().get("problem").getAsString()).contains("cut");
            assertThat(command.err()).contains("cut");
        }
    }

    @Test
    void theLengthWordOfTheLastSegmentTellsACut() throws Exception {
        command.must("inspect", envelope);
        int payload = command.outJson().get("headerLength").getAsInt() + 74;
        // Inside of the first segment, at its end, and inside of the second.
        for (int segments : new int[] {32, 1000, 65_536, 65_536 + 32, 65_536 + 4000}) {
            Files.write(Path.of(envelope), Arrays.copyOf(bytes, payload + segments));

            assertThat(command.run("inspect", envelope))
                    .as("%d bytes", segments)
                    .isEqualTo(3);

            assertThat(command.outJson().get("problem").getAsString()).contains("cut");
            assertThat(command.outJson().has("plaintextLength")).isFalse();
            assertThat(command.outJson().get("segmentLength").getAsInt()).isEqualTo(65_536);
        }
    }

    @Test
    void whatFollowsTheLastSegmentIsAProblem() throws Exception {
        Files.write(Path.of(envelope), Arrays.copyOf(bytes, bytes.length + 5));

        assertThat(command.run("inspect", envelope)).isEqualTo(3);
        assertThat(command.outJson().get("problem").getAsString()).contains("length word");
    }

    @Test
    void aPayloadThatEndsInItsHeaderStillShowsTheHeader() throws Exception {
        command.must("inspect", envelope);
        int header = command.outJson().get("headerLength").getAsInt();
        byte[] cut = Arrays.copyOf(bytes, header + 20);
        Files.write(Path.of(envelope), cut);

        assertThat(command.run("inspect", envelope)).isEqualTo(3);
        assertThat(command.outJson().get("keychain").getAsString()).isEqualTo("p");

        command.stdin(cut);
        assertThat(command.run("inspect", "-")).isEqualTo(3);
        assertThat(command.outJson().get("keychain").getAsString()).isEqualTo("p");
    }

    @Test
    void aCutHeaderShowsNothing() throws Exception {
        Files.write(Path.of(envelope), Arrays.copyOf(bytes, 30));

        assertThat(command.run("inspect", envelope)).isEqualTo(3);
        assertThat(command.out()).isEmpty();
        assertThat(command.err()).contains("ends inside of its header");
    }

    @Test
    void whatIsNoEnvelopeIsSaidToBeNone() throws Exception {
        String other = command.write("other", "hello").toString();

        assertThat(command.run("inspect", other, "--json")).isEqualTo(3);
        assertThat(command.errJson().getAsJsonObject("error").get("kind").getAsString())
                .isEqualTo("MalformedEnvelopeException");
        assertThat(command.run("inspect", command.path("missing"))).isEqualTo(1);
    }
}
