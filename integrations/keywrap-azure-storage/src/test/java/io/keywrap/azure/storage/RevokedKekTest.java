package io.keywrap.azure.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.options.BlobDownloadToFileOptions;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClient;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.testkit.TestKek;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A customer withdraws the KEK of blobs, and gives it back; or it cannot be reached. */
class RevokedKekTest {
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final Blobs blobs = new Blobs();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        blobs.leases.assertNoOpenLease();
        blobs.close();
    }

    private EncryptedBlobClient uploaded(String name, KekId kekId) {
        EncryptedBlobClient client = blobs.client(name, kekId);
        client.upload(BinaryData.fromString("content of " + name));
        return client;
    }

    private static void refuses(KekId kekId, EncryptedBlobClient client) {
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> Blobs.read(client))
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(KekRevokedException.Reason.DISABLED);
                    assertThat(failure.kekId()).contains(kekId);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"aws", "gcp", "azure"})
    void aDisabledKekEndsDownloadsWithinTheDeadlineOfTheCacheAndUploadsAtOnce(String cloud) {
        TestKek kek = blobs.kek(cloud);
        EncryptedBlobClient client = uploaded("a", kek.id());
        assertThat(client.downloadContent()).hasToString("content of a");

        kek.disable();
        assertThat(client.downloadContent()).hasToString("content of a"); // From memory.
        blobs.time.advance(DEADLINE);
        refuses(kek.id(), client);
        refusesToWrite(blobs.client("b", kek.id()));
        worksOnceItIsGivenBack(kek, client);
    }

    @Test
    void anUploadedKeyThatIsRevokedEndsDownloadsAndUploadsAtOnce() {
        TestKek kek = blobs.kek("byok");
        EncryptedBlobClient client = uploaded("a", kek.id());
        assertThat(client.downloadContent()).hasToString("content of a");

        kek.disable();
        refuses(kek.id(), client);
        refusesToWrite(blobs.client("b", kek.id()));
        worksOnceItIsGivenBack(kek, client);
    }

    private void refusesToWrite(EncryptedBlobClient client) {
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> client.upload(BinaryData.fromString("x")));
        assertThat(blobs.stored(client.getBlobName())).isNull();
    }

    private void worksOnceItIsGivenBack(TestKek kek, EncryptedBlobClient client) {
        kek.enable();
        blobs.time.advance(Duration.ofSeconds(5));
        assertThat(client.downloadContent()).hasToString("content of a");
        assertThat(uploaded("b", kek.id()).downloadContent()).hasToString("content of b");
    }

    /** Who proves each wrap writes nothing then; who does not has written something that opens once the key is enabled. */
    @Test
    void azureMayGoOnToWrapForAWhileUnderAKeyThatIsDisabled() {
        blobs.azure.wrapWhileDisabled(true);
        blobs.azureKey.disable();
        refusesToWrite(blobs.client("b", blobs.azureKek));
        EncryptedBlobClient client = blobs.client("a", blobs.azureKek, blobs.keks.wrapOnly());
        client.upload(BinaryData.fromString("content of a"));
        refuses(blobs.azureKek, client);
        worksOnceItIsGivenBack(blobs.kek("azure"), client);
    }

    @Test
    void whatOneBlobHasFoundOutHoldsForAllOfItsKekAtOnce() {
        EncryptedBlobClient first = uploaded("first", blobs.awsKek);
        EncryptedBlobClient second = uploaded("second", blobs.awsKek);
        first.downloadContent();
        blobs.awsKey.disable();
        assertThat(first.downloadContent()).hasToString("content of first");
        refuses(blobs.awsKek, second);
        refuses(blobs.awsKek, first);
    }

    @Test
    void everyWayToReadTellsWhy() {
        EncryptedBlobClient client = uploaded("a", blobs.awsKek);
        blobs.awsKey.disable();
        refuses(blobs.awsKek, client);
        BlobDownloadToFileOptions toFile =
                new BlobDownloadToFileOptions(folder.resolve("a").toString()).setDownloadRetryOptions(Blobs.ONCE);
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> client.downloadToFileWithResponse(toFile, null, null));
        OutputStream nowhere = OutputStream.nullOutputStream();
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> client.downloadStreamWithResponse(
                        nowhere, new BlobRange(1, 2L), Blobs.ONCE, null, false, null, null));
    }

    @Test
    void everyWayToWriteTellsWhyAndWritesNothing() throws IOException {
        blobs.awsKey.disable();
        EncryptedBlobClient client = blobs.client("a", blobs.awsKek);
        Path file = Files.writeString(folder.resolve("a"), "content");
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> client.uploadFromFile(file.toString()));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> {
                    try (OutputStream out = client.getBlobOutputStream()) {
                        out.write(1);
                    }
                })
                .withCauseInstanceOf(KekRevokedException.class);
        assertThat(blobs.server.requests()).doesNotContain("PUT", "PUT block", "PUT blocklist");
    }

    /** As while a KMS still wraps under a key that is disabled, or where the principal may wrap alone. */
    @Test
    void nothingIsUploadedThatTheKekDoesNotOpen() {
        blobs.memoryKek.answerWrongly();
        EncryptedBlobClient client = blobs.client("m", blobs.memoryKek.id());
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> client.upload(BinaryData.fromString("x")))
                .withMessageContaining("unwraps to another key");
        assertThat(blobs.stored("m")).isNull();
    }

    @Test
    void anOutageIsNoRevocation() {
        blobs.memoryKek.unreachable();
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> uploaded("m", blobs.memoryKek.id()))
                .satisfies(failure -> assertThat(failure.retryable()).isTrue());
        blobs.memoryKek.recover();
        assertThat(uploaded("m", blobs.memoryKek.id()).downloadContent()).hasToString("content of m");
    }
}
