package io.keywrap.keystore;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.nio.file.Path;
import java.security.Provider;
import java.security.Security;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** KEKs of one file that several use: each by the provider of cryptography that it named, and one after the other. */
class NamedProviderTest {
    private static final Provider NAMED = Security.getProvider("SunJCE");

    @TempDir
    Path folder;

    private final DekId id = DekId.random();
    private Keystores keystores;

    @BeforeEach
    void makeTheFile() {
        keystores = Keystores.builder()
                .pkcs12("main", TestTenant.in(folder).keyStore(), TestTenant::password)
                .build();
    }

    @Test
    void aDekIsWorkedWithByTheProviderThatItsKekIs() {
        KeyProvider named = keystores.create(TestTenant.CUSTOMER, NAMED);
        KeyProvider any = keystores.create(TestTenant.CUSTOMER);
        WrappedDek wrapped = wrap(named);
        assertThat(providerOf(named, wrapped)).containsSame(NAMED);
        assertThat(providerOf(any, wrapped)).isEmpty();
    }

    @Test
    void theNextThreadFindsTheFileFree() throws Exception {
        KeyProvider provider = keystores.create(TestTenant.CUSTOMER);
        WrappedDek wrapped = wrap(provider);
        CompletableFuture<Optional<Provider>> next = new CompletableFuture<>();
        Thread thread = new Thread(() -> next.complete(providerOf(provider, wrapped)));
        thread.setDaemon(true);
        thread.start();
        assertThat(next.get(30, TimeUnit.SECONDS)).isEmpty();
    }

    private WrappedDek wrap(KeyProvider provider) {
        try (Dek dek = Dek.random(id)) {
            return provider.wrap(dek, EncryptionContext.empty(), deadline());
        }
    }

    private Optional<Provider> providerOf(KeyProvider provider, WrappedDek wrapped) {
        try (Dek dek = provider.unwrap(wrapped, EncryptionContext.empty(), deadline())) {
            return dek.cryptoProvider();
        }
    }

    private static Deadline deadline() {
        return Deadline.after(Duration.ofMinutes(1), TimeSource.system());
    }
}
