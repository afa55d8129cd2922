package io.keywrap.azure.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.azure.core.cryptography.AsyncKeyEncryptionKey;
import com.azure.core.cryptography.KeyEncryptionKey;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKms;
import io.keywrap.testkit.LeakCheck;
import io.keywrap.testkit.ManualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The KEKs themselves, as any client of azure-core may call them. */
class StorageKeksTest {
    private static final String ALGORITHM = StorageKeks.ALGORITHM;

    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-28T00:00:00Z"));
    private final LeakCheck leases = LeakCheck.forLeases();
    private final InMemoryKms kms = new InMemoryKms(time);
    private final KekId kekId = kms.kek("customer").id();
    private volatile UnaryOperator<WrappedDek> answers = wrapped -> wrapped;
    private volatile boolean nonBlocking;
    private volatile Duration eachCallTakes = Duration.ZERO;
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final KeyProviders providers = KeyProviders.builder()
            .register(new Overheard())
            .time(time)
            .onLease(leases.observer())
            .build();
    private final StorageKeks keks = StorageKeks.of(providers, "tenant-42", Set.of(kekId));

    /** The KMS in memory, with an ear for the thread that calls, and a hand in what it answers. */
    private final class Overheard implements KeyProvider.Factory {
        @Override
        public String scheme() {
            return kms.scheme();
        }

        @Override
        public KeyProvider create(KekId id) {
            KeyProvider real = kms.create(id);
            return new KeyProvider() {
                @Override
                public KekId kekId() {
                    return id;
                }

                @Override
                public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
                    called("wrap");
                    return answers.apply(real.wrap(dek, keyContext, deadline));
                }

                @Override
                public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                    called("unwrap");
                    return real.unwrap(wrapped, keyContext, deadline);
                }

