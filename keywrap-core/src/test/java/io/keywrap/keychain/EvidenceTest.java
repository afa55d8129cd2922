package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said of an erasure, for machines and for people, and of who can open what. */
class EvidenceTest extends RecipientsFixture {
    @Test
    void isJsonThatClaimsNoMoreThanItKnows() {
        Keychain keychain = keychain(spec -> spec.control(A).portable());
        String json = keychain.destroy(Optional.of("the \"customer\"\n\u2028")).toJson();
        assertThat(json)
                .contains("\"claim\": \"no longer in this store\"")
                .contains("\"call\": \"Keychain.destroy\"", "\"byThisCall\": \"confirmed by the store\"")
                .contains("\"requestedBy\": \"the \\\"customer\\\"\\u000a\\u2028\"")
                .contains("copies of envelopes have the wraps")
                .contains("\"inEnvelopes\": true")
                .contains("backups, replicas and exports");
    }

    @Test
    void tellsEverythingThatIsKnown() {
        Keychain keychain = keychain(spec -> spec.control(A).replica(B));
        Erasure erasure = keychain.destroy(Optional.empty());
        String json = erasure.toJson();
        for (String member : List.of(
                "\"keychain\": \"" + ID + "\"",
                "\"whole\": true",
                "\"deks\": [",
                "\"at\": \"" + erasure.at() + "\"",
                "\"requestedBy\": null",
                "\"revision\": 2",
                "\"survives\": [",
                "\"before\": {",
                "\"after\": {",
                "\"kek\": \"" + A + "\"",
                "\"role\": \"REPLICA\"",
                "\"owner\": \"CUSTOMER\"",
                "\"sealKek\": \"" + SEAL + "\"")) {
            assertThat(json).contains(member);
        }
        assertThat(erasure.deks())
                .isNotEmpty()
                .allSatisfy(id -> assertThat(json).contains(id.hex()));
        assertThat(erasure.survives())
                .hasSizeGreaterThan(2)
                .first()
                .asString()
                .contains(
                        "until " + erasure.after().cachesUntil(),
                        "until " + erasure.after().inFlightUntil());
    }

    @Test
    void theReportIsJsonOfItsOwnToo() {
        Openers openers = keychain(spec -> spec.control(A)).whoCanStillOpen();
        assertThat(openers.toJson())
                .startsWith("{")
                .contains("\"keychain\": \"" + ID + "\"", "\"cachesUntil\": \"" + openers.cachesUntil() + "\"");
    }
}
