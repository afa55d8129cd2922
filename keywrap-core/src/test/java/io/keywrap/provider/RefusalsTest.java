package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeywrapException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is remembered of refusals when there are more of them than there is room for. */
class RefusalsTest {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final int ROOM = 100;
    private static final int MANY = 1000;

    private final ManualTime time = new ManualTime();
    private final Refusals refusals = new Refusals(
            new CacheOptions(
                    DEADLINE, ROOM, 10, true, Duration.ofSeconds(5), Duration.ofHours(24), CacheOptions.BUDGETS),
            time);

    private static KekException failure() {
        return new KekUnreachableException(Failure.of(FakeKms.KEK, "told to"));
    }

    @Test
    void theNewestStayHoweverOftenOlderOnesWereAskedFor() {
        for (int i = 0; i < 3 * MANY; i++) {
            refusals.add("old " + i % MANY, failure());
            refusals.last("old " + i % MANY);
        }
        for (int i = 0; i < ROOM; i++) {
            refusals.add("new " + i, failure());
        }
        for (int i = 0; i < ROOM; i++) {
            assertThat(refusals.last("new " + i)).as("new " + i).isPresent();
        }
        assertThat(refusals.last("old 999")).isEmpty();
    }

    @Test
    void whatIsSaidAgainIsNew() {
        refusals.add("again", failure());
        for (int i = 0; i < ROOM - 1; i++) {
            refusals.add("one " + i, failure());
        }
        refusals.add("again", failure());
        refusals.add("more", failure());
        assertThat(refusals.last("again")).isPresent();
        assertThat(refusals.last("one 0")).isEmpty();
    }

    @Test
    void whatWasDestroyedLastStays() {
        WrappedDek wrapped = FakeKms.wrapped();
        for (int i = 0; i < 3 * MANY; i++) {
            UnwrapKey key = key(wrapped, "old " + i % MANY);
            refusals.ended(Map.of(key.keyContext(), failure()));
            refusals.ended(key);
        }
        for (int i = 0; i < ROOM; i++) {
            refusals.ended(Map.<EncryptionContext, KeywrapException>of(
                    key(wrapped, "new " + i).keyContext(), failure()));
        }
        for (int i = 0; i < ROOM; i++) {
            assertThat(refusals.ended(key(wrapped, "new " + i))).as("new " + i).isPresent();
        }
        assertThat(refusals.ended(key(wrapped, "old 999"))).isEmpty();
    }

    @Test
    void aRefusalLastsForADeadline() {
        refusals.add("one", failure());
        time.advance(DEADLINE.minusNanos(1));
        assertThat(refusals.last("one")).isPresent();
        assertThat(refusals.fresh("one")).isEmpty();
        time.advance(Duration.ofNanos(1));
        assertThat(refusals.last("one")).isEmpty();
    }

    private static UnwrapKey key(WrappedDek wrapped, String tenant) {
        return new UnwrapKey(wrapped, EncryptionContext.of("tenant", tenant));
    }
}
