package io.keywrap.azure.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobStorageException;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs move to another KEK by a change of their metadata alone. */
class RewrappedBlobsTest {
    private final Blobs blobs = new Blobs();

    @BeforeEach
    void upload() {
        blobs.client("a", blobs.awsKek).upload(BinaryData.fromString("content"));
    }

    @AfterEach
    void close() {
        blobs.leases.assertNoOpenLease();
        blobs.close();
    }

    private String data() {
        return blobs.stored("a").metadata.get("encryptiondata");
    }

    private void move(KekId target) {
        BlobClient blob = blobs.plain("a");
        BlobProperties properties = blob.getProperties();
        Map<String, String> metadata = new HashMap<>(properties.getMetadata());
        metadata.computeIfPresent("encryptiondata", (name, data) -> blobs.keks.rewrap(data, target));
        blob.setMetadataWithResponse(
                metadata, new BlobRequestConditions().setIfMatch(properties.getETag()), null, Context.NONE);
    }

    @Test
    void anotherKekInAnotherCloud() {
        byte[] before = blobs.stored("a").content;
        String data = data();
        move(blobs.gcpKek);
        assertThat(blobs.stored("a").content).isEqualTo(before);
        assertThat(data()).isNotEqualTo(data).contains(blobs.gcpKek.uri(), "\"DataLength\":4194304", "JavaTrack2");
        blobs.awsKey.disable();
        assertThat(blobs.client("a", blobs.gcpKek).downloadContent()).hasToString("content");
    }

    @Test
    void theCurrentVersionOfTheSameKek() {
        move(blobs.gcpKek);
        blobs.gcpKey.rotate();
        move(blobs.gcpKek);
        blobs.gcpKey.version(1).disable();
        assertThat(blobs.client("a", blobs.gcpKek).downloadContent()).hasToString("content");
    }

    @Test
    void aBlobThatSomebodyHasChangedMeanwhileIsLeftAlone() {
        String stale = blobs.plain("a").getProperties().getETag();
        blobs.client("a", blobs.awsKek).upload(BinaryData.fromString("newer"), true);
        assertThatExceptionOfType(BlobStorageException.class)
                .isThrownBy(() -> blobs.plain("a")
                        .setMetadataWithResponse(
                                Map.of(), new BlobRequestConditions().setIfMatch(stale), null, Context.NONE));
    }

    @Test
    void aKekThatIsWithdrawnGivesNothingAway() {
        blobs.awsKey.disable();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> blobs.keks.rewrap(data(), blobs.gcpKek));
    }

    @Test
    void aKmsThatWrapsAnotherKeyIsFoundOut() {
        blobs.memoryKek.answerWrongly();
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> blobs.keks.rewrap(data(), blobs.memoryKek.id()))
                .withMessageContaining("unwraps to another key");
    }

    @Test
    void aTargetThatIsNotAllowedIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> blobs.keks.rewrap(data(), KekId.of("memory:other")));
    }

    @Test
    void aBlobUnderAKekThatIsNotAllowedIsRefused() {
        Metadata.of(blobs.stored("a")).keyId("memory:other");
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> blobs.keks.rewrap(data(), blobs.gcpKek))
                .withMessageContaining("memory:other");
    }

    private String dataWith(String extra) {
        return "{\"Extra\":" + extra + "," + data().substring(1);
    }

    @Test
    void whatIsNotUnderstoodIsCarriedOnAsItIs() {
        String extra = "{\"z\":-1,\"a\":[true,null,2.5,1234567890123,\"\\u00fc\\ud800\"]}";
        String moved = blobs.keks.rewrap(dataWith(extra), blobs.gcpKek);
        assertThat(moved.toLowerCase(Locale.ROOT))
                .as("in ASCII, as metadata are")
                .startsWith("{\"extra\":" + extra
                        + ",\"encryptionmode\":\"fullblob\",\"wrappedcontentkey\":{\"keyid\":\"gcp-kms:")
                .endsWith(data().substring(data().indexOf("\"Algorithm\"")).toLowerCase(Locale.ROOT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"12345678901234567890", "1e999", "NaN", "[{\"a\":123456789012345678901234567890}]"})
    void whatCouldNotBeCarriedOnAsItIsIsRefused(String extra) {
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> blobs.keks.rewrap(dataWith(extra), blobs.gcpKek))
                .withMessageContaining("to do: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"WrappedContentKey\":{},%s",
                "{\"\\u0057rappedContentKey\":{},%s",
                "{\"Extra\":[{\"a\":1,\"b\":{\"c\":1},\"a\":2}],%s",
                "{\"WrappedContentKey\":{\"KeyId\":\"memory:customer\",%s"
            })
    void aFieldThatIsThereTwiceIsRefused(String beginning) {
        String rest =
                beginning.contains("\"KeyId\"") ? data().substring(data().indexOf("\"KeyId\"")) : data().substring(1);
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> blobs.keks.rewrap(beginning.formatted(rest), blobs.gcpKek))
                .withMessageContaining("have a field twice")
                .withMessageNotContaining("memory:");
    }

    /** They are other fields, or the same in other objects. */
    @Test
    void fieldsThatOnlyLookAlikeAreCarriedOn() {
        String extra = "[{\"a\":1},{\"a\":{\"a\":2},\"A\":\"a\"},[\"a\",\"a\"]]";
        assertThat(blobs.keks.rewrap(dataWith(extra), blobs.gcpKek)).startsWith("{\"Extra\":" + extra + ",");
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "}", "{}", ",1"})
    void whatFollowsIsNotThrownAway(String rest) {
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> blobs.keks.rewrap(data() + rest, blobs.gcpKek));
    }

    /** The wraps of AWS KMS are longer than those of the KEK in memory. */
    @Test
    void whatWouldBeTooLongForMetadataIsNotGiven() {
        blobs.client("a", blobs.memoryKek.id()).upload(BinaryData.fromString("content"), true);
        String full = dataWith('"' + "x".repeat(8 * 1024 - dataWith("\"\"").length()) + '"');
        assertThat(blobs.keks.rewrap(full, blobs.memoryKek.id())).hasSize(8 * 1024);
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> blobs.keks.rewrap(full, blobs.awsKek))
                .withMessageContaining("too long");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "none",
                "[]",
                "null",
                "{}",
                "{\"WrappedContentKey\":",
                "{\"WrappedContentKey\":\"x\"}",
                "{\"WrappedContentKey\":{}}",
                "{\"WrappedContentKey\":{\"KeyId\":1}}",
                "{\"WrappedContentKey\":{\"KeyId\":\"memory:customer\",\"Algorithm\":\"keywrap-1\"}}",
                "{\"WrappedContentKey\":{\"KeyId\":\"memory:customer\",\"Algorithm\":\"keywrap-1\",\"EncryptedKey\":\"%\"}}",
                "{\"WrappedContentKey\":{\"KeyId\":\"memory:customer\",\"Algorithm\":\"other\",\"EncryptedKey\":\"AAAA\"}}"
            })
    void whatMakesNoSenseIsRefused(String data) {
        assertThatExceptionOfType(KekException.class)
                .isThrownBy(() -> blobs.keks.rewrap(data, blobs.gcpKek))
                .isInstanceOf(InvalidWrappedDekException.class);
    }

    @Test
    void whatIsMissingTooLongOrTooDeepIsRefused() {
        for (String data : new String[] {null, data() + " ".repeat(8192), "[".repeat(8000), "{\"a\":".repeat(1600)}) {
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> blobs.keks.rewrap(data, blobs.gcpKek));
        }
    }
}
