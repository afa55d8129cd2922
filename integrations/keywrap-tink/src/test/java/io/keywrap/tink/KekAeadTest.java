package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import io.keywrap.AuthenticationFailedException;
import io.keywrap.DataException;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KeywrapException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.WrappedDek;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an Aead of Tink promises: what comes back is what went in, or nothing does. */
class KekAeadTest extends TinkFixture {
    private static byte[] flipped(byte[] bytes, int at, int bit) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << bit);
        return changed;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 4096, 65_536, 5 * 1024 * 1024 + 3})
    void whatWasEncryptedComesBack(int length) throws Exception {
        byte[] data = random(length);
        byte[] ciphertext = aead().encrypt(data, ASSOCIATED);
        assertThat(aead().decrypt(ciphertext, ASSOCIATED)).isEqualTo(data);
        assertThat(ciphertext)
                .hasSize(Header.parse(ciphertext).length() + 28 + length)
                .startsWith('K', 'W', 'T', 'K', 1);
    }

    @Test
    void noAssociatedDataIsTheSameAsEmpty() throws Exception {
        assertThat(aead().decrypt(aead().encrypt(DATA, null), new byte[0])).isEqualTo(DATA);
        assertThat(aead().decrypt(aead().encrypt(DATA, new byte[0]), null)).isEqualTo(DATA);
    }

    @Test
    void otherAssociatedDataIsRefused() throws Exception {
        byte[] ciphertext = aead().encrypt(DATA, ASSOCIATED);
        for (byte[] other :
                new byte[][] {new byte[0], random(1), flipped(ASSOCIATED, 0, 0), Arrays.copyOf(ASSOCIATED, 11)}) {
            assertFails(AuthenticationFailedException.class, () -> aead().decrypt(ciphertext, other));
        }
    }

    /** Each bit of magic, version, length, wrapped DEK, IV, ciphertext and tag. */
    @Test
    void everyBitCounts() throws Exception {
        byte[] ciphertext = aead().encrypt(DATA, ASSOCIATED);
        for (int i = 0; i < 8 * ciphertext.length; i++) {
            byte[] changed = flipped(ciphertext, i / 8, i % 8);
            assertFailsAnyhow(() -> aead().decrypt(changed, ASSOCIATED), i);
        }
        assertThat(aead().decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
    }

    private interface Call {
        void run() throws GeneralSecurityException;
    }

    private static void assertFailsAnyhow(Call call, int bit) {
        try {
            call.run();
        } catch (GeneralSecurityException e) {
            assertThat(e.getCause()).as("bit %s", bit).isInstanceOf(KeywrapException.class);
            return;
        }
        throw new AssertionError("it was decrypted in spite of bit " + bit);
    }

    @Test
    void everyCutIsRefusedBeforeTheKmsIsAsked() throws Exception {
        byte[] ciphertext = aead().encrypt(DATA, ASSOCIATED);
        int calls = keywrap.kek().calls();
        int least = Header.parse(ciphertext).length() + 28;
        for (int length = 0; length < least; length++) {
            byte[] cut = Arrays.copyOf(ciphertext, length);
            assertFails(TruncatedEnvelopeException.class, () -> aead().decrypt(cut, ASSOCIATED));
        }
        for (int length = least; length < ciphertext.length; length++) {
            byte[] cut = Arrays.copyOf(ciphertext, length);
            assertFails(AuthenticationFailedException.class, () -> aead().decrypt(cut, ASSOCIATED));
        }
        byte[] longer = Arrays.copyOf(ciphertext, ciphertext.length + 1);
        assertFails(AuthenticationFailedException.class, () -> aead().decrypt(longer, ASSOCIATED));
        assertThat(keywrap.kek().calls()).isEqualTo(calls);
    }

    @Test
    void aForeignCiphertextIsRefusedBeforeTheKmsIsAsked() throws Exception {
        byte[] foreign = new AesGcmJce(random(32)).encrypt(DATA, ASSOCIATED);
        DataException refusal =
                assertFails(MalformedEnvelopeException.class, () -> aead().decrypt(foreign, ASSOCIATED));
        assertThat(refusal).hasMessageContaining("no ciphertext of keywrap for Tink");
        assertThat(keywrap.kek().calls()).isZero();
    }

    @Test
    void theCiphertextOfAnotherKekIsRefusedBeforeAnyKmsIsAsked() throws Exception {
        Aead other = client.getAead(keywrap.vendorKek().id().uri());
        byte[] ciphertext = other.encrypt(DATA, ASSOCIATED);
        int calls = keywrap.vendorKek().calls();
        KekException refusal =
                assertFails(InvalidWrappedDekException.class, () -> aead().decrypt(ciphertext, ASSOCIATED));
        assertThat(refusal).hasMessageContaining("under another KEK, memory:vendor");
        assertThat(keywrap.kek().calls()).isZero();
        assertThat(keywrap.vendorKek().calls()).isEqualTo(calls);
    }

    /** Both DEKs open; but each header belongs to what was encrypted behind it. */
    @Test
    void aHeaderBeforeAnotherCiphertextIsRefused() throws Exception {
        KeywrapKmsClient second = KeywrapKmsClient.of(keywrap.providers());
        byte[] one = aead().encrypt(DATA, ASSOCIATED);
        byte[] two = aead(second).encrypt(DATA, ASSOCIATED);
        int header = Header.parse(one).length();
        byte[] mixed = Header.parse(two).followedBy(Arrays.copyOfRange(one, header, one.length));
        assertFails(AuthenticationFailedException.class, () -> aead().decrypt(mixed, ASSOCIATED));
    }

    /** The KEK wraps it again, so that the DEK is the same, and the header is another. */
    @Test
    void theHeaderIsAuthenticated() throws Exception {
        byte[] ciphertext = aead().encrypt(DATA, ASSOCIATED);
        Header header = Header.parse(ciphertext);
        WrappedDek wrapped = header.wrapped();
        EncryptionContext context = KekDeks.contextOf(wrapped.dekId(), EncryptionContext.empty());
        var deadline = keywrap.providers().foregroundDeadline();
        var kek = keywrap.providers().provider(keywrap.kek().id());
        try (var dek = kek.unwrap(wrapped, context, deadline)) {
            Header again = Header.of(kek.wrap(dek, context, deadline));
            byte[] changed = again.followedBy(Arrays.copyOfRange(ciphertext, header.length(), ciphertext.length));
            assertFails(AuthenticationFailedException.class, () -> aead().decrypt(changed, ASSOCIATED));
        }
    }

    /** Where the header ends and the associated data begins cannot be moved: its length is in the header. */
    @Test
    void theDocumentedLayoutIsWhatTinkItselfDecrypts() throws Exception {
        byte[] ciphertext = aead().encrypt(DATA, ASSOCIATED);
        int length = (ciphertext[5] & 0xFF) << 8 | (ciphertext[6] & 0xFF);
        WrappedDek wrapped = WrappedDek.parse(Arrays.copyOfRange(ciphertext, 7, 7 + length));
        byte[] bound = Arrays.copyOf(ciphertext, 7 + length + ASSOCIATED.length);
        System.arraycopy(ASSOCIATED, 0, bound, 7 + length, ASSOCIATED.length);
        EncryptionContext context = EncryptionContext.ofDek("tink", wrapped.dekId(), EncryptionContext.empty());
        try (DekLease lease =
                keywrap.providers().lease(wrapped, context, keywrap.providers().foregroundDeadline())) {
            Aead gcm = new AesGcmJce(lease.withBytes(byte[]::clone));
            byte[] encrypted = Arrays.copyOfRange(ciphertext, 7 + length, ciphertext.length);
            assertThat(gcm.decrypt(encrypted, bound)).isEqualTo(DATA);
        }
    }

    @Test
    void aClientWithOtherPairsIsRefusedByTheKms() throws Exception {
        KeywrapKmsClient acme = KeywrapKmsClient.builder(keywrap.providers())
                .keyContext(EncryptionContext.of("tenant", "acme"))
                .build();
        byte[] ciphertext = aead(acme).encrypt(DATA, ASSOCIATED);
        assertThat(aead(acme).decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
        KekException refusal =
                assertFails(InvalidWrappedDekException.class, () -> aead().decrypt(ciphertext, ASSOCIATED));
        assertThat(refusal.toString()).doesNotContain("acme");
    }

    @Test
    void twoCiphertextsOfTheSameDataDiffer() throws Exception {
        assertThat(aead().encrypt(DATA, ASSOCIATED)).isNotEqualTo(aead().encrypt(DATA, ASSOCIATED));
        assertThatNoException().isThrownBy(() -> aead().toString());
        assertThat(aead()).hasToString("KekAead[memory:customer]");
    }
}
