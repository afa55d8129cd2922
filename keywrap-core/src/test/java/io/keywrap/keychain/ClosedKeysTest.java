package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeychainConflictException;
import io.keywrap.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever a keychain does, and however that ends: every plaintext on the way is closed, and every lease given back. */
class ClosedKeysTest extends RecipientsFixture {
    private final List<Dek> seen = new ArrayList<>();

    @BeforeEach
    void watch() {
        kms.sees = seen::add;
    }

    @AfterEach
    void nothingIsOpen() {
        assertThat(seen).isNotEmpty().allMatch(Dek::isClosed);
        assertThat(processes)
                .allSatisfy(one -> assertThat(one.statistics().openLeases()).isZero());
    }

    private Keychain job() {
        return job(processes.get(0));
    }

    @Test
    void ofAKeychainThatIsMade() {
        keychain(spec -> spec.control(A).replica(B));
    }

    @Test
    void ofAKeychainThatTheStoreDoesNotTake() {
        store.failing = true;
        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> keychain(spec -> spec.control(A).replica(B)));
    }

    @Test
    void ofAKeychainThatOneOfItsKeksDoesNotWrap() {
        kms.wrapFaults.put(B, KekUnreachableException::new);
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> keychain(spec -> spec.control(A).replica(B)));
    }

    @Test
    void ofChangesAndRepairs() {
        Keychain keychain = keychain(spec -> spec.control(A));
        use(keychain);
        keychain.rotate();
        keychain.changeRecipients(to -> to.control(B).retained(A));
        assertThat(keychain.repair(Set.of(B))).isEqualTo(4);
        keychain.changeRecipients(to -> to.control(A).replica(B));
        keychain.changeRecipients(to -> to.control(B).replica(A));
    }

    @Test
    void ofARepairWhoseWrapsAreNoGood() {
        Keychain keychain = keychain(spec -> spec.control(A));
        keychain.changeRecipients(to -> to.control(A).replica(B));
        kms.answersWithAnotherKeyFor = B;
        assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> keychain.repair(Set.of(B)));
    }

    @Test
    void ofAKeyThatIsAdopted() {
        Keychain keychain = keychain(spec -> spec.control(A));
        try (Dek existing = Dek.random(DekId.random())) {
            keychain.adopt(existing);
            assertThat(seen).doesNotContain(existing);
            store.failing = true;
            try (Dek another = Dek.random(DekId.random())) {
                assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> keychain.adopt(another));
            }
        }
    }

    @Test
    void ofAJob() {
        keychain(spec -> spec.control(A).control(B));
        use(job());
    }

    /** The DEK of the loser was encrypted with by nobody. */
    @Test
    void ofAJobThatOthersWereFasterThan() {
        Keychain other = keychain(spec -> spec.control(A));
        store.beforeReplace = other::rotate;
        use(job());
        store.everyTime = () -> {
            throw new KeychainConflictException(ID);
        };
        assertThatExceptionOfType(KeychainConflictException.class).isThrownBy(() -> job().primary());
    }

    @Test
    void ofAJobThatTheStoreDoesNotTake() {
        keychain(spec -> spec.control(A));
        store.failing = true;
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> job().primary());
    }

    @Test
    void ofAnErasure() {
        Keychain keychain = keychain(spec -> spec.control(A));
        keychain.destroyDek(use(keychain), Optional.empty());
        keychain.destroy(Optional.empty());
    }
}
