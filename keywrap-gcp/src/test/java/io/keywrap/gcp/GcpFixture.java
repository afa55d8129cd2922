package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;

/** What each test of the provider begins with: the emulator, a key, and one DEK with its key context. */
abstract class GcpFixture {
    static final String TENANT = "acme-secretive";

    final EmulatedKms kms = new EmulatedKms();
    final GcpKmsKey key = kms.emulator.createKey();
    final KeyProvider provider = provider(key);
    final DekId id = DekId.random();
    final Dek dek = Dek.random(id);
    final EncryptionContext context = EncryptionContext.ofDek("keychain", id, EncryptionContext.of("tenant", TENANT));

    @AfterEach
    void close() {
        dek.close();
        kms.close();
    }

    KeyProvider provider(GcpKmsKey of) {
        return kms.factory().create(EmulatedKms.kekId(of.name()));
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
        return Deadline.after(Duration.ofSeconds(10), kms.time());
    }

    static KekRevokedException assertRevoked(Reason reason, ThrowingCallable call) {
        KekRevokedException revoked = assertFails(KekRevokedException.class, call);
        assertThat(revoked.reason()).isEqualTo(reason);
        return revoked;
    }

    static <E extends KekException> E assertFails(Class<E> type, ThrowingCallable call) {
        E failure = catchThrowableOfType(type, call);
        assertThat(failure).isExactlyInstanceOf(type);
        assertThat(failure.operatorAction()).isNotBlank().isNotEqualTo("see the cause");
        return failure;
    }
}
