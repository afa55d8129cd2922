package io.keywrap.azure.storage;

import com.azure.core.cryptography.AsyncKeyEncryptionKey;
import io.keywrap.Deadline;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A KEK for clients that must not be blocked. A call of the KMS blocks, so it is made on a thread of the bounded elastic
 * scheduler, whoever subscribes; how long it waits for one counts against its deadline. A content key that nobody waits for any more is
 * wiped. Thread-safe.
 */
final class AsyncStorageKek implements AsyncKeyEncryptionKey {
    private final StorageKek kek;

    AsyncStorageKek(StorageKek kek) {
        this.kek = kek;
    }

    @Override
    public Mono<String> getKeyId() {
        return Mono.just(kek.getKeyId());
    }

    @Override
    public Mono<byte[]> wrapKey(String algorithm, byte[] key) {
        return elsewhere(deadline -> kek.wrap(algorithm, key, deadline));
    }

    @Override
    public Mono<byte[]> unwrapKey(String algorithm, byte[] encryptedKey) {
        return elsewhere(deadline -> kek.unwrap(algorithm, encryptedKey, deadline));
    }

    private Mono<byte[]> elsewhere(Function<Deadline, byte[]> call) {
        return Mono.defer(() -> {
            Deadline deadline = kek.deadline();
            return Handover.on(Schedulers.boundedElastic(), () -> call.apply(deadline));
        });
    }

    /** The id. */
    @Override
    public String toString() {
        return "Async" + kek;
    }
}
