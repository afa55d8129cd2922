package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Envelopes carry the wraps of a portable keychain, those of former KEKs for good: so there is room for so many. */
class PortableRoomTest extends RecipientsFixture {
    /** So many that their wraps have no room in an envelope, where each has 8,000 bytes. */
    private static final Set<KekId> LONG =
            IntStream.range(0, 7).mapToObj(i -> KekId.of("fake:r" + i)).collect(Collectors.toSet());

    @Test
    void formerKeksOfAPortableKeychainCountAndTheRefusalSaysSo() {
        Keychain keychain = keychain(spec -> {
            spec.control(A).portable();
            for (int i = 0; i < 15; i++) {
                spec.replica(KekId.of("fake:r" + i));
            }
        });
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keychain.changeRecipients(to -> to.control(B)))
                .withMessageContaining("a portable keychain has at most 16 KEKs in its life")
                .withMessageContaining("1 are named and 16 former ones count too; to do: make a new keychain");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keychain.changeRecipients(to -> {
                    to.control(B);
                    IntStream.range(0, 15).forEach(i -> to.replica(KekId.of("fake:s" + i)));
                }))
                .withMessageContaining("16 are named and 16 former ones count too");
    }

    @Test
    void aPortableKeychainMayHaveSixteenKeksInItsLife() {
        Keychain keychain = keychain(spec -> {
            spec.control(A).portable();
            IntStream.range(0, 14).forEach(i -> spec.replica(KekId.of("fake:r" + i)));
        });
        keychain.changeRecipients(to -> to.control(B));
        assertThat(keychain.record().recipients()).hasSize(16);
    }

    @Test
    void formerKeksOfAPortableKeychainGoOnAsRetainedOnes() {
        Instant until = time.now().plusSeconds(60);
        Keychain keychain = keychain(spec -> spec.control(A).replica(C).portable());
        keychain.changeRecipients(
                to -> to.writeQuorum(2).retained(A, until).control(B).replica(C));
        keychain.changeRecipients(to -> to.control(B));
        DekId newest = use(keychain);
        assertThat(keychain.record().recipients())
                .containsExactly(
                        new Recipient(Role.CONTROL, B),
                        new Recipient(Role.RETAINED, A, Optional.of(until)),
                        new Recipient(Role.RETAINED, C));
        assertThat(wraps(keychain.record().dek(newest).orElseThrow())).containsExactly("CONTROL " + B);
    }

    @Test
    void noneIsMadeThatCouldNeverEncrypt() {
        kms.padding = 8_000;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keychain(spec -> {
                    spec.control(A).portable();
                    LONG.forEach(spec::replica);
                }))
                .withMessageContaining("name fewer KEKs");
        assertThatExceptionOfType(KeychainNotFoundException.class).isThrownBy(() -> keychains.open(ID));
        keychain(spec -> {
            spec.control(A);
            LONG.forEach(spec::replica);
        });
    }

    @Test
    void aRepairMakesNoMoreWrapsThanThereIsRoomFor() {
        kms.padding = 8_000;
        LONG.forEach(one -> kms.wrapFaults.put(one, KekUnreachableException::new));
        Keychain portable = keychain(spec -> {
            spec.control(A).portable().writeQuorum(1);
            LONG.forEach(spec::replica);
        });
        kms.wrapFaults.clear();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> portable.repair(LONG))
                .withMessageContaining("name fewer KEKs");
        assertThat(wraps(process().open(ID), 0)).containsExactly("CONTROL " + A);
    }
}
