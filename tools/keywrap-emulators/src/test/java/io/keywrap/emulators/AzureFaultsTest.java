package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong on the way: too many requests, broken services, lies, bad connections. */
class AzureFaultsTest extends AzureTest {
    private final byte[] wrapped = wrapped();

    private byte[] unwrap() {
        return unwrapped(key.versionedId(), wrapped);
    }

    private String unwrapFailure() {
        return failure(this::unwrap);
    }

    private void assertOpens() {
        assertThat(unwrap()).isEqualTo(DEK);
    }

    @Nested
    class Throttling {
        @Test
        void isForSoManyRequests() {
            azure.inject(AzureFault.throttling(), 2);
            assertThat(unwrapFailure()).startsWith("429 Throttled: ");
            assertThat(unwrapFailure()).startsWith("429 Throttled: ");
            assertOpens();
        }

        @ParameterizedTest
        @CsvSource({
            "Retry-After, 7",
            "Retry-After, 'Wed, 25 Nov 2026 08:00:30 GMT'",
            "x-ms-retry-after-ms, 250",
            "Retry-After, 99999999999",
            "Retry-After, -1",
            "Retry-After, soon",
        })
        void saysWhenToComeBackInAnyWay(String header, String value) {
            azure.inject(AzureFault.throttling().header(header, value), 1);
            HttpResponseException thrown = (HttpResponseException) catchThrowable(AzureFaultsTest.this::unwrap);
            assertThat(thrown.getResponse().getHeaderValue(HttpHeaderName.fromString(header)))
                    .isEqualTo(value);
        }

        @Test
        void isObeyedByARealClientThatRetries() {
            azure.inject(AzureFault.throttling().header("x-ms-retry-after-ms", "1"), 1);
            CryptographyClient patient = new CryptographyClientBuilder()
                    .keyIdentifier(key.versionedId())
                    .credential(bearer(azure.token()))
                    .httpClient(http)
                    .retryOptions(new RetryOptions(new FixedDelayOptions(1, Duration.ofHours(1))))
                    .disableKeyCaching()
                    .disableChallengeResourceVerification()
                    .buildClient();
            azure.clearEvents();
            assertThat(patient.unwrapKey(OAEP_256, wrapped).getKey()).isEqualTo(DEK);
            assertThat(azure.count("KeyUnwrap")).isEqualTo(2);
        }

        @Test
        void lastsForAPhaseOnTheClock() {
            azure.injectFor(AzureFault.throttling(), Duration.ofSeconds(5));
            time.advance(Duration.ofMillis(4999));
            assertThat(unwrapFailure()).startsWith("429");
            time.advance(Duration.ofMillis(1));
            assertOpens();
        }

        @Test
        void lastsUntilRecovery() {
            azure.injectAlways(AzureFault.throttling());
            assertThat(unwrapFailure()).startsWith("429");
            azure.recover();
            assertOpens();
        }

        @Test
        void isForOneOperationOrOneKeyOnDemand() {
            AzureKey other = azure.createKey();
            azure.injectAlways(AzureFault.throttling().on("KeyUnwrap").of(key));
            keys().getKey(key.name());
            byte[] others = crypto(other.id()).wrapKey(OAEP_256, DEK).getEncryptedKey();
            assertThat(unwrapped(other.id(), others)).isEqualTo(DEK);
            assertThat(unwrapFailure()).startsWith("429");
        }

