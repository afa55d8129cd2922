package com.example.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.InMemoryKeychainStore;
import io.keywrap.testkit.InMemoryKms;
import io.keywrap.testkit.LeakCheck;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases that nobody closed, seen from outside of keywrap. */
class LeakCheckTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");

    private final LeakCheck leaks = LeakCheck.forLeases();
    private final InMemoryKms kms = new InMemoryKms();
    private final KeyProviders providers = KeyProviders.builder()
            .register(kms)
            .cacheDeadline(Duration.ZERO)
            .onLease(leaks.observer())
            .build();
    private final Keychains keychains = Keychains.builder(new InMemoryKeychainStore(), providers)
            .seal(KeychainSeal.wrappedBy(kms.kek("vendor").id()))
            .build();
    private final Keychain keychain = keychains.create(
            "tenant-42", spec -> spec.control(kms.kek("customer").id()).portable());
    private final EnvelopeCipher cipher = EnvelopeCipher.using(keychain);

    @AfterEach
    void close() {
        providers.close();
    }

    @Nested
    class ALease {
        @Test
        void thatWasClosedIsNoLeak() {
            DekLease primary = keychain.primary();
            primary.close();
            keychain.lease(primary.dekId()).close();
            leaks.assertNoOpenLease();
        }

        @Test
        void thatIsOpenIsReportedWithItsDekAndThePlaceAndOnlyOnce() {
            try (DekLease lease = keychain.primary()) {
                AssertionError failure = assertLeaked(lease, 1);
                assertThat(failure.getMessage())
                        .startsWith("a lease is still open; close leases, and the readers, writers and channels")
                        .contains("thatIsOpenIsReportedWithItsDekAndThePlaceAndOnlyOnce(LeakCheckTest.java:");
                leaks.assertNoOpenLease();
            }
        }

        @Test
        void isOneOfSeveral() {
            try (DekLease first = keychain.primary();
                    DekLease second = keychain.primary()) {
                assertThat(assertLeaked(first, 2)).hasMessageStartingWith("2 leases are still open");
                assertThat(second.isClosed()).isFalse();
            }
        }

        @Test
        void isReportedWithoutAByteOfItsKey() {
            try (DekLease lease = keychain.primary()) {
                AssertionError failure = assertLeaked(lease, 1);
                String key = lease.withBytes(HexFormat.of()::formatHex);
                assertThat(failure.getMessage() + failure.getSuppressed()[0]).doesNotContain(key.substring(0, 8));
            }
        }

        @Test
        void isFoundAmongThoseOfManyThreads() throws Exception {
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<DekLease> open = new ArrayList<>();
            try {
                List<Callable<DekLease>> tasks = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    tasks.add(() -> {
                        for (int n = 0; n < 50; n++) {
                            keychain.primary().close();
                        }
                        return keychain.primary();
                    });
                }
                for (Future<DekLease> task : threads.invokeAll(tasks)) {
                    open.add(task.get());
                }
                assertLeaked(open.get(0), 4);
            } finally {
                open.forEach(DekLease::close);
                threads.shutdownNow();
            }
        }
    }

    @Nested
    class AnEnvelope {
        @TempDir
        Path folder;

        @Test
        void leavesNothingBehindWhenItIsCopied() {
            byte[] envelope = cipher.encrypt(new byte[100], CONTEXT);
            assertThat(cipher.decrypt(envelope, CONTEXT)).hasSize(100);
            leaks.assertNoOpenLease();
        }

        @Test
        void leavesNothingBehindWhenItIsRefused() {
            byte[] envelope = cipher.encrypt(new byte[100], CONTEXT);
            envelope[envelope.length - 1] ^= 1;
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> cipher.decrypt(envelope, CONTEXT));
            kms.kek("customer").disable();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> cipher.reader(new ByteArrayInputStream(envelope), CONTEXT));
            leaks.assertNoOpenLease();
        }

        @Test
        void isHeldByAWriterUntilItCommitsOrIsClosed() throws Exception {
            assertHeld(() -> cipher.writer(new ByteArrayOutputStream(), CONTEXT));
            cipher.writer(new ByteArrayOutputStream(), CONTEXT).commit();
            leaks.assertNoOpenLease();
        }

        @Test
        void isHeldByAReaderUntilItIsClosedAlsoBehindItsEnd() throws Exception {
            byte[] envelope = cipher.encrypt(new byte[100], CONTEXT);
            assertHeld(() -> {
                InputStream reader = cipher.reader(new ByteArrayInputStream(envelope), CONTEXT);
                reader.readAllBytes();
                return reader;
            });
        }

        @Test
        void isHeldByAChannelUntilItIsClosed() throws Exception {
            Path file = Files.write(folder.resolve("a.kw"), cipher.encrypt(new byte[100], CONTEXT));
            assertHeld(() -> cipher.channel(FileChannel.open(file), CONTEXT));
        }

        @Test
        void isHeldByAPortableReaderToo() throws Exception {
            EnvelopeCipher portable = EnvelopeCipher.portable(
                    providers, Set.of(kms.kek("customer").id()));
            byte[] envelope = cipher.encrypt(new byte[100], CONTEXT);
            assertHeld(() -> portable.reader(new ByteArrayInputStream(envelope), CONTEXT));
        }

        private void assertHeld(Callable<AutoCloseable> opening) throws Exception {
            opening.call().close();
            leaks.assertNoOpenLease();
            AutoCloseable holder = opening.call();
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(leaks::assertNoOpenLease)
                    .withMessageContaining("a lease is still open")
                    .withMessageContaining("taken at com.example.backup.LeakCheckTest$AnEnvelope.lambda$is");
            holder.close();
        }
    }

    private AssertionError assertLeaked(DekLease lease, int count) {
        try {
            leaks.assertNoOpenLease();
        } catch (AssertionError e) {
            assertThat(e.getMessage()).contains("DEK " + lease.dekId() + ", taken at com.example.backup.LeakCheckTest");
            assertThat(e.getSuppressed()).hasSize(count);
            return e;
        }
        throw new IllegalStateException("the lease of DEK " + lease.dekId() + " was not found open");
    }
}
