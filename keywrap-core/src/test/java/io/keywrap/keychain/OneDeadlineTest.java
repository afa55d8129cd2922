package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.KekId;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However much there is to do before a DEK is leased, and whatever hangs: the caller waits for one deadline. */
class OneDeadlineTest extends RecipientsFixture {
    private static final Duration BUDGET = Duration.ofSeconds(10);

    private Keychain keychain;
    private DekId first;

    /** A record that others have changed, and a primary that is too old, without anything that is kept. */
    @BeforeEach
    void growOld() {
        keychain = keychain(spec -> spec.control(A).replica(B));
        first = use(keychain);
        time.advance(Duration.ofDays(90).minusHours(1));
        keychain.refresh();
        process().open(ID).changeRecipients(to -> to.control(A).replica(B).writeQuorum(1));
        time.advance(Duration.ofHours(2));
    }

    @Test
    void holdsWhereSealAndControlHang() {
        hang(SEAL);
        hang(A);
        long began = time.nanoTime();
        assertThat(use(keychain)).isEqualTo(first);
        assertThat(Duration.ofNanos(time.nanoTime() - began)).isLessThanOrEqualTo(BUDGET);
    }

    @Test
    void holdsWhereControlHangs() {
        hang(A);
        long began = time.nanoTime();
        assertThat(use(keychain)).isEqualTo(first);
        assertThat(Duration.ofNanos(time.nanoTime() - began)).isLessThanOrEqualTo(BUDGET);
    }

    @Test
    void noYoungerPrimaryIsTriedWhileControlIsSilent() {
        hang(A);
        open(keychain, first);
        kms.wraps.set(0);
        assertThat(use(keychain)).isEqualTo(first);
        assertThat(kms.wraps).hasValue(0);
        kms.hangs.clear();
        time.advance(DEADLINE);
        assertThat(use(keychain)).isNotEqualTo(first);
    }

    private void hang(KekId kek) {
        kms.hangs.put(kek, deadline -> time.advance(deadline.remaining()));
    }
}