        @Test
        void isForNoOperationThatThereIsNot() {
            assertThatThrownBy(() -> AzureFault.throttling().on("Decrypt"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("KeyUnwrap");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504, 408})
    void errorsHaveTheirCodes(int status) {
        azure.inject(AzureFault.error(status, "InternalServerError", "", "Something went wrong."), 1);
        assertThat(unwrapFailure()).isEqualTo(status + " InternalServerError: Something went wrong.");
    }

    @Test
    void conflictsHaveInnerCodes() {
        azure.inject(AzureFault.error(409, "Conflict", "ObjectIsBeingRecovered", "Wait."), 1);
        assertThat(unwrapFailure()).isEqualTo("409 Conflict/ObjectIsBeingRecovered: Wait.");
    }

    @Nested
    class Answers {
        @Test
        void withoutABody() {
            azure.inject(AzureFault.answer(503, ""), 1);
            assertThat(unwrapFailure()).isEqualTo("503 without JSON");
        }

        @Test
        void ofAProxy() {
            azure.inject(AzureFault.answer(403, "<html>blocked</html>"), 1);
            HttpResponseException thrown = (HttpResponseException) catchThrowable(AzureFaultsTest.this::unwrap);
            assertThat(thrown.getResponse().getHeaderValue(HttpHeaderName.CONTENT_TYPE))
                    .isEqualTo("text/html");
            assertThat(thrown.getValue()).isNull();
        }

        @Test
        void thatAreNoJson() {
            azure.inject(AzureFault.answer(200, "{\"kid\":"), 1);
            assertThatThrownBy(AzureFaultsTest.this::unwrap).isInstanceOf(RuntimeException.class);
        }

        @Test
        void ofAnAbsurdSize() {
            azure.inject(AzureFault.oversize(3_000_000), 1);
            assertOpens();
        }
    }

    @Nested
    class Lies {
        @Test
        void aboutTheKey() {
            String other = "https://evil.example/keys/kek/" + "0".repeat(32);
            azure.inject(AzureFault.wrongField("kid", other), 1);
            assertThat(crypto(key.id()).wrapKey(OAEP_256, DEK).getKeyId()).isEqualTo(other);
        }

        @Test
        void aboutTheBytes() {
            azure.inject(AzureFault.wrongValue(new byte[31]), 1);
            assertThat(unwrap()).hasSize(31);
            azure.inject(AzureFault.wrongValue(new byte[0]), 1);
            assertThat(unwrap()).isEmpty();
        }

        @Test
        void byLeavingThemOut() {
            azure.inject(AzureFault.missingField("value"), 1);
            assertThat(unwrap()).isNull();
        }
    }

    @Nested
    class Connections {
        @Test
        void aSlowAnswerTakesRealTime() {
            azure.inject(AzureFault.slow(Duration.ofMillis(300)), 1);
            long before = System.nanoTime();
            assertOpens();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        }

        @Test
        void anAnswerThatNeverComesEndsWithTheEmulator() throws Exception {
            azure.inject(AzureFault.hanging().on("KeyUnwrap"), 1);
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread waiting = new Thread(() -> end.set(catchThrowable(AzureFaultsTest.this::unwrap)));
            waiting.start();
            while (azure.count("KeyUnwrap") < 1) {
                Thread.onSpinWait();
            }
            assertOpens();
            waiting.join(200);
            assertThat(waiting.isAlive()).isTrue();

            azure.close();
            waiting.join();
            assertThat(end.get()).isInstanceOf(RuntimeException.class);
        }

        @Test
        void aCutOneHasDoneItsWork() {
            azure.inject(AzureFault.cut().on("KeyRotate"), 1);
            assertThatThrownBy(() -> keys().rotateKey(key.name())).isInstanceOf(RuntimeException.class);
            assertThat(key.versions()).hasSize(2);
        }

        @Test
        void aTruncatedAnswerEndsEarly() {
            azure.inject(AzureFault.truncated(), 1);
            assertThatThrownBy(AzureFaultsTest.this::unwrap).isInstanceOf(RuntimeException.class);
            assertOpens();
        }
    }

    @Test
    void requestsWithoutATokenAreNotAffected() {
        azure.inject(AzureFault.throttling(), 1);
        azure.clearEvents();
        unwrapFailure();
        assertThat(azure.events())
                .extracting(event -> event.operationName() + " " + event.status())
                .endsWith("KeyUnwrap 429");
        assertOpens();
    }
}
