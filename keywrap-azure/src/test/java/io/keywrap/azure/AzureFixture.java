package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AzureAuditEvent;
import io.keywrap.emulators.AzureKey;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;

/** What each test of the provider begins with: the emulator, a key, and one DEK with its key context. */
abstract class AzureFixture {
    final EmulatedVault vault = new EmulatedVault();
    final AzureKey key = vault.emulator.createKey();
    final KeyProvider provider = vault.factory().create(EmulatedVault.kekId(key));
    final DekId id = DekId.random();
    final Dek dek = Dek.random(id);
    final EncryptionContext context =
            EncryptionContext.ofDek("keychain", id, EncryptionContext.of("tenant", "acme-secretive"));

    @AfterEach
    void close() {
        dek.close();
        vault.close();
    }

    WrappedDek wrap(KeyProvider by) {
        return by.wrap(dek, context, deadline());
    }

    void assertOpens(KeyProvider by, WrappedDek wrapped) {
        try (Dek back = by.unwrap(wrapped, context, deadline())) {
            assertThat(back.<byte[]>withBytes(byte[]::clone)).isEqualTo(dek.withBytes(byte[]::clone));
        }
    }

    Deadline deadline() {
        return Deadline.after(Duration.ofSeconds(10), vault.time());
    }

    /** What came, and how it was answered, but for the challenge that tells a client where to get a token. */
    List<String> requests() {
        return vault.emulator.events().stream()
                .filter(event -> !event.operationName().equals("Authentication"))
                .map(event -> event.operationName() + " " + event.status())
                .toList();
    }

    List<AzureAuditEvent> events() {
        return vault.emulator.events();
    }

    /** The wrap, as if another version, algorithm or KEK had made it. */
    static WrappedDek relabelled(WrappedDek wrapped, String version) {
        return WrappedDek.builder(wrapped.dekId(), wrapped.kekId())
                .kekVersion(version)
                .build(wrapped.algorithm(), wrapped.wrappedBytes());
    }

    static KekRevokedException assertRevoked(Reason reason, ThrowingCallable call) {
        KekRevokedException[] revoked = new KekRevokedException[1];
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(call).satisfies(e -> {
            assertThat(e.reason()).isEqualTo(reason);
            revoked[0] = e;
        });
        return revoked[0];
    }

    static void assertFails(Class<? extends KekException> type, ThrowingCallable call) {
        assertThatExceptionOfType(type).isThrownBy(call).isExactlyInstanceOf(type);
    }
}
