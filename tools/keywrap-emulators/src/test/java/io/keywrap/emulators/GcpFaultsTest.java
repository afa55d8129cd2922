package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.api.core.ApiFuture;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.StatusCode;
import com.google.api.gax.rpc.UnavailableException;
import com.google.cloud.kms.v1.DecryptRequest;
import com.google.cloud.kms.v1.DecryptResponse;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.grpc.Context;
import io.grpc.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong on the way: too many requests, broken services, bad credentials, bad connections. */
class GcpFaultsTest extends GcpTest {
    private final ByteString blob = blob();

    private ApiException failure() {
        return catchThrowableOfType(ApiException.class, () -> decrypt(key.name(), blob));
    }

    private StatusCode.Code code() {
        return failure().getStatusCode().getCode();
    }

    @Nested
    class Quota {
        @Test
        void isExhaustedForSoManyRequests() {
            gcp.inject(GcpFault.quota(), 2);
            assertThat(open(blob)).startsWith("RESOURCE_EXHAUSTED: Quota exceeded for quota metric");
            assertThat(failure().getErrorDetails().getRetryInfo()).isNull();
            assertThat(open(blob)).isEqualTo("OK");
        }

        @Test
        void saysWhenToComeBackIfWanted() {
            gcp.inject(GcpFault.quota(Duration.ofMillis(2500)), 1);
            ApiException failure = failure();
            assertThat(failure.getStatusCode().getCode()).isEqualTo(StatusCode.Code.RESOURCE_EXHAUSTED);
            assertThat(failure.getErrorDetails().getRetryInfo().getRetryDelay())
                    .isEqualTo(com.google.protobuf.Duration.newBuilder()
                            .setSeconds(2)
                            .setNanos(500_000_000)
                            .build());
        }

        @Test
        void lastsForAPhaseOnTheClock() {
            gcp.injectFor(GcpFault.quota(), Duration.ofSeconds(5));
            time.advance(Duration.ofMillis(4999));
            assertThat(open(blob)).startsWith("RESOURCE_EXHAUSTED");
            time.advance(Duration.ofMillis(1));
            assertThat(open(blob)).isEqualTo("OK");
        }

        @Test
        void lastsUntilRecovery() {
            gcp.injectAlways(GcpFault.quota());
            assertThat(open(blob)).startsWith("RESOURCE_EXHAUSTED");
            gcp.recover();
            assertThat(open(blob)).isEqualTo("OK");
        }

        @Test
        void isForOneOperationOrOneKeyOnDemand() {
            GcpKmsKey other = gcp.createKey("key-10", GcpKeySpec.software());
            gcp.injectAlways(GcpFault.quota().on("Encrypt").of(key));
            assertThat(open(blob)).isEqualTo("OK");
            assertThat(result(() -> encrypt(other.name()))).isEqualTo("OK");
            assertThat(wrap()).startsWith("RESOURCE_EXHAUSTED");
            assertThat(result(() -> encrypt(key.version(1).name()))).startsWith("RESOURCE_EXHAUSTED");
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"OK", "UNRECOGNIZED"})
    void everyCodeOfGrpcCanBeAnswered(Code code) {
        gcp.inject(GcpFault.error(code.name(), "no"), 1);
        assertThat(open(blob)).isEqualTo(code + ": no");
    }