                @Override
                public void close() {
                    real.close();
                }
            };
        }
    }

    private void called(String operation) {
        calls.add(operation);
        nonBlocking |= Schedulers.isInNonBlockingThread();
        time.advance(eachCallTakes);
    }

    @AfterEach
    void close() {
        leases.assertNoOpenLease();
        providers.close();
        kms.close();
    }

    private static byte[] contentKey() {
        byte[] key = Arrays.copyOf("2.1".getBytes(StandardCharsets.US_ASCII), 40);
        Arrays.fill(key, 8, 40, (byte) 'k');
        return key;
    }

    @Test
    void aClientThatBlocksWrapsAndUnwraps() {
        KeyEncryptionKey kek = keks.key(kekId);
        byte[] given = contentKey();
        byte[] wrapped = kek.wrapKey(ALGORITHM, given);
        assertThat(kek.getKeyId()).isEqualTo(kekId.uri());
        assertThat(given).isEqualTo(contentKey());
        assertThat(keks.buildKeyEncryptionKey(kekId.uri()).unwrapKey(ALGORITHM, wrapped))
                .isEqualTo(given);
        assertThat(kek.wrapKey(ALGORITHM, given)).isNotEqualTo(wrapped);
    }

    @Test
    void whoeverSubscribesIsNotBlocked() {
        AsyncKeyEncryptionKey kek = keks.asyncKey(kekId);
        byte[] unwrapped = kek.wrapKey(ALGORITHM, contentKey())
                .flatMap(wrapped -> keks.buildAsyncKeyEncryptionKey(kekId.uri())
                        .flatMap(resolved -> resolved.unwrapKey(ALGORITHM, wrapped)))
                .subscribeOn(Schedulers.parallel())
                .block();
        assertThat(unwrapped).isEqualTo(contentKey());
        assertThat(nonBlocking).isFalse();
        assertThat(kek.getKeyId().block()).isEqualTo(kekId.uri());
    }

    @Test
    void theDeadlineRunsFromTheSubscriptionOnAndCountsTheWaitForAThread() {
        Mono<byte[]> wrapping = keks.asyncKey(kekId).wrapKey(ALGORITHM, contentKey());
        time.advance(Duration.ofHours(1));
        assertThat(wrapping.block()).isNotEmpty();
        Schedulers.onScheduleHook("late", task -> {
            time.advance(Duration.ofSeconds(11));
            return task;
        });
        try {
            assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(wrapping::block);
        } finally {
            Schedulers.resetOnScheduleHook("late");
        }
    }

    @Test
    void failuresOfTheAsynchronousWayAreSignals() {
        Mono<?> unknown = keks.buildAsyncKeyEncryptionKey("memory:other");
        Mono<?> broken = keks.asyncKey(kekId).unwrapKey(ALGORITHM, new byte[0]);
        assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(unknown::block);
        assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(broken::block);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 31, 39, 41, 4096})
    void onlyContentKeysAreWrapped(int length) {
        byte[] key = Arrays.copyOf(contentKey(), length);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keks.key(kekId).wrapKey(ALGORITHM, key))
                .withMessageContaining("these " + length + " bytes are none")
                .withMessageNotContaining("kk");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "2x0", "2.1k", "kkk", "2.1\0\0\0\0k"})
    void aKeyWithoutVersionAndZerosIsRefused(String prefix) {
        byte[] key = contentKey();
        System.arraycopy(prefix.getBytes(StandardCharsets.US_ASCII), 0, key, 0, prefix.length());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keks.key(kekId).wrapKey(ALGORITHM, key))
                .withMessageNotContaining("kk");
    }

    @Test
    void aWrapThatIsTooLongForMetadataIsNotGiven() {
        answers = wrapped -> WrappedDek.builder(wrapped.dekId(), kekId).build("x", new byte[4060]);
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> keks.key(kekId).wrapKey(ALGORITHM, contentKey()))
                .withMessageContaining("too long for the metadata of a blob");
    }

    @Test
    void aWrapIsUnwrappedAgainBeforeItIsGiven() {
        keks.key(kekId).wrapKey(ALGORITHM, contentKey());
        keks.asyncKey(kekId).wrapKey(ALGORITHM, contentKey()).block();
        assertThat(calls).containsExactly("wrap", "unwrap", "wrap", "unwrap");
    }

    @Test
    void aWrapThatOpensToAnotherKeyIsNotGiven() {
        byte[] other = keks.key(kekId).wrapKey(ALGORITHM, contentKey());
        byte[] wrappedBytes = WrappedContentKey.parse(other, kekId).dek().wrappedBytes();
        answers = wrapped -> WrappedDek.builder(wrapped.dekId(), kekId)
                .kekVersion(wrapped.kekVersion())
                .build(wrapped.algorithm(), wrappedBytes);
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> keks.key(kekId).wrapKey(ALGORITHM, contentKey()));
        kms.kek("customer").answerWrongly();
        answers = wrapped -> wrapped;
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(() -> keks.key(kekId).wrapKey(ALGORITHM, contentKey()))
                .withMessageContaining("unwraps to another key")
                .withMessageNotContaining("kk");
    }

    @Test
    void hostsThatMayNotUnwrapUploadByOneCall() {
        byte[] wrapped = keks.wrapOnly()
                .withKeyContext(EncryptionContext.of("tenant", "acme"))
                .key(kekId)
                .wrapKey(ALGORITHM, contentKey());
        assertThat(calls).containsExactly("wrap");
        assertThat(keks.withKeyContext(EncryptionContext.of("tenant", "acme"))
                        .key(kekId)
                        .unwrapKey(ALGORITHM, wrapped))
                .isEqualTo(contentKey());
    }

    @Test
    void aRewrapHasOneBudgetForItsThreeCalls() {
        byte[] wrapped = keks.key(kekId).wrapKey(ALGORITHM, contentKey());
        String data = "{\"WrappedContentKey\":{\"KeyId\":\"" + kekId + "\",\"EncryptedKey\":\""
                + Base64.getEncoder().encodeToString(wrapped) + "\",\"Algorithm\":\"keywrap-1\"}}";
        calls.clear();
        eachCallTakes = Duration.ofMillis(3300);
        assertThat(keks.rewrap(data, kekId)).isNotEqualTo(data);
        assertThat(calls).containsExactly("unwrap", "wrap", "unwrap");
        eachCallTakes = Duration.ofSeconds(5);
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> keks.rewrap(data, kekId));
    }

    @Test
    void whatCouldNotWorkIsRefusedAtTheBeginning() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keks.key(KekId.of("memory:other")))
                .withMessageContaining("memory:other");
        assertThatIllegalArgumentException().isThrownBy(() -> keks.asyncKey(KekId.of("memory:other")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StorageKeks.of(providers, "a", Set.of(KekId.of("memory:schlüssel"))))
                .withMessageContaining("ASCII");
        assertThatIllegalArgumentException().isThrownBy(() -> StorageKeks.of(providers, "", Set.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> StorageKeks.of(providers, "n".repeat(239), Set.of()));
        assertThat(StorageKeks.of(providers, "n".repeat(238), Set.of())).isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keks.withKeyContext(EncryptionContext.of("tenant", "v".repeat(2000))));
    }

    /** Azure's client would go on with its own, and whoever named one relies on it. */
    @Test
    void providersThatNameAProviderOfCryptographyAreRefused() {
        try (KeyProviders named =
                KeyProviders.builder().register(kms).cryptoProvider("SunJCE").build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StorageKeks.of(named, "tenant-42", Set.of(kekId)))
                    .withMessageContaining("SunJCE")
                    .withMessageContaining("Azure's client does not obey; to do: ");
        }
    }

    @Test
    void noPairIsShown() {
        StorageKeks bound = keks.withKeyContext(EncryptionContext.of("tenant", "context-value"));
        assertThat(bound).asString().contains("tenant-42", kekId.uri()).doesNotContain("context-value");
        assertThat(bound.key(kekId)).hasToString("StorageKek[" + kekId + "]");
        assertThat(bound.asyncKey(kekId)).hasToString("AsyncStorageKek[" + kekId + "]");
    }
}
