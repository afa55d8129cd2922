package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.crypto.tink.Aead;
import io.keywrap.KeywrapException;
import io.keywrap.testkit.KeywrapExtension;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What each test begins with: a KEK in memory, providers that keep DEKs as they do by default, and its Aead. */
abstract class TinkFixture {
    static final byte[] DATA = "id,name\n1,acme\n".getBytes(StandardCharsets.UTF_8);
    static final byte[] ASSOCIATED = "accounts.csv".getBytes(StandardCharsets.UTF_8);

    @RegisterExtension
    final KeywrapExtension keywrap = new KeywrapExtension(providers -> providers.executor(Runnable::run));

    final KeywrapKmsClient client = KeywrapKmsClient.of(keywrap.providers());

    Aead aead() throws GeneralSecurityException {
        return aead(client);
    }

    Aead aead(KeywrapKmsClient of) throws GeneralSecurityException {
        return of.getAead(keywrap.kek().id().uri());
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** What Tink's callers get, with keywrap's own exception in it. */
    static <T extends KeywrapException> T assertFails(Class<T> cause, ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        assertThat(failure).isExactlyInstanceOf(GeneralSecurityException.class).hasCauseExactlyInstanceOf(cause);
        assertThat(failure.getMessage()).contains("KEK memory:customer").contains("to do: ");
        return cause.cast(failure.getCause());
    }
}