    @Test
    void theUsualOnesHaveNames() {
        gcp.inject(GcpFault.unavailable(), 1);
        gcp.inject(GcpFault.internal(), 1);
        gcp.inject(GcpFault.deadlineExceeded(), 1);
        assertThat(code()).isEqualTo(StatusCode.Code.UNAVAILABLE);
        assertThat(code()).isEqualTo(StatusCode.Code.INTERNAL);
        assertThat(code()).isEqualTo(StatusCode.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void anErrorIsOfACodeThatThereIs() {
        assertThatThrownBy(() -> GcpFault.error("TIRED", "")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void reasonsAndViolationsAreInTheDetails() {
        gcp.inject(GcpFault.serviceDisabled(), 1);
        gcp.inject(GcpFault.unauthenticated(), 1);
        gcp.inject(GcpFault.error("FAILED_PRECONDITION", "").withViolation("KEY_LOST", "it"), 1);

        ApiException disabled = failure();
        assertThat(disabled.getStatusCode().getCode()).isEqualTo(StatusCode.Code.PERMISSION_DENIED);
        assertThat(disabled.getReason()).isEqualTo("SERVICE_DISABLED");
        assertThat(disabled.getDomain()).isEqualTo("googleapis.com");
        ApiException stranger = failure();
        assertThat(stranger.getStatusCode().getCode()).isEqualTo(StatusCode.Code.UNAUTHENTICATED);
        assertThat(stranger.getReason()).isEqualTo("ACCESS_TOKEN_EXPIRED");
        assertThat(failure().getErrorDetails().getPreconditionFailure().getViolations(0))
                .satisfies(violation -> {
                    assertThat(violation.getType()).isEqualTo("KEY_LOST");
                    assertThat(violation.getSubject()).isEqualTo("it");
                });
    }

    @Test
    void anErrorIsInsteadOfTheOperation() {
        gcp.inject(GcpFault.internal(), 1);
        assertThat(result(() -> client.destroyCryptoKeyVersion(key.version(1).name())))
                .startsWith("INTERNAL");
        assertThat(key.version(1).state()).isEqualTo(GcpVersionState.ENABLED);
    }

    @Test
    void aRequestThatWasDamagedOnTheWayIsSeenByItsChecksum() {
        gcp.inject(GcpFault.damagedRequest(), 2);
        assertThat(wrap()).startsWith("INVALID_ARGUMENT: The checksum in field plaintext_crc32c");
        assertThat(open(blob)).startsWith("INVALID_ARGUMENT: The checksum in field ciphertext_crc32c");
        assertThat(open(blob)).isEqualTo("OK");
    }

    @Nested
    class Connections {
        @Test
        void aSlowAnswerTakesRealTime() {
            gcp.inject(GcpFault.slow(Duration.ofMillis(300)), 1);
            long before = System.nanoTime();
            assertThat(open(blob)).isEqualTo("OK");
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        }

        @Test
        void aSlowAnswerMayBeAnError() {
            key.primary().disable();
            gcp.inject(GcpFault.slow(Duration.ofMillis(1)), 1);
            assertThat(open(blob)).startsWith("FAILED_PRECONDITION");
        }

        @Test
        void aSilentOneEndsWithTheDeadlineOfTheClient() throws Exception {
            gcp.inject(GcpFault.silent(), 1);
            ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
            try {
                Context deadline = Context.current().withDeadline(Deadline.after(200, TimeUnit.MILLISECONDS), timer);
                deadline.run(() -> assertThat(code()).isEqualTo(StatusCode.Code.DEADLINE_EXCEEDED));
            } finally {
                timer.shutdownNow();
            }
            assertThat(gcp.requests("Decrypt")).isOne();
        }

        @Test
        void closingEndsASlowAnswerAndASilentOne() throws Exception {
            gcp.inject(GcpFault.slow(Duration.ofHours(1)), 1);
            gcp.inject(GcpFault.silent(), 1);
            ApiFuture<?> slow = decryptLater();
            ApiFuture<?> silent = decryptLater();
            assertThatThrownBy(() -> slow.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            gcp.close();
            assertThatThrownBy(() -> slow.get(10, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
            assertThatThrownBy(() -> silent.get(10, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        }

        @Test
        void aCutOneIsResetAndHasDoneItsWork() {
            gcp.inject(GcpFault.cut(), 1);
            assertThatThrownBy(
                            () -> client.destroyCryptoKeyVersion(key.version(1).name()))
                    .isInstanceOf(UnavailableException.class)
                    .hasRootCauseInstanceOf(IOException.class);
            assertThat(key.version(1).state()).isEqualTo(GcpVersionState.DESTROY_SCHEDULED);
            assertThat(gcp.connections()).isOne();
            assertThat(open(blob)).startsWith("FAILED_PRECONDITION");
            assertThat(gcp.connections()).isEqualTo(2);
        }

        @Test
        void aTruncatedAnswerEndsWithoutAStatus() {
            gcp.inject(GcpFault.truncated(), 1);
            assertThat(open(blob)).isEqualTo("UNAVAILABLE: Network closed for unknown reason");
            assertThat(open(blob)).isEqualTo("OK");
        }

        @Test
        void anAnswerMayHaveAStatusAndNothingElse() {
            gcp.inject(GcpFault.missing(), 1);
            assertThat(open(blob)).isEqualTo("INTERNAL: No value received for unary call");
        }

        @Test
        void othersAreAnsweredMeanwhileOnTheSameConnection() {
            gcp.inject(GcpFault.slow(Duration.ofHours(1)), 1);
            ApiFuture<?> slow = decryptLater();
            while (gcp.requests("Decrypt") == 0) {
                Thread.onSpinWait();
            }
            assertThat(open(blob)).isEqualTo("OK");
            assertThat(slow.isDone()).isFalse();
            assertThat(gcp.connections()).isOne();
        }

        private ApiFuture<DecryptResponse> decryptLater() {
            return client.decryptCallable()
                    .futureCall(DecryptRequest.newBuilder()
                            .setName(key.name())
                            .setCiphertext(blob)
                            .setAdditionalAuthenticatedData(AAD)
                            .build());
        }
    }
}
