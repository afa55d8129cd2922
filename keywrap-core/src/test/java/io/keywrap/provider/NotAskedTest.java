package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekUnreachableException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A KEK that was not asked, or had no time to answer, is not taken for one that is out of reach. */
class NotAskedTest extends CacheFixture {
    private void unwrap(Deadline deadline) {
        providers.provider(FakeKms.KEK).unwrap(wrapped, CONTEXT, deadline).close();
    }

    @Test
    void becauseTheTimeWasOver() {
        Deadline over = Deadline.after(Duration.ofSeconds(1), time);
        time.advance(Duration.ofSeconds(2));
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> unwrap(over));
        assertThat(kms.unwraps).hasValue(0);
        assertThat(providers.states().worst(FakeKms.KEK)).isEmpty();
    }

    @Test
    void becauseTheThreadWasInterrupted() {
        kms.duringUnwrap = () -> Thread.currentThread().interrupt();
        fail(KekUnreachableException::new);
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> unwrap(providers.foregroundDeadline()));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(providers.states().worst(FakeKms.KEK)).isEmpty();
    }

    /** But what it has answered is heard all the same. */
    @Test
    void isNotSaidOfOneThatHasAnswered() {
        kms.duringUnwrap = () -> Thread.currentThread().interrupt();
        fail(KekConfigurationException::new);
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> unwrap(providers.foregroundDeadline()));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(providers.states().worst(FakeKms.KEK).orElseThrow().ownFailure())
                .isPresent();
    }
}
