package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekException;
import io.keywrap.emulators.AwsFault;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekEvent.StateChanged;
import io.keywrap.provider.KekState;
import io.keywrap.testkit.CurrentProvider;
import io.keywrap.testkit.WatchedKeks;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** While AWS spreads a change, some of its servers answer as before: what is made of mixed answers. */
class AwsPropagationTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final WireWorld world = new WireWorld();
    private final WatchedKeks keks = new WatchedKeks(
            world.time,
            options -> options.register(CurrentProvider.factory("aws-kms", id -> world.provider))
                    .cacheDeadline(Duration.ofMinutes(1)));
    private final WatchedKeks.Kek kek = keks.add(world.kekId());

    @AfterEach
    void close() {
        keks.close();
        world.close();
    }

    private List<StateChanged> changes() {
        return keks.told(StateChanged.class).stream()
                .filter(StateChanged::ofState)
                .toList();
    }

    /** A product that needs the DEK each second, and lives with a refusal. */
    private boolean use() {
        try {
            kek.lease();
            return true;
        } catch (KekException e) {
            return false;
        }
    }

    @Test
    void fiveMinutesOfMixedAnswersEndInTheNewStateAndAreToldSeldom() {
        keks.run(Duration.ofMinutes(2));
        Random servers = new Random(10);
        for (int second = 0; second < 300; second++) {
            if (servers.nextInt(300) < second) {
                world.key.disable();
            } else {
                world.key.enable();
            }
            use();
            keks.run(SECOND);
        }
        assertThat(changes()).hasSizeLessThanOrEqualTo(6);
        world.key.disable();
        kek.until(KekState.REVOKED, keks.monitor().bound());
        assertThat(use()).isFalse();
        world.emulator.clearEvents();
        for (int second = 0; second < 600; second++) {
            use();
            keks.run(SECOND);
        }
        assertThat(kek.standing().state()).isEqualTo(KekState.REVOKED);
        assertThat(changes()).hasSizeLessThanOrEqualTo(7);
        // Of an unwrap and a description each: canaries at 30 s, doubling; and what the product needs, refused for a
        // time.
        assertThat(world.emulator.events()).hasSizeLessThanOrEqualTo(2 * 150);
        world.key.enable();
        kek.until(KekState.ACTIVE, Duration.ofMinutes(13));
        kek.lease();
    }

    @Test
    void oneFalseDenialInTenIsNeverTakenForARevocation() {
        keks.run(Duration.ofMinutes(2));
        for (int second = 0; second < 900; second++) {
            if (second % 10 == 0) {
                world.emulator.recover();
                world.emulator.inject(
                        AwsFault.error(400, "AccessDeniedException", "no").on("Decrypt"), 1);
            }
            use();
            keks.run(SECOND);
        }
        assertThat(changes()).isNotEmpty().noneMatch(change -> change.after().state() == KekState.REVOKED);
        assertThat(changes()).hasSizeLessThanOrEqualTo(8);
        assertThat(keks.told(OwnFault.class)).isEmpty();
        world.emulator.recover();
        kek.until(KekState.ACTIVE, Duration.ofMinutes(6));
        kek.lease();
    }
}
