package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The log of requests as the key's owner would find it. */
class AwsRequestLogTest extends AwsTest {
    private CloudTrailEvent last() {
        List<CloudTrailEvent> events = aws.events();
        return events.get(events.size() - 1);
    }

    @Test
    void saysWhoDidWhatUnderWhichContext() {
        Wire.Answer answer = generate(wire.as(aws.principal("arn:aws:iam::111122223333:user/backup")), key.keyId());

        CloudTrailEvent event = last();
        assertThat(event.eventName()).isEqualTo("GenerateDataKey");
        assertThat(event.eventTime()).isEqualTo(time.now());
        assertThat(event.awsRegion()).isEqualTo("us-east-1");
        assertThat(event.principalArn()).hasValue("arn:aws:iam::111122223333:user/backup");
        assertThat(event.resources()).containsExactly(key.arn());
        assertThat(event.encryptionContext()).isEqualTo(Map.of("tenant", "acme"));
        assertThat(event.errorCode()).isEmpty();
        assertThat(event.userAgent()).isEqualTo("wire/1");
        assertThat(event.requestId()).isEqualTo(answer.requestId().orElseThrow());
    }

    @Test
    void hasFailedRequestsToo() {
        String blob = blob();
        key.disable();
        decrypt(wire, key.arn(), blob);

        assertThat(last().errorCode()).hasValue("DisabledException");
        assertThat(last().resources()).containsExactly(key.arn());
    }

    @Test
    void countsWhatFaultsAnswer() {
        aws.clearEvents();
        aws.inject(AwsFault.throttling(), 1);
        aws.inject(AwsFault.answer(503, ""), 1);
        generate(wire, key.arn());
        generate(wire, key.arn());
        wire.unsigned("ListKeys", "{}");

        assertThat(aws.events())
                .extracting(event -> event.errorCode().orElse(""))
                .containsExactly("ThrottlingException", "HTTP 503", "MissingAuthenticationTokenException");
    }

    @Test
    void hasBothSidesOfAReEncrypt() {
        AwsKmsKey target = aws.createKey();
        wire.call(
                "ReEncrypt",
                ("{'CiphertextBlob':'%s','SourceKeyId':'%s','SourceEncryptionContext':{'tenant':'acme'},"
                                + "'DestinationKeyId':'%s','DestinationEncryptionContext':{'to':'x'}}")
                        .formatted(blob(), key.arn(), target.arn()));

        assertThat(last().resources()).containsExactly(key.arn(), target.arn());
        assertThat(last().encryptionContext()).isEqualTo(Map.of("tenant", "acme"));
        assertThat(last().destinationEncryptionContext()).isEqualTo(Map.of("to", "x"));
        assertThat(JsonParser.parseString(last().toJson())
                        .getAsJsonObject()
                        .getAsJsonObject("requestParameters")
                        .get("destinationKeyId")
                        .getAsString())
                .isEqualTo(target.arn());
    }

    @Test
    void hasNeitherPlaintextNorCiphertext() {
        Wire.Answer made = generate(wire, key.arn());
        decrypt(wire, key.arn(), made.text("CiphertextBlob"));
        wire.call("Encrypt", "{'KeyId':'%s','Plaintext':'%s'}".formatted(key.arn(), made.text("Plaintext")));

        assertThat(aws.events())
                .hasSize(3)
                .allSatisfy(event -> assertThat(event + event.toJson())
                        .doesNotContain(made.text("Plaintext"))
                        .doesNotContain(made.text("CiphertextBlob")));
    }

    @Test
    void isInTheFormOfCloudTrail() {
        generate(wire, key.arn());

        JsonObject event = JsonParser.parseString(last().toJson()).getAsJsonObject();
        assertThat(event.get("eventSource").getAsString()).isEqualTo("kms.amazonaws.com");
        assertThat(event.getAsJsonObject("requestParameters")
                        .getAsJsonObject("encryptionContext")
                        .get("tenant")
                        .getAsString())
                .isEqualTo("acme");
        assertThat(event.getAsJsonObject("userIdentity").get("accountId").getAsString())
                .isEqualTo("111122223333");
    }

    @Test
    void isToldToAnObserver() {
        List<CloudTrailEvent> seen = new ArrayList<>();
        try (AwsKmsEmulator observed = start(options -> options.onEvent(seen::add))) {
            Wire.to(observed).call("ListKeys", "{}");
        }
        assertThat(seen).extracting(CloudTrailEvent::eventName).containsExactly("ListKeys");
    }
}
