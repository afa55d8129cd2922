package io.keywrap.aws;

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
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;

/** What each test of the provider begins with: the emulator, a key, and one DEK with its key context. */
abstract class AwsFixture {
    static final String OTHER_ACCOUNT = "999988887777";

    final EmulatedKms kms = new EmulatedKms();
    final AwsKmsKey key = kms.emulator.createKey();
    final KeyProvider provider = provider(key.arn());
    final DekId id = DekId.random();
    final Dek dek = Dek.random(id);
    final EncryptionContext context =
            EncryptionContext.ofDek("keychain", id, EncryptionContext.of("tenant", "acme-secretive"));

    @AfterEach
    void close() {
        dek.close();
        kms.close();
    }

    KeyProvider provider(String arn) {
        return kms.factory().create(EmulatedKms.kekId(arn));
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
