package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short storm over the cache; the long one is in the endurance profile. */
class LeaseStormTest {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noLeaseSeesAWrongKeyAndNoneIsLost(boolean sealed) throws Exception {
        assertCalm(System.nanoTime(), sealed, 20_000);
    }

    static LeaseStorm.Tally assertCalm(long seed, boolean sealed, int deeds) throws Exception {
        LeaseStorm storm = new LeaseStorm(seed, sealed);
        try {
            LeaseStorm.Tally tally = storm.rage(deeds);
            assertThat(tally.garbage()).as("seed %d", seed).isZero();
            assertThat(tally.seen()).as("seed %d", seed).isGreaterThan(100);
            assertThat(tally.refused()).as("seed %d", seed).isPositive();
            assertThat(storm.openLeases()).as("seed %d", seed).isZero();
            assertThat(storm.entries()).as("seed %d", seed).isLessThanOrEqualTo(10);
            return tally;
        } finally {
            storm.close();
        }
    }
}
