package com.example.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.InMemoryKeychainStore;
import io.keywrap.testkit.InMemoryKms;
import io.keywrap.testkit.LeakCheck;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A product that forgets to close is found out every time, also where the end of the KEK has wiped the key first. */
class LeakAfterRevocationTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");

    private final LeakCheck leaks = LeakCheck.forLeases();
    private final List<DekLease> leases = new CopyOnWriteArrayList<>();
    private final InMemoryKms kms = new InMemoryKms();
    private final KeyProviders providers = KeyProviders.builder()
            .register(kms)
            .onLease(lease -> {
                leases.add(lease);
                leaks.observer().accept(lease);
            })
            .build();
    private final Keychain keychain = Keychains.builder(new InMemoryKeychainStore(), providers)
            .seal(KeychainSeal.wrappedBy(kms.kek("vendor").id()))
            .build()
            .create("tenant-42", spec -> spec.control(kms.kek("customer").id()));
    private final EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
    private final byte[] envelope = cipher.encrypt(new byte[100], CONTEXT);

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        providers.close();
    }

    @Test
    void aReader() throws Exception {
        assertLeaks(() -> cipher.reader(new ByteArrayInputStream(envelope), CONTEXT));
    }

    @Test
    void aWriter() throws Exception {
        assertLeaks(() -> cipher.writer(new ByteArrayOutputStream(), CONTEXT));
    }

    @Test
    void aChannel() throws Exception {
        Path file = Files.write(folder.resolve("a.kw"), envelope);
        assertLeaks(() -> cipher.channel(FileChannel.open(file), CONTEXT));
    }

    private void somebodyUnwraps() {
        KeychainRecord record = keychain.record();
        DekEntry dek = record.primary(Usage.ENVELOPES).orElseThrow();
        WrappedDek wrapped = dek.wraps().get(0).wrapped();
        EncryptionContext context = EncryptionContext.ofDek(record.keychainId(), dek.id(), record.keyContext());
        providers
                .provider(kms.kek("customer").id())
                .unwrap(wrapped, context, providers.foregroundDeadline())
                .close();
    }

    private void assertLeaks(Callable<AutoCloseable> opening) throws Exception {
        int before = leases.size();
        AutoCloseable holder = opening.call();
        assertThat(leases).hasSize(before + 1);
        DekLease held = leases.get(before);
        kms.kek("customer").disable();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(this::somebodyUnwraps);
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!held.isWiped() && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        assertThat(held).hasToString("DekLease[" + held.dekId() + ", wiped]");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(leaks::assertNoOpenLease)
                .withMessageContaining("a lease is still open");
        holder.close();
        assertThat(held.isClosed()).isTrue();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(held::ensureUsable);
    }
}
