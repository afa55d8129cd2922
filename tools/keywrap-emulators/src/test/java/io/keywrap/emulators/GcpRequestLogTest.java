package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log of requests as the key's owner would find it. */
class GcpRequestLogTest extends GcpTest {
    private GcpAuditEvent last() {
        List<GcpAuditEvent> events = gcp.events();
        return events.get(events.size() - 1);
    }

    @Test
    void saysWhatWasDoneToWhatByWhichVersion() {
        ByteString blob = blob();
        key.rotate();
        assertThat(last())
                .isEqualTo(new GcpAuditEvent(
                        time.now(),
                        "Encrypt",
                        key.name(),
                        Optional.of(key.version(1).name()),
                        "OK",
                        Optional.empty()));
        decrypt(key.name(), blob);
        assertThat(last().method()).isEqualTo("Decrypt");
        assertThat(last().version()).hasValue(key.version(1).name());
        client.getCryptoKey(key.name());
        assertThat(last().method()).isEqualTo("GetCryptoKey");
        assertThat(last().version()).isEmpty();
    }

    @Test
    void hasFailedRequestsToo() {
        ByteString blob = blob();
        key.primary().disable();
        open(blob);
        assertThat(last().code()).isEqualTo("FAILED_PRECONDITION");
        assertThat(last().message().orElseThrow()).contains("is not enabled");
        assertThat(last().resource()).isEqualTo(key.name());
    }

    @Test
    void hasWhatIsNotImitated() {
        assertThat(result(() -> client.getImportJob(gcp.keyRing() + "/importJobs/j")))
                .startsWith("UNIMPLEMENTED");
        assertThat(last().method()).isEqualTo("GetImportJob");
        assertThat(last().code()).isEqualTo("UNIMPLEMENTED");
        assertThat(last().toJson()).contains("\"code\":12");
    }

    @Test
    void hasARequestThatTheEmulatorItselfFailsAt() {
        gcp.inject(
                GcpFault.lie("broken", answer -> {
                    throw new IllegalStateException();
                }),
                1);
        assertThat(wrap()).isEqualTo("INTERNAL: The emulator has failed: IllegalStateException");
        assertThat(gcp.events()).extracting(GcpAuditEvent::code).containsExactly("INTERNAL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u4e2d"})
    void aNameOfAnyLengthIsAnsweredAndKeptShort(String letter) {
        String name = "projects/" + letter.repeat(letter.equals("x") ? 6000 : 600);
        assertThat(result(() -> encrypt(name))).startsWith("INVALID_ARGUMENT: Resource name [projects/");
        assertThat(last().toJson().length()).isLessThan(2000);
        gcp.deny("cloudkms.cryptoKeyVersions.useToEncrypt");
        assertThat(result(() -> encrypt(name))).startsWith("PERMISSION_DENIED");
        assertThat(last().toJson().length()).isLessThan(2000);
    }

    @Test
    void countsWhatFaultsAnswer() {
        gcp.inject(GcpFault.quota(), 1);
        wrap();
        wrap();
        assertThat(gcp.events()).extracting(GcpAuditEvent::code).containsExactly("RESOURCE_EXHAUSTED", "OK");
        assertThat(gcp.requests("Encrypt")).isEqualTo(2);
        assertThat(gcp.requests("Decrypt")).isZero();
        gcp.clearEvents();
        assertThat(gcp.requests("Encrypt")).isZero();
    }

    @Test
    void hasNeitherPlaintextNorCiphertextNorContext() {
        ByteString blob = blob();
        open(blob);
        key.primary().disable();
        open(blob);
        wrap();
        assertThat(gcp.events()).hasSize(4).allSatisfy(event -> {
            for (ByteString secret : List.of(PLAINTEXT, blob, AAD)) {
                assertThat(event + event.toJson())
                        .doesNotContain(secret.toStringUtf8())
                        .doesNotContain(Base64.getEncoder().encodeToString(secret.toByteArray()));
            }
        });
    }

    @Test
    void isInTheFormOfCloudAuditLogs() {
        blob();
        JsonObject done = JsonParser.parseString(last().toJson()).getAsJsonObject();
        JsonObject payload = done.getAsJsonObject("protoPayload");
        assertThat(payload.get("serviceName").getAsString()).isEqualTo("cloudkms.googleapis.com");
        assertThat(payload.get("methodName").getAsString()).isEqualTo("Encrypt");
        assertThat(payload.get("resourceName").getAsString())
                .isEqualTo(key.version(1).name());
        assertThat(payload.getAsJsonObject("status").size()).isZero();
        assertThat(done.get("timestamp").getAsString()).isEqualTo("2026-11-25T08:00:00Z");
        assertThat(done.get("severity").getAsString()).isEqualTo("INFO");

        key.deny("cloudkms.cryptoKeyVersions.useToEncrypt");
        wrap();
        JsonObject failed = JsonParser.parseString(last().toJson()).getAsJsonObject();
        JsonObject status = failed.getAsJsonObject("protoPayload").getAsJsonObject("status");
        assertThat(status.get("code").getAsInt()).isEqualTo(7);
        assertThat(status.get("message").getAsString()).startsWith("Permission 'cloudkms.");
        assertThat(failed.get("severity").getAsString()).isEqualTo("ERROR");
    }

    @Test
    void isToldToAnObserver() {
        List<GcpAuditEvent> seen = new CopyOnWriteArrayList<>();
        try (GcpKmsEmulator observed =
                        GcpKmsEmulator.builder().onEvent(seen::add).start(0);
                KeyManagementServiceClient other = client(observed.endpoint())) {
            other.listCryptoKeys(observed.keyRing());
        }
        assertThat(seen).extracting(GcpAuditEvent::method).containsExactly("ListCryptoKeys");
    }
}
