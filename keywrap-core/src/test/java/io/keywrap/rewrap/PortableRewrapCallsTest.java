package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often a KMS is asked, and what is believed of its answers. */
class PortableRewrapCallsTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "o");
    private static final KekId OLD = KekId.of("fake:old");
    private static final KekId NEW = KekId.of("fake:new");
    private static final byte[] DATA = new byte[100];

    @TempDir
    Path folder;

    private final FakeKms kms = new FakeKms();
    private KeyProviders providers;
    private EnvelopeCipher cipher;
    private Path envelope;
    private byte[] before;

    @BeforeEach
    void envelope() throws IOException {
        providers = KeyProviders.builder().register(kms).time(new ManualTime()).build();
        Keychain keychain = Keychains.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                .seal(KeychainSeal.wrappedBy(KekId.of("fake:seal")))
                .build()
                .create("tenant", spec -> spec.control(OLD).portable());
        cipher = EnvelopeCipher.using(keychain);
        envelope = write(0);
        before = Files.readAllBytes(envelope);
    }

    @AfterEach
    void close() {
        providers.close();
    }

    private Path write(int number) throws IOException {
        return Files.write(folder.resolve(number + ".kwrp"), cipher.encrypt(DATA, CONTEXT));
    }

    private PortableRewrap to(KekId... recipients) {
        return PortableRewrap.to(providers, Set.of(OLD), List.of(recipients));
    }

    @Test
    void manyEnvelopesUnderOneDekTakeOneWrapAndOneProof() throws IOException {
        PortableRewrap rewrap = to(NEW);
        int wraps = kms.wraps.get();
        for (int i = 0; i < 20; i++) {
            assertThat(rewrap.rewrap(write(i)).changed()).isTrue();
        }
        assertThat(kms.wraps.get() - wraps).isEqualTo(1);
        assertThat(kms.unwrapsOf.get(NEW)).isEqualTo(1);
        assertThat(kms.unwrapsOf.getOrDefault(OLD, 0)).isLessThanOrEqualTo(1);
    }

    @Test
    void wrapsOfAnEarlierRunAreProvenOnceAndKept() throws IOException {
        to(NEW).rewrap(envelope);
        byte[] first = Files.readAllBytes(envelope);
        int wraps = kms.wraps.get();
        kms.primary = "2"; // So that its wraps differ.

        PortableRewrap later = PortableRewrap.to(providers, Set.of(OLD, NEW), List.of(NEW));
        assertThat(later.rewrap(write(1)).changed()).isTrue();
        assertThat(later.rewrap(envelope).changed()).as("made by another run").isFalse();
        assertThat(envelope).hasBinaryContent(first);
        assertThat(kms.wraps.get() - wraps).isEqualTo(1);
        assertThat(kms.unwrapsOf.get(NEW)).as("two wraps besides the first").isEqualTo(4);
    }

    @Test
    void aWrapThatUnwrapsToAnotherKeyIsNotWritten() {
        kms.answersWithAnotherKeyFor = NEW;
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> to(NEW).rewrap(envelope))
                .matches(e -> e.kekId().orElseThrow().equals(NEW))
                .withMessageContaining("is not DEK");
        assertThat(envelope).hasBinaryContent(before);
    }

    @Test
    void aNewKekThatMayNotUnwrapIsFoundOutBeforeAnythingIsWritten() {
        kms.faults.put(NEW, KekUnreachableException::new);
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> to(OLD, NEW).rewrap(envelope));
        assertThat(envelope).hasBinaryContent(before);
    }

    @Test
    void olderVersionsAreRenewedOnlyIfThatIsWanted() throws IOException {
        kms.primary = "2";
        assertThat(to(OLD).rewrap(envelope).changed()).isFalse();

        assertThat(to(OLD).withRenewal().rewrap(envelope).changed()).isTrue();
        byte[] renewed = Files.readAllBytes(envelope);
        assertThat(PortableFixture.header(renewed).recipients().get(0).kekVersion())
                .isEqualTo("2");
        assertThat(EnvelopeCipher.portable(providers, Set.of(OLD)).decrypt(renewed, CONTEXT))
                .isEqualTo(DATA);
    }

    @Test
    void aRenewalLeavesWhatItsOwnRunHasMade() throws IOException {
        kms.primary = "2";
        PortableRewrap rewrap = to(OLD).withRenewal();
        assertThat(rewrap.rewrap(envelope).changed()).isTrue();
        assertThat(rewrap.rewrap(envelope).changed()).isFalse();
    }

    @Test
    void sixteenRecipientsFit() throws IOException {
        KekId[] keks = IntStream.rangeClosed(1, 16)
                .mapToObj(i -> KekId.of("fake:k" + i))
                .toArray(KekId[]::new);
        to(keks).rewrap(envelope);
        byte[] after = Files.readAllBytes(envelope);
        assertThat(PortableFixture.recipients(after)).containsExactly(keks);
        for (KekId kek : keks) {
            assertThat(EnvelopeCipher.portable(providers, Set.of(kek)).decrypt(after, CONTEXT))
                    .isEqualTo(DATA);
        }
    }

    @Test
    void aHeaderThatWouldBeTooLongIsRefused() {
        KekId[] keks = IntStream.rangeClosed(1, 16)
                .mapToObj(i -> KekId.of("fake:" + "k".repeat(900) + i))
                .toArray(KekId[]::new);
        kms.primary = "v".repeat(512);
        kms.padding = 3_000;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> to(keks).rewrap(envelope))
                .withMessageContaining("at most 65536 bytes");
        assertThat(envelope).hasBinaryContent(before);
    }
}
