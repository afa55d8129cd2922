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
