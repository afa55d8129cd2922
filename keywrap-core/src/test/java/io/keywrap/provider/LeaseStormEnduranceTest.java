package io.keywrap.provider;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many storms over the cache, each with a seed of its own; {@code -Dstorm.minutes} says for how long. */
@Tag("endurance")
class LeaseStormEnduranceTest {
    @Test
    void minutesOfStormsShowNoWrongKeyAndLoseNoLease() throws Exception {
        Duration all = Duration.ofMinutes(Integer.getInteger("storm.minutes", 5));
        long begun = System.nanoTime();
        LeaseStorm.Tally sum = new LeaseStorm.Tally(0, 0, 0);
        int storms = 0;
        while (System.nanoTime() - begun < all.toNanos()) {
            sum = sum.plus(LeaseStormTest.assertCalm(begun + storms, storms % 2 == 0, 200_000));
            storms++;
        }
        System.out.println("first seed " + begun + ", " + storms + " storms, " + sum);
    }
}
