package io.keywrap.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.proof.NewestSeen.Seen;
import org.junit.jupiter.api.Test;

/** What contradicts what was seen before, and what is remembered of it. */
class NewestSeenTest {
    private static final String NAME = "tenant";

    private final NewestSeen newest = new NewestSeen();

    private static byte[] digest(int at, int value) {
        byte[] digest = new byte[32];
        digest[at] = (byte) value;
        return digest;
    }

    private static Seen seen(long revision) {
        return Seen.of(revision, digest(0, 1));
    }

    @Test
    void aLaterRevisionContradictsNothing() {
        assertThat(seen(1).contradiction(Seen.NOTHING)).isEmpty();
        assertThat(seen(3).contradiction(Seen.of(2, digest(0, 9)))).isEmpty();
    }

    @Test
    void anEarlierRevisionIsARollbackAlsoOfTheSameContent() {
        assertThat(seen(2).contradiction(seen(3)))
                .hasValueSatisfying(reason -> assertThat(reason).contains("rolled back to revision 2", "revision 3"));
    }

    /** Whichever byte of the digest it is that differs. */
    @Test
    void theSameRevisionIsTheSameRecordOrAContradiction() {
        Seen before = Seen.of(5, new byte[32]);
        assertThat(Seen.of(5, new byte[32]).contradiction(before)).isEmpty();
        for (int at = 0; at < 32; at++) {
            assertThat(Seen.of(5, digest(at, 1)).contradiction(before))
                    .as("byte " + at)
                    .hasValueSatisfying(reason -> assertThat(reason).contains("another record of revision 5"));
        }
    }

    @Test
    void whatWasSeenFirstDoesNotReplaceWhatIsLater() {
        assertThat(newest.of(NAME)).isEqualTo(Seen.NOTHING);
        newest.saw(NAME, seen(3));
        newest.saw(NAME, seen(2));
        assertThat(newest.of(NAME)).isEqualTo(seen(3));
        newest.saw(NAME, seen(4));
        assertThat(newest.of(NAME)).isEqualTo(seen(4));
        assertThat(newest.of("another")).isEqualTo(Seen.NOTHING);
    }

    @Test
    void isForgottenUnlessAnotherWasSeenMeanwhile() {
        newest.saw(NAME, seen(3));
        newest.saw(NAME, seen(4));
        newest.forget(NAME, seen(3));
        assertThat(newest.of(NAME)).isEqualTo(seen(4));
        newest.forget(NAME, seen(4));
        assertThat(newest.of(NAME)).isEqualTo(Seen.NOTHING);
    }
}
