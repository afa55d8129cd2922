package io.keywrap.azure.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import com.azure.core.util.FluxUtil;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.options.BlobParallelUploadOptions;
import com.azure.storage.blob.specialized.cryptography.BlobClientSideEncryptionOptions;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobAsyncClient;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClient;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClientBuilder;
import com.azure.storage.blob.specialized.cryptography.EncryptionVersion;
import io.keywrap.KekId;
import io.keywrap.emulators.CloudTrailEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;

/** Azure's own client encrypts blobs under KEKs wherever they are, and decrypts them again. */
class EncryptedBlobsTest {
    private static final int MIB = 1 << 20;

    private final Blobs blobs = new Blobs();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        blobs.leases.assertNoOpenLease();
        blobs.close();
    }

    private static byte[] range(EncryptedBlobClient client, long offset, Long count) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        client.downloadStreamWithResponse(out, new BlobRange(offset, count), null, null, false, null, null);
        return out.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({
        "aws, 0",
        "aws, 1000",
        "aws, 9437185",
        "gcp, 1000",
        "gcp, 9437185",
        "azure, 1000",
        "azure, 9437185",
        "byok, 1000",
        "byok, 9437185",
        "memory, 4194304"
    })
    void whatWasUploadedIsDownloadedAgain(String where, int length) {
        byte[] data = Blobs.random(length);
        EncryptedBlobClient client =
                blobs.client("accounts.csv", blobs.kek(where).id());
        client.upload(BinaryData.fromBytes(data));
        assertThat(blobs.stored("accounts.csv").content)
                .hasSizeGreaterThanOrEqualTo(length)
                .isNotEqualTo(data);
        assertThat(client.downloadContent().toBytes()).isEqualTo(data);
    }

    @ParameterizedTest
    @CsvSource({"V2, 2.0", "V2_1, 2.1"})
    void bothAuthenticatedVersionsWork(EncryptionVersion version, String protocol) {
        byte[] data = Blobs.random(3000);
        EncryptedBlobClientBuilder builder = new EncryptedBlobClientBuilder(version)
                .blobClient(blobs.plain("a"))
                .key(blobs.keks.asyncKey(blobs.awsKek), StorageKeks.ALGORITHM)
                .requiresEncryption(true);
        if (version == EncryptionVersion.V2_1) {
            builder.clientSideEncryptionOptions(
                    new BlobClientSideEncryptionOptions().setAuthenticatedRegionDataLengthInBytes(1024));
        }
        EncryptedBlobClient client = builder.buildEncryptedBlobClient();
        client.upload(BinaryData.fromBytes(data));
        assertThat(client.downloadContent().toBytes()).isEqualTo(data);
        assertThat(blobs.stored("a").metadata.get("encryptiondata")).contains("\"Protocol\":\"" + protocol + '"');
    }

    @Test
    void rangesAcrossRegionsAndAtTheEnd() {
        byte[] data = Blobs.random(9 * MIB + 1);
        EncryptedBlobClient client = blobs.client("big", blobs.awsKek);
        client.upload(BinaryData.fromBytes(data));
        assertThat(range(client, 0, 1L)).isEqualTo(Arrays.copyOfRange(data, 0, 1));
        assertThat(range(client, 4 * MIB - 1, 2L)).isEqualTo(Arrays.copyOfRange(data, 4 * MIB - 1, 4 * MIB + 1));
        assertThat(range(client, MIB, 8L * MIB)).isEqualTo(Arrays.copyOfRange(data, MIB, 9 * MIB));
        assertThat(range(client, 9 * MIB, null)).isEqualTo(Arrays.copyOfRange(data, 9 * MIB, 9 * MIB + 1));
    }

    @Test
    void streamsAndFilesTakeTheSameWay() throws IOException {
        byte[] data = Blobs.random(5 * MIB);
        EncryptedBlobClient client = blobs.client("stream", blobs.gcpKek);
        try (var out = client.getBlobOutputStream()) {
            out.write(data);
        }
        try (InputStream in = client.openInputStream()) {
            assertThat(in.readAllBytes()).isEqualTo(data);
        }
        Path file = folder.resolve("stream");
        client.downloadToFile(file.toString());
        assertThat(file).hasBinaryContent(data);
        client.uploadFromFile(file.toString(), true);
        assertThat(client.downloadContent().toBytes()).isEqualTo(data);
    }

    @Test
    void theAsynchronousClientToo() {
        byte[] data = Blobs.random(MIB);
        EncryptedBlobAsyncClient client = Blobs.encrypting(blobs.plain("async"))
                .key(blobs.keks.asyncKey(blobs.awsKek), StorageKeks.ALGORITHM)
                .buildEncryptedBlobAsyncClient();
        client.upload(Flux.just(ByteBuffer.wrap(data)), null).block();
        assertThat(FluxUtil.collectBytesInByteBufferStream(client.downloadStream())
                        .block())
                .isEqualTo(data);
    }

    @Test
    void aResolverPicksTheKekThatABlobNames() {
        blobs.client("a", blobs.awsKek).upload(BinaryData.fromString("under AWS"));
        blobs.client("g", blobs.gcpKek).upload(BinaryData.fromString("under GCP"));
        assertThat(blobs.client("a", blobs.gcpKek).downloadContent()).hasToString("under AWS");
        assertThat(blobs.client("g", blobs.awsKek).downloadContent()).hasToString("under GCP");
        assertThat(blobs.stored("a").metadata.get("encryptiondata"))
                .contains("\"KeyId\":\"" + blobs.awsKek + "\"", "\"Algorithm\":\"keywrap-1\"");
    }

    @Test
    void anUploadIsTwoCallsAndADownloadOneHoweverManyRangesAreRead() {
        EncryptedBlobClient client = blobs.client("a", blobs.awsKek);
        client.upload(BinaryData.fromBytes(Blobs.random(10_000)));
        assertThat(blobs.awsCalls("Encrypt")).isOne();
        assertThat(blobs.awsCalls("Decrypt")).isOne();
        for (int i = 0; i < 50; i++) {
            range(client, i * 100L, 100L);
        }
        assertThat(blobs.awsCalls("Encrypt")).isOne();
        assertThat(blobs.awsCalls("Decrypt")).isEqualTo(2);
    }

    @Test
    void theCustomersAuditLogTellsWhatEachCallWasFor() {
        blobs.client("a", blobs.awsKek).upload(BinaryData.fromString("x"));
        CloudTrailEvent wrap = blobs.aws.events().get(0);
        assertThat(wrap.toJson()).contains("\"kw:keychain\":\"azure-storage-2.1:tenant-42\"", "\"kw:dek\":\"");
    }

    @Test
    void aBlobOpensAfterItsKekWasRotated() {
        blobs.client("g", blobs.gcpKek).upload(BinaryData.fromString("before"));
        blobs.gcpKey.rotate();
        EncryptedBlobClient client = blobs.client("g2", blobs.gcpKek);
        client.upload(BinaryData.fromString("after"));
        assertThat(blobs.client("g", blobs.gcpKek).downloadContent()).hasToString("before");
        assertThat(client.downloadContent()).hasToString("after");
    }

    @Test
    void theMetadataLeaveTheUserMoreThanHalfOfTheirRoom() {
        for (KekId kekId : new KekId[] {blobs.awsKek, blobs.gcpKek}) {
            blobs.client("a", kekId)
                    .uploadWithResponse(
                            new BlobParallelUploadOptions(BinaryData.fromString("x"))
                                    .setMetadata(new HashMap<>(Map.of("job", "j".repeat(6 * 1024)))),
                            null,
                            null);
            assertThat(blobs.stored("a").metadata.get("encryptiondata")).hasSizeLessThan(1400);
        }
    }
}
