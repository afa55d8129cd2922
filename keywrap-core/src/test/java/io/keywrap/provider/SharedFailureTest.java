package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A failure that is thrown to many says the same to each, and nothing of what befell the others. */
class SharedFailureTest extends CacheFixture {
    private static final KekId REPLICA = KekId.of("fake:replica");
    private static final int CALLERS = 50;

    static Stream<Function<Failure, KekException>> outages() {
        return Stream.of(KekUnreachableException::new, KekThrottledException::new);
    }

    @ParameterizedTest
    @MethodSource("outages")
    void anOutageDoesNotGrowWithEachCallerWhomNoReplicaHelps(Function<Failure, KekException> outage) {
        List<KekException> outages = new ArrayList<>();
        fail(failure -> {
            outages.add(outage.apply(failure.rawCode("503").requestId("r-1").retryAfter(Duration.ofSeconds(7))));
            return outages.get(outages.size() - 1);
        });
        kms.faults.put(REPLICA, CacheFixture::disabled);
        for (int i = 0; i < CALLERS; i++) {
            KekException thrown = catchThrowableOfType(KekException.class, this::open);
            assertThat(thrown).isInstanceOf(outages.get(0).getClass());
            assertThat(thrown.kekId()).contains(FakeKms.KEK);
            assertThat(thrown.rawCode()).contains("503");
            assertThat(thrown.requestId()).contains("r-1");
            assertThat(thrown.retryAfter()).contains(Duration.ofSeconds(7));
            assertThat(thrown.getSuppressed())
                    .as("why no REPLICA KEK could stand in")
                    .singleElement()
                    .isInstanceOfSatisfying(
                            KekRevokedException.class,
                            refusal -> assertThat(refusal.kekId()).contains(REPLICA));
        }
        assertThat(outages).isNotEmpty().allSatisfy(one -> assertThat(one).hasNoSuppressedExceptions());
    }

    @Test
    void aProvidersOnlyExceptionDoesNotGrowWithEachCallThatTheDeadlineCutsShort() {
        KekException always = new KekThrottledException(Failure.of(FakeKms.KEK, "always the same"));
        fail(failure -> kms.unwraps.get() % 2 == 1 ? always : new KekUnreachableException(failure));
        kms.duringUnwrap = () -> {
            if (kms.unwraps.get() % 2 == 0) {
                time.advance(Duration.ofSeconds(10)); // Until the deadline.
            }
        };
        for (int i = 0; i < CALLERS; i++) {
            assertThat(catchThrowableOfType(KekException.class, this::use)).isSameAs(always);
        }
        assertThat(always.getSuppressed()).hasSizeLessThanOrEqualTo(1);
    }

    private void open() {
        WrappedDek replica =
                WrappedDek.builder(wrapped.dekId(), REPLICA).kekVersion("1").build("COPY", wrapped.wrappedBytes());
        DekWraps wraps = new DekWraps(List.of(wrapped), List.of(replica), CONTEXT, checkValue(wrapped));
        providers.deks().lease(wraps).close();
    }
}
