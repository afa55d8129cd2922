package io.keywrap.azure.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.cryptography.KeyEncryptionKey;
import com.azure.core.util.BinaryData;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClient;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClientBuilder;
import com.azure.storage.blob.specialized.cryptography.EncryptionVersion;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever can change blobs and their metadata gets nothing decrypted that was not written so, as far as Azure's format allows. */
class ForgedBlobsTest {
    private final Blobs blobs = new Blobs();

    @BeforeEach
    void upload() {
        client().upload(BinaryData.fromBytes(Blobs.random(1000)));
    }

    @AfterEach
    void close() {
        blobs.leases.assertNoOpenLease();
        blobs.close();
    }

    private EncryptedBlobClient client() {
        return blobs.client("a", blobs.awsKek);
    }

    private Metadata metadata() {
        return Metadata.of(blobs.stored("a"));
    }

    private void refuses(String message) {
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> Blobs.read(client()))
                .withMessageContaining(message);
    }

    @Test
    void aKekThatIsNotAllowedIsNotAsked() {
        StorageKeks others = StorageKeks.of(blobs.providers, "tenant-42", Set.of(blobs.gcpKek));
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> Blobs.read(blobs.client("a", blobs.gcpKek, others)))
                .withMessageContaining("not allowed here")
                .satisfies(failure -> assertThat(failure.kekId()).contains(blobs.awsKek));
        assertThat(blobs.awsCalls("Decrypt")).as("that of the upload").isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no URI", "aws-kms:\u0000\n"})
    void anIdThatIsNoneIsNotRepeated(String keyId) {
        metadata().keyId(keyId);
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> Blobs.read(client()))
                .withMessageStartingWith("a blob names no KEK of keywrap's; to do")
                .satisfies(failure -> assertThat(failure.kekId()).isEmpty());
    }

    @Test
    void withoutAResolverAzureRefusesAnotherKek() {
        EncryptedBlobClient other = Blobs.encrypting(blobs.plain("a"))
                .key(blobs.keks.asyncKey(blobs.gcpKek), StorageKeks.ALGORITHM)
                .buildEncryptedBlobClient();
        assertThatIllegalArgumentException().isThrownBy(() -> Blobs.read(other)).withMessageContaining("Key mismatch");
    }

    @Test
    void aWrapOfAnotherKekThanTheBlobNamesIsRefused() {
        metadata().keyId(blobs.gcpKek.uri());
        refuses("under another KEK than the blob names");
    }

    @Test
    void aWrapThatClaimsAnotherKekIsRefusedByItsKms() {
        WrappedContentKey wrapped = WrappedContentKey.parse(metadata().wrap(), blobs.awsKek);
        KekId other = KekId.of("aws-kms://" + blobs.aws.createKey().arn());
        WrappedDek moved = WrappedDek.builder(wrapped.dek().dekId(), other)
                .kekVersion(wrapped.dek().kekVersion())
                .build(wrapped.dek().algorithm(), wrapped.dek().wrappedBytes());
        metadata().keyId(other.uri()).wrap(new WrappedContentKey("2.1", moved).toBytes());
        StorageKeks both = StorageKeks.of(blobs.providers, "tenant-42", Set.of(blobs.awsKek, other));
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> Blobs.read(blobs.client("a", other, both)));
    }

    @Test
    void noBitOfAWrapCanBeChangedWithoutItsBeingRefused() {
        assertThat(acceptedChanges(blobs.awsKek, metadata().wrap())).isEmpty();
    }

    @Test
    void underGoogleCloudKmsTheVersionAloneIsAClaimThatChangesNothing() {
        blobs.client("g", blobs.gcpKek).upload(BinaryData.fromString("x"));
        byte[] wrap = Metadata.of(blobs.stored("g")).wrap();
        String kekId = blobs.gcpKek.uri();
        int version = new String(wrap, StandardCharsets.ISO_8859_1).indexOf(kekId) + kekId.length() + 2;
        assertThat((char) wrap[version]).isEqualTo('1');
        assertThat(acceptedChanges(blobs.gcpKek, wrap)).containsExactly(version);
    }

    @Test
    void anOldBlobThatClaimsAVersionThatIsWellDoesNotCloseTheBlobsUnderIt() {
        blobs.client("old", blobs.gcpKek).upload(BinaryData.fromString("old"));
        blobs.gcpKey.rotate();
        blobs.client("new", blobs.gcpKek).upload(BinaryData.fromString("new"));
        blobs.gcpKey.version(1).disable();
        WrappedDek wrapped = WrappedContentKey.parse(
                        Metadata.of(blobs.stored("old")).wrap(), blobs.gcpKek)
                .dek();
        WrappedDek claiming = WrappedDek.builder(wrapped.dekId(), blobs.gcpKek)
                .kekVersion("2")
                .build(wrapped.algorithm(), wrapped.wrappedBytes());
        Metadata.of(blobs.stored("old")).wrap(new WrappedContentKey("2.1", claiming).toBytes());
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> Blobs.read(blobs.client("old", blobs.gcpKek)));
        assertThat(Blobs.read(blobs.client("new", blobs.gcpKek))).hasToString("new");
    }

    /** Which bytes can be changed, and the same key is unwrapped; never another one. */
    private List<Integer> acceptedChanges(KekId kekId, byte[] wrap) {
        KeyEncryptionKey kek = blobs.keks.key(kekId);
        byte[] key = kek.unwrapKey(StorageKeks.ALGORITHM, wrap);
        assertThat(key).hasSize(40);
        List<Integer> accepted = new ArrayList<>();
        for (int i = 0; i < wrap.length; i++) {
            byte[] changed = wrap.clone();
            changed[i] ^= (byte) (1 << i % 3);
            try {
                assertThat(kek.unwrapKey(StorageKeks.ALGORITHM, changed)).isEqualTo(key);
                accepted.add(i);
            } catch (KekException e) {
                assertThat(e).isInstanceOf(InvalidWrappedDekException.class);
            }
        }
        return accepted;
    }

    @Test
    void aWrapThatWasCutIsRefused() {
        byte[] wrap = metadata().wrap();
        for (int length = 0; length < wrap.length; length++) {
            byte[] cut = Arrays.copyOf(wrap, length);
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> blobs.keks.key(blobs.awsKek).unwrapKey(StorageKeks.ALGORITHM, cut));
        }
    }

    @Test
    void aWrapThatIsTooLongIsNotParsed() {
        byte[] wrap = Arrays.copyOf("2.1".getBytes(StandardCharsets.US_ASCII), WrappedContentKey.MAX_BYTES + 1);
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> blobs.keks.key(blobs.awsKek).unwrapKey(StorageKeks.ALGORITHM, wrap))
                .withMessageContaining("has 4097 bytes");
    }

    @Test
    void anotherAlgorithmIsRefusedAndNamedIfItIsAName() {
        metadata().algorithm("RSA-OAEP");
        refuses("not wrapped by keywrap-1: 'RSA-OAEP'");
        metadata().algorithm("line\nbreak");
        refuses("not wrapped by keywrap-1; KEK");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Blobs.encrypting(blobs.plain("b"))
                        .key(blobs.keks.asyncKey(blobs.awsKek), "RSA-OAEP")
                        .buildEncryptedBlobClient()
                        .upload(BinaryData.fromString("x")))
                .withMessageContaining("'keywrap-1' alone, not by 'RSA-OAEP'");
        assertThat(blobs.stored("b")).isNull();
    }

    @Test
    void theVersionOfTheEncryptionIsBound() {
        metadata().protocol("2.0");
        assertThatIllegalStateException()
                .isThrownBy(() -> Blobs.read(client()))
                .withMessageContaining("did not match protocol version");
        byte[] wrap = metadata().wrap();
        System.arraycopy("2.0".getBytes(StandardCharsets.US_ASCII), 0, wrap, 0, 3);
        metadata().wrap(wrap);
        assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> Blobs.read(client()));
    }

    @Test
    @SuppressWarnings("deprecation")
    void theVersionThatDoesNotAuthenticateIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EncryptedBlobClientBuilder(EncryptionVersion.V1)
                        .blobClient(blobs.plain("b"))
                        .key(blobs.keks.asyncKey(blobs.awsKek), StorageKeks.ALGORITHM)
                        .buildEncryptedBlobClient()
                        .upload(BinaryData.fromString("x")))
                .withMessageContaining("use EncryptionVersion.V2");
        assertThat(blobs.stored("b")).isNull();
    }

    @Test
    void somebodyElsesBlobsDoNotOpen() {
        StorageKeks others = StorageKeks.of(blobs.providers, "tenant-43", Set.of(blobs.awsKek));
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> Blobs.read(blobs.client("a", blobs.awsKek, others)));
    }

    @Test
    void aBlobIsPassedOffAsAnotherUnlessItsNameIsInTheKeyContext() {
        client("x", blobs.keks).upload(BinaryData.fromString("of x"));
        blobs.server.put(Blobs.CONTAINER + "/y", blobs.stored("x"));
        assertThat(Blobs.read(client("y", blobs.keks))).hasToString("of x");

        client("z", named("z")).upload(BinaryData.fromString("of z"));
        blobs.server.put(Blobs.CONTAINER + "/y", blobs.stored("z"));
        assertThat(Blobs.read(client("z", named("z")))).hasToString("of z");
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> Blobs.read(client("y", named("y"))));
    }

    private StorageKeks named(String blob) {
        return blobs.keks.withKeyContext(EncryptionContext.of("blob", blob));
    }

    private EncryptedBlobClient client(String name, StorageKeks keks) {
        return blobs.client(name, blobs.awsKek, keks);
    }

    @Test
    void noBitOfTheCiphertextCanBeChanged() {
        byte[] content = blobs.stored("a").content;
        for (int at : new int[] {0, 11, 12, 500, content.length - 16, content.length - 1}) {
            content[at] ^= 1;
            assertThatThrownBy(() -> Blobs.read(client()))
                    .as("byte %d", at)
                    .hasRootCauseInstanceOf(AEADBadTagException.class);
            content[at] ^= 1;
        }
        assertThat(Blobs.read(client()).toBytes()).hasSize(1000);
    }
}
