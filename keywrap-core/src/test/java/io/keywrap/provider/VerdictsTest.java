package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The last word of a KEK is the one that was said to the later call, whichever answer came first. */
class VerdictsTest {
    private final ManualTime time = new ManualTime();
    private final CacheOptions options = new CacheOptions(
            Duration.ofMinutes(5),
            10,
            10,
            true,
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            Map.of(CallPurpose.REFRESH, Duration.ofSeconds(5)));
    private final Verdicts verdicts = new Verdicts(options, time);
    private final UnwrapKey key = new UnwrapKey(FakeKms.wrapped(), EncryptionContext.empty());
    private final KekRevokedException revoked =
            new KekRevokedException(Failure.of(FakeKms.KEK, "said by the test"), Reason.DISABLED);

    @Test
    void isLiftedByACallAloneThatWasSentAfterIt() {
        time.advance(Duration.ofNanos(3)); // The clock's numbers pass their largest one soon.
        long before = time.nanoTime() - 1;
        verdicts.failed(key, revoked);
        verdicts.worked(key, before);
        verdicts.worked(key, time.nanoTime());
        assertThat(verdicts.of(key)).containsSame(revoked);
        time.advance(Duration.ofNanos(10));
        verdicts.failed(key, revoked);
        verdicts.worked(key, time.nanoTime() - 1);
        assertThat(verdicts.of(key)).containsSame(revoked);
        time.advance(Duration.ofNanos(1));
        verdicts.worked(key, time.nanoTime());
        assertThat(verdicts.of(key)).isEmpty();
    }

    @Test
    void ofAsManyKeksAsThereAreDeksIsRemembered() {
        List<WrappedDek> wraps = IntStream.range(0, options.entries())
                .mapToObj(i -> FakeKms.wrapped(KekId.of("fake:" + i)))
                .toList();
        wraps.forEach(wrapped -> verdicts.failed(key("one", wrapped), revoked));
        assertThat(wraps)
                .allSatisfy(wrapped ->
                        assertThat(verdicts.of(key("other", wrapped))).containsSame(revoked));
    }

    private static UnwrapKey key(String keychain, WrappedDek wrapped) {
        return new UnwrapKey(wrapped, EncryptionContext.ofDek(keychain, wrapped.dekId(), EncryptionContext.empty()));
    }

    @Test
    void isNoOutage() {
        verdicts.failed(key, new KekUnreachableException(Failure.of(FakeKms.KEK, "said by the test")));
        assertThat(verdicts.of(key)).isEmpty();
        verdicts.failed(key, revoked);
        verdicts.failed(key, new KekUnreachableException(Failure.of(FakeKms.KEK, "said by the test")));
        assertThat(verdicts.of(key)).containsSame(revoked);
    }
}
