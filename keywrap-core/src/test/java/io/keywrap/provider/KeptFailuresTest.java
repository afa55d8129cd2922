package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What a standing keeps of a failure: what an operator needs, and no more, since many KEKs may fail at once. */
class KeptFailuresTest extends StatesFixture {
    private static final int KEKS = 10_000;
    private static final int FRAMES = 60;

    /** As of a client that was called from deep within a product. */
    private static Throwable deep(int frames, IOException cause) {
        return frames == 0 ? new UncheckedIOException("the client gave up", cause) : deep(frames - 1, cause);
    }

    private static Failure described(Failure failure) {
        return failure.rawCode("ServiceUnavailable")
                .requestId("6f4b2a3c-0000-4000-8000-0123456789ab")
                .operatorAction("look at the status page of the service, and at the network of this machine")
                .cause(deep(FRAMES, new IOException("connection refused")));
    }

    private static long usedMemory() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void tenThousandDarkKeksTakeAKibibyteEach() {
        long before = usedMemory();
        for (int i = 0; i < KEKS; i++) {
            KekId kekId = KekId.of("fake:arn:aws:kms:eu-central-1:111122223333:key/" + i);
            fails(kekId, CallPurpose.CANARY, failure -> new KekUnreachableException(described(failure)));
        }
        events.clear();
        long each = (usedMemory() - before) / KEKS;
        assertThat(states.all()).hasSize(KEKS).allMatch(standing -> standing.reach() == KekReach.UNREACHABLE);
        assertThat(each).as("bytes each").isLessThan(1_280);
    }

    @Test
    void theCauseSaysAllThatAnOperatorNeeds() {
        Instant day = time.now().plus(Duration.ofDays(30));
        KekException told = new KekRevokedException(described(Failure.of(KEK, "the key is pending deletion")), day);
        fails(failure -> told);
        KekRevokedException cause = (KekRevokedException) standing().cause().orElseThrow();
        assertThat(cause).hasMessage(told.getMessage()).hasNoCause();
        assertThat(cause.getStackTrace()).isEmpty();
        assertThat(cause.rawCode()).isEqualTo(told.rawCode());
        assertThat(cause.requestId()).isEqualTo(told.requestId());
        assertThat(cause.operatorAction()).isEqualTo(told.operatorAction());
        assertThat(cause.reason()).isEqualTo(Reason.PENDING_DELETION);
        assertThat(cause.deletion()).contains(day);
    }

    @Test
    void ofAMistakeOfOursNoMoreIsKept() {
        fails(failure -> new KekConfigurationException(described(failure)));
        assertThat(standing().ownFailure().orElseThrow()).hasNoCause();
    }

    @Test
    void whatEndsLeasesIsTheRefusalAsItCame() {
        KekException disabled = new KekRevokedException(described(Failure.of(KEK, "disabled")), Reason.DISABLED);
        fails(failure -> disabled);
        assertThat(purges)
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.failure()).isSameAs(disabled));
    }

    @Test
    void ofADenialThatIsTheOneThatConfirmsIt() {
        KekException last = new KekRevokedException(described(Failure.of(KEK, "denied")), Reason.DENIED);
        canaryDenied();
        time.advance(CONFIRMATION);
        canaryDenied();
        time.advance(CONFIRMATION);
        fails(KEK, CallPurpose.CANARY, failure -> last);
        assertThat(state()).isEqualTo(KekState.REVOKED);
        assertThat(purges)
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.failure()).isSameAs(last));
    }

    @Test
    void aDenialDoesNotHideTheReasonThatWasNamedBefore() {
        fails(StatesFixture::disabled);
        fails(StatesFixture::denied);
        assertThat(purges)
                .hasSize(2)
                .last()
                .satisfies(refusal -> assertThat(((KekRevokedException) refusal.failure()).reason())
                        .isEqualTo(Reason.DISABLED));
    }
}
