package io.keywrap.azure.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.options.BlobInputStreamOptions;
import com.azure.storage.blob.specialized.cryptography.BlobClientSideEncryptionOptions;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClient;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClientBuilder;
import com.azure.storage.blob.specialized.cryptography.EncryptionVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What somebody can do who has no key and can write to the container, in the words of docs/guides/azure-storage.md, "What
 * Azure's format does not do"; and what is noticed.
 */
class FormatLimitsTest {
    private static final int OVERHEAD = 12 + 16;
    private static final int SHORT = 1024;
    private static final int BY_DEFAULT = 4 << 20;

    private final Blobs blobs = new Blobs();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        blobs.leases.assertNoOpenLease();
        blobs.close();
    }

    private EncryptedBlobClient client(String name) {
        return blobs.client(name, blobs.awsKek);
    }

    private byte[] read(String name) {
        return Blobs.read(client(name)).toBytes();
    }

    /** Three whole regions, and a last one that is shorter. */
    private byte[] uploadShortRegions(String name, int seed) {
        byte[] data = Arrays.copyOf(Blobs.random(4 * SHORT + seed), 3 * SHORT + 100);
        upload(
                name,
                data,
                Blobs.encrypting(blobs.plain(name))
                        .clientSideEncryptionOptions(
                                new BlobClientSideEncryptionOptions().setAuthenticatedRegionDataLengthInBytes(SHORT)));
        return data;
    }

    private void upload(String name, byte[] data, EncryptedBlobClientBuilder builder) {
        builder.blobClient(blobs.plain(name))
                .key(blobs.keks.asyncKey(blobs.awsKek), StorageKeks.ALGORITHM)
                .buildEncryptedBlobClient()
                .upload(BinaryData.fromBytes(data), true);
    }

    /** Pieces of one length, the last one shorter, one behind the other in some order. */
    private static byte[] pieces(byte[] of, int length, String order) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String number : order.split(" ")) {
            int from = Integer.parseInt(number) * length;
            out.writeBytes(Arrays.copyOfRange(of, from, Math.min(of.length, from + length)));
        }
        return out.toByteArray();
    }

    private void lay(String name, int region, String order) {
        BlobServer.Stored stored = blobs.stored(name);
        stored.content = pieces(stored.content, region + OVERHEAD, order);
    }

    private void notices(String name) {
        assertThatThrownBy(() -> read(name)).hasRootCauseInstanceOf(AEADBadTagException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 1 2", "0", "1 0 2 3", "2 1 0", "0 2 3", "3", "0 0 1 2 3", "2 2 2 3"})
    void regionsThatAreMissingSwappedOrThereTwiceAreGivenAsTheyLie(String order) {
        byte[] data = uploadShortRegions("a", 0);
        lay("a", SHORT, order);
        assertThat(read("a")).isEqualTo(pieces(data, SHORT, order));
    }

    @ParameterizedTest
    @CsvSource({"V2, 0", "V2, 1 0 2", "V2_1, 0", "V2_1, 1 0 2"})
    void soAreThoseOfTheLengthThatIsTheDefault(EncryptionVersion version, String order) {
        byte[] data = Blobs.random(2 * BY_DEFAULT + 1000);
        upload("a", data, new EncryptedBlobClientBuilder(version).requiresEncryption(true));
        lay("a", BY_DEFAULT, order);
        assertThat(read("a")).isEqualTo(pieces(data, BY_DEFAULT, order));
    }

    @Test
    void aRangeIsThatOfTheRegionWhichLiesThere() {
        byte[] data = uploadShortRegions("a", 0);
        lay("a", SHORT, "1 0 2 3");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        client("a").downloadStreamWithResponse(out, new BlobRange(10, 20L), Blobs.ONCE, null, false, null, null);
        assertThat(out.toByteArray()).isEqualTo(Arrays.copyOfRange(data, SHORT + 10, SHORT + 30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3 0 1 2", "0 1 3 2", "0 1 2 3 3"})
    void theShorterRegionIsNoticedAnywhereButAtTheEnd(String order) {
        uploadShortRegions("a", 0);
        lay("a", SHORT, order);
        notices("a");
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 27, 28, SHORT - 1, SHORT + OVERHEAD - 1})
    void aRegionThatWasCutIsNoticed(int length) {
        uploadShortRegions("a", 0);
        cutSecondRegion(length);
        notices("a");
    }

    @Test
    void soIsOneOfWhichNotEvenTheNonceIsLeft() {
        uploadShortRegions("a", 0);
        cutSecondRegion(11);
        assertThatIllegalArgumentException().isThrownBy(() -> read("a"));
    }

    private void cutSecondRegion(int length) {
        BlobServer.Stored stored = blobs.stored("a");
        stored.content = Arrays.copyOf(stored.content, SHORT + OVERHEAD + length);
    }

    /** Each upload has a content key of its own. */
    @Test
    void aRegionOfAnotherUploadIsNoticed() {
        uploadShortRegions("a", 0);
        byte[] earlier = blobs.stored("a").content;
        uploadShortRegions("a", 0);
        System.arraycopy(earlier, 0, blobs.stored("a").content, 0, SHORT + OVERHEAD);
        notices("a");
    }

    @Test
    void anEarlierUploadThatIsPutBackAsAWholeIsTakenForTheLastOne() {
        byte[] data = uploadShortRegions("a", 1);
        BlobServer.Stored earlier = blobs.stored("a");
        assertThat(uploadShortRegions("a", 2)).isNotEqualTo(data);
        blobs.server.put(Blobs.CONTAINER + "/a", earlier);
        assertThat(read("a")).isEqualTo(data);
    }

    private EncryptedBlobClient readerThatRequiresNothing() {
        return Blobs.encrypting(blobs.plain("a"))
                .requiresEncryption(false)
                .key(blobs.keks.asyncKey(blobs.awsKek), StorageKeks.ALGORITHM)
                .keyResolver(blobs.keks)
                .buildEncryptedBlobClient();
    }

    /** What anybody can do who can write to the container. */
    private void writeInClear() {
        blobs.plain("a").upload(BinaryData.fromString("made up"), true);
    }

    @Test
    void aBlobInClearIsHandedOutUnlessEncryptionIsRequired() {
        byte[] data = uploadShortRegions("a", 0);
        assertThat(Blobs.read(readerThatRequiresNothing()).toBytes()).isEqualTo(data);
        writeInClear();
        assertThat(Blobs.read(readerThatRequiresNothing())).hasToString("made up");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatIllegalStateException().isThrownBy(() -> read("a")).withMessageContaining("requiresEncryption");
        assertThatIllegalStateException().isThrownBy(() -> client("a").downloadStream(out));
        assertThat(out.size()).isZero();
    }

    /** If one of these is refused by a later client of Azure's, the guide can say so. */
    @Test
    void whereItIsReadByRangesItIsHandedOutEvenIfEncryptionIsRequired() throws IOException {
        writeInClear();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        client("a").downloadStreamWithResponse(out, new BlobRange(0, 4L), Blobs.ONCE, null, false, null, null);
        assertThat(out).hasToString("made");
        try (InputStream in = client("a").openInputStream()) {
            assertThat(in).hasContent("made up");
        }
        Path file = folder.resolve("a");
        client("a").downloadToFile(file.toString());
        assertThat(file).hasContent("made up");
    }

    @Test
    void whoHasLookedForEncryptionDataReadsThatBlobOrNone() throws IOException {
        byte[] data = uploadShortRegions("a", 0);
        String etag = blobs.plain("a").getProperties().getETag();
        try (InputStream in = client("a").openInputStream(onlyOf(etag))) {
            assertThat(in).hasBinaryContent(data);
        }
        writeInClear();
        assertThat(blobs.plain("a").getProperties().getMetadata()).doesNotContainKey("encryptiondata");
        assertThatExceptionOfType(BlobStorageException.class)
                .isThrownBy(() -> client("a").openInputStream(onlyOf(etag)))
                .satisfies(failure -> assertThat(failure.getStatusCode()).isEqualTo(412));
    }

    private static BlobInputStreamOptions onlyOf(String etag) {
        return new BlobInputStreamOptions().setRequestConditions(new BlobRequestConditions().setIfMatch(etag));
    }
}
