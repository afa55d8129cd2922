package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two KEKs may open a portable envelope: an outage of the first is survived, its withdrawal is not passed over. */
class PortableOutageTest {
    private static final KekId FIRST = KekId.of("faulty:first");
    private static final KekId SECOND = KekId.of("faulty:second");

    @TempDir
    Path folder;

    private final Map<KekId, Function<Failure, KekException>> faults = new HashMap<>();
    private final List<KekId> asked = new ArrayList<>();
    private final ManualTime time = new ManualTime();
    private int padding;
    private KeyProviders providers;
    private byte[] envelope;

    @BeforeEach
    void encrypt() {
        providers = KeyProviders.builder().time(time).register(new Faulty()).build();
        Keychains keychains = Keychains.builder(FileKeychainStore.open(folder), providers)
                .seal(KeychainSeal.wrappedBy(FIRST))
                .build();
        envelope = EnvelopeCipher.using(keychains.create(
                        "t", spec -> spec.control(FIRST).control(SECOND).portable()))
                .encrypt(new byte[] {1}, EncryptionContext.empty());
        asked.clear();
    }

    @Test
    void anOutageOrThrottlingOfTheFirstIsSurvived() {
        faults.put(FIRST, KekUnreachableException::new);
        assertThat(decrypt()).containsExactly(1);
        faults.put(FIRST, KekThrottledException::new);
        assertThat(decrypt()).containsExactly(1);
        assertThat(asked).contains(FIRST).endsWith(SECOND);
    }

    @Test
    void theFirstHasHalfOfTheTimeAndLeavesTheRestToTheSecond() {
        Instant start = time.now();
        faults.put(FIRST, KekUnreachableException::new);
        assertThat(decrypt()).containsExactly(1);
        assertThat(asked.indexOf(SECOND)).isGreaterThan(1).isEqualTo(asked.size() - 1);
        assertThat(Duration.between(start, time.now())).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(5));
    }

    @Test
    void aWithdrawalOfTheFirstEndsIt() {
        faults.put(FIRST, failure -> new KekRevokedException(failure, Reason.DISABLED));
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(this::decrypt);
        assertThat(asked).containsExactly(FIRST);
    }

    @Test
    void wrapsThatLeaveNoRoomInAHeaderAreRefusedBeforeAnythingIsStored() {
        padding = 7_900;
        FileKeychainStore store = FileKeychainStore.open(folder);
        Keychains keychains = Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(FIRST))
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keychains.create("many", spec -> {
                    spec.portable();
                    for (int i = 0; i < 7; i++) {
                        spec.control(KekId.of("faulty:" + i));
                    }
                }))
                .withMessageContaining("portable");
        assertThat(store.load("many")).isEmpty();
    }

    @Test
    void anOutageOfAllIsAnOutage() {
        faults.put(FIRST, KekUnreachableException::new);
        faults.put(SECOND, KekUnreachableException::new);
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(this::decrypt);
    }

    private byte[] decrypt() {
        return EnvelopeCipher.portable(providers, Set.of(FIRST, SECOND)).decrypt(envelope, EncryptionContext.empty());
    }

    /** KEKs that wrap by copying, and fail as they are told. */
    private final class Faulty implements KeyProvider.Factory {
        @Override
        public String scheme() {
            return "faulty";
        }

        @Override
        public KeyProvider create(KekId kekId) {
            return new KeyProvider() {
                @Override
                public KekId kekId() {
                    return kekId;
                }

                @Override
                public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
                    return WrappedDek.builder(dek.id(), kekId)
                            .build("COPY", dek.withBytes(key -> Arrays.copyOf(key, key.length + padding)));
                }

                @Override
                public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                    asked.add(kekId);
                    if (faults.containsKey(kekId)) {
                        throw faults.get(kekId).apply(Failure.of(kekId, "told to fail"));
                    }
                    return Dek.takeOwnershipOf(wrapped.dekId(), wrapped.wrappedBytes());
                }

                @Override
                public void close() {
                    // Nothing was opened.
                }
            };
        }
    }
}
