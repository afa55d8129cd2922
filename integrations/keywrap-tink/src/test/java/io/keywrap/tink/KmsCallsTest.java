package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.crypto.tink.Aead;
import io.keywrap.EncryptionContext;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.FaultPlan;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How often a KMS is asked, and when a DEK has encrypted enough. */
class KmsCallsTest extends TinkFixture {
    private static final int OPERATIONS = 10_000;

    private String dekOf(byte[] ciphertext) {
        return Header.parse(ciphertext).wrapped().dekId().hex();
    }

    private Set<String> deks(Aead aead, int messages) throws Exception {
        Set<String> deks = new HashSet<>();
        for (int i = 0; i < messages; i++) {
            deks.add(dekOf(aead.encrypt(DATA, ASSOCIATED)));
        }
        return deks;
    }

    @Test
    void tenThousandOperationsCostTwoCalls() throws Exception {
        Aead aead = aead();
        for (int i = 0; i < OPERATIONS / 2; i++) {
            aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED);
        }
        assertThat(keywrap.kek().generates()).isEqualTo(1);
        assertThat(keywrap.kek().unwraps()).isEqualTo(1);
        assertThat(keywrap.kek().calls()).isEqualTo(2);
    }

    /** A call of Tink every second, for almost three hours: 1 to make the DEK, and 1.25 in five minutes to prove it. */
    @Test
    void tenThousandOperationsInALongTimeCostOneCallInFourMinutes() throws Exception {
        Aead aead = aead();
        for (int i = 0; i < OPERATIONS / 2; i++) {
            aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED);
            keywrap.time().advance(Duration.ofSeconds(2));
        }
        assertThat(keywrap.kek().generates()).isEqualTo(1);
        assertThat(keywrap.kek().calls()).isBetween(OPERATIONS / 300, 2 + OPERATIONS / 240);
    }

    @Test
    void anotherProcessReadsTenThousandWithOneCall() throws Exception {
        byte[][] ciphertexts = new byte[OPERATIONS][];
        for (int i = 0; i < OPERATIONS; i++) {
            ciphertexts[i] = aead().encrypt(DATA, ASSOCIATED);
        }
        int calls = keywrap.kek().calls();
        try (KeyProviders other = KeyProviders.builder()
                .register(keywrap.kms())
                .time(keywrap.time())
                .build()) {
            Aead reader = aead(KeywrapKmsClient.of(other));
            for (byte[] ciphertext : ciphertexts) {
                reader.decrypt(ciphertext, ASSOCIATED);
            }
        }
        assertThat(keywrap.kek().calls()).isEqualTo(calls + 1);
    }

    /** Though the key context of all of them names the same keychain. */
    @Test
    void theDeksOfManyKeksHaveASharePerKek() throws Exception {
        int keks = 20;
        try (KeyProviders providers = KeyProviders.builder()
                .register(keywrap.kms())
                .time(keywrap.time())
                .cacheEntries(100, 5)
                .build()) {
            KeywrapKmsClient client = KeywrapKmsClient.of(providers);
            for (int i = 0; i < 10 * keks; i++) {
                client.getAead(keywrap.kms().kek("tenant-" + i % keks).id().uri())
                        .encrypt(DATA, ASSOCIATED);
            }
        }
        for (int i = 0; i < keks; i++) {
            assertThat(keywrap.kms().kek("tenant-" + i).calls()).isEqualTo(2);
        }
    }

    @Test
    void aDekEncryptsAsManyMessagesAsAllowed() throws Exception {
        Aead aead = aead(
                KeywrapKmsClient.builder(keywrap.providers()).maxMessages(10).build());
        assertThat(deks(aead, 10)).hasSize(1);
        assertThat(deks(aead, 91)).hasSize(10);
        assertThat(keywrap.kek().generates()).isEqualTo(11);
    }

    @Test
    void aDekEncryptsForAsLongAsAllowed() throws Exception {
        Aead aead = aead();
        Set<String> deks = deks(aead, 1);
        keywrap.time().advance(Duration.ofHours(24).minusNanos(1));
        deks.addAll(deks(aead, 1));
        assertThat(deks).hasSize(1);
        keywrap.time().advance(Duration.ofNanos(1));
        deks.addAll(deks(aead, 2));
        assertThat(deks).hasSize(2);
    }

    @Test
    void aDekEncryptsAtMost64GiB() {
        KekDeks deks = new KekDeks(
                keywrap.providers(),
                keywrap.kek().id(),
                EncryptionContext.empty(),
                new DekLimits(DekLimits.MOST_MESSAGES, DekLimits.MOST_AGE));
        Set<String> used = new HashSet<>();
        for (int i = 0; i < 64; i++) {
            used.add(dekFor(deks, 1L << 30));
        }
        assertThat(used).hasSize(1);
        used.add(dekFor(deks, 1));
        assertThat(used).hasSize(2);
    }

    private static String dekFor(KekDeks deks, long bytes) {
        try (KekDeks.Use use = deks.encrypting(bytes)) {
            return use.lease().dekId().hex();
        }
    }

    @Test
    void oldCiphertextsOpenAfterTheDekWasReplaced() throws Exception {
        Aead aead = aead(
                KeywrapKmsClient.builder(keywrap.providers()).maxMessages(1).build());
        byte[] first = aead.encrypt(DATA, ASSOCIATED);
        byte[] second = aead.encrypt(DATA, ASSOCIATED);
        assertThat(dekOf(first)).isNotEqualTo(dekOf(second));
        assertThat(aead.decrypt(first, ASSOCIATED)).isEqualTo(DATA);
        assertThat(aead.decrypt(second, ASSOCIATED)).isEqualTo(DATA);
    }

    @Test
    void manyThreadsThatBeginAtOnceMakeOneDek() throws Exception {
        keywrap.kek().faults(FaultPlan.ofGenerates().slow(Duration.ofMillis(1), 1));
        int threads = 16;
        CyclicBarrier begin = new CyclicBarrier(threads);
        Aead aead = aead();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            Set<String> deks = new HashSet<>();
            for (Future<byte[]> each : Stream.generate(() -> pool.submit(() -> {
                        begin.await();
                        return aead.encrypt(DATA, ASSOCIATED);
                    }))
                    .limit(threads)
                    .toList()) {
                deks.add(dekOf(each.get()));
            }
            assertThat(deks).hasSize(1);
        } finally {
            pool.shutdownNow();
        }
        assertThat(keywrap.kek().generates()).isEqualTo(1);
    }

    /** Counted before it is allowed: threads together do not exceed the limit of a DEK. */
    @Test
    void manyThreadsTogetherKeepTheLimit() throws Exception {
        int threads = 4;
        Aead aead = aead(
                KeywrapKmsClient.builder(keywrap.providers()).maxMessages(50).build());
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            Map<String, Integer> messages = new HashMap<>();
            for (Future<byte[]> each : Stream.generate(() -> pool.submit(() -> aead.encrypt(DATA, ASSOCIATED)))
                    .limit(1000)
                    .toList()) {
                messages.merge(dekOf(each.get()), 1, Integer::sum);
            }
            assertThat(messages.values()).allMatch(count -> count <= 50);
            assertThat(messages).hasSizeBetween(20, 30);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void limitsHaveLimits() {
        KeywrapKmsClient.Builder builder = KeywrapKmsClient.builder(keywrap.providers());
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxMessages(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxMessages((1L << 32) + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxAge(Duration.ofSeconds(59)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxAge(Duration.ofDays(90).plusNanos(1)));
        builder.maxMessages(1L << 32).maxAge(Duration.ofDays(90)).build();
    }
}
