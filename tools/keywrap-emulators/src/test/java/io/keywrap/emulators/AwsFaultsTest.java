package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong on the way: too many requests, broken services, bad credentials, bad connections. */
class AwsFaultsTest extends AwsTest {
    private final String blob = blob();

    private String decrypt() {
        Wire.Answer answer = decrypt(wire, key.arn(), blob);
        return answer.status() == 200 ? "opens" : answer.error();
    }

    @Nested
    class Throttling {
        @Test
        void isAnHttp400ForSoManyRequests() {
            aws.inject(AwsFault.throttling(), 2);

            assertThat(decrypt()).startsWith("400 ThrottlingException: You have exceeded the rate");
            assertThat(decrypt()).startsWith("400 ThrottlingException");
            assertThat(decrypt()).isEqualTo("opens");
        }

        @Test
        void lastsForAPhaseOnTheClock() {
            aws.injectFor(AwsFault.throttling(), Duration.ofSeconds(5));
            time.advance(Duration.ofMillis(4999));
            assertThat(decrypt()).startsWith("400 ThrottlingException");
            time.advance(Duration.ofMillis(1));
            assertThat(decrypt()).isEqualTo("opens");
        }

        @Test
        void lastsUntilRecovery() {
            aws.injectAlways(AwsFault.throttling());
            assertThat(decrypt()).startsWith("400 ThrottlingException");
            aws.recover();
            assertThat(decrypt()).isEqualTo("opens");
        }

        @Test
        void isForOneOperationOrOneKeyOnDemand() {
            AwsKmsKey other = aws.createKey();
            aws.injectAlways(AwsFault.throttling().on("Decrypt").of(key));

            assertThat(generate(wire, key.arn()).status()).isEqualTo(200);
            assertThat(decrypt(wire, other.arn(), generate(wire, other.arn()).ok("CiphertextBlob"))
                            .status())
                    .isEqualTo(200);
            assertThat(decrypt()).startsWith("400 ThrottlingException");
            assertThat(decrypt(wire, key.alias("an/alias"), blob).error()).startsWith("400 ThrottlingException");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KMSInternalException", "KeyUnavailableException", "DependencyTimeoutException"})
    void serviceFaultsAreHttp500(String code) {
        aws.inject(AwsFault.error(500, code, ""), 1);
        assertThat(decrypt()).isEqualTo("500 " + code);
    }

    @Test
    void aBodylessAnswerIsBodyless() {
        aws.inject(AwsFault.answer(503, ""), 1);

        Wire.Answer answer = decrypt(wire, key.arn(), blob);

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void aProxyAnswersWithWhatItLikes() {
        aws.inject(AwsFault.answer(200, "<html>login</html>"), 1);
        assertThat(decrypt(wire, key.arn(), blob).body()).isEqualTo("<html>login</html>");
    }

    @Test
    void aServiceNotToBeTrustedAnswersWithAnotherKey() {
        aws.inject(AwsFault.wrongField("KeyId", "arn:of:another"), 1);
        assertThat(decrypt(wire, key.arn(), blob).ok("KeyId")).isEqualTo("arn:of:another");
    }

    @Nested
    class Connections {
        @Test
        void aSlowAnswerTakesRealTime() {
            aws.inject(AwsFault.slow(Duration.ofMillis(300)), 1);
            long before = System.nanoTime();
            assertThat(decrypt()).isEqualTo("opens");
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        }

        @Test
        void closingEndsASlowAnswer() throws Exception {
            aws.inject(AwsFault.slow(Duration.ofHours(1)), 1);
            Thread closer = new Thread(() -> {
                while (aws.events().size() < 2) {
                    Thread.onSpinWait();
                }
                aws.close();
            });
            closer.start();
            assertThatThrownBy(() -> decrypt()).isInstanceOf(UncheckedIOException.class);
            closer.join();
        }

        @Test
        void aCutOneHasDoneItsWork() {
            aws.inject(AwsFault.cut(), 1);
            assertThatThrownBy(() -> wire.call("DisableKey", "{'KeyId':'%s'}".formatted(key.arn())))
                    .hasCauseInstanceOf(IOException.class);
            assertThat(key.state()).isEqualTo(AwsKeyState.DISABLED);
        }

        @Test
        void aTruncatedAnswerEndsEarly() {
            aws.inject(AwsFault.truncated(), 1);
            assertThatThrownBy(() -> decrypt()).hasCauseInstanceOf(IOException.class);
            assertThat(decrypt()).isEqualTo("opens");
        }

        @Test
        void othersAreAnsweredMeanwhile() throws Exception {
            aws.inject(AwsFault.slow(Duration.ofHours(1)).on("Encrypt"), 1);
            Thread waiting = new Thread(() -> {
                try {
                    wire.call("Encrypt", "{'KeyId':'%s','Plaintext':'AA=='}".formatted(key.arn()));
                } catch (UncheckedIOException e) {
                    // The emulator is closed at the end.
                }
            });
            waiting.start();
            assertThat(decrypt()).isEqualTo("opens");
            aws.close();
            waiting.join();
        }
    }

    @Nested
    class Credentials {
        @Test
        void noneAtAll() {
            assertThat(wire.unsigned("ListKeys", "{}").error()).startsWith("400 MissingAuthenticationTokenException");
            assertThat(wire.signedBy("Bearer x", "ListKeys", "{}").error())
                    .startsWith("400 IncompleteSignatureException");
        }

        @Test
        void unknownOnesIfThatIsWanted() {
            try (AwsKmsEmulator strict = start(AwsKmsEmulator.Builder::onlyKnownCredentials)) {
                Wire stranger = Wire.to(strict);
                assertThat(stranger.call("ListKeys", "{}").error())
                        .isEqualTo("400 UnrecognizedClientException: The security token included in the request is"
                                + " invalid.");
                AwsPrincipal known = strict.principal("arn:aws:iam::111122223333:user/known");
                assertThat(stranger.as(known).call("ListKeys", "{}").status()).isEqualTo(200);
            }
        }

        @Test
        void forAnotherService() {
            assertThat(wire.signedBy(
                                    "AWS4-HMAC-SHA256 Credential=AKIA/20261125/us-east-1/s3/aws4_request, Signature=0",
                                    "ListKeys",
                                    "{}")
                            .error())
                    .startsWith("400 InvalidSignatureException");
        }

        @ParameterizedTest
        @ValueSource(strings = {"ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"})
        void staleOnesForSomeRequests(String code) {
            aws.inject(AwsFault.error(400, code, "no"), 1);
            assertThat(decrypt()).isEqualTo("400 " + code + ": no");
        }
    }

    @Test
    void otherThanPostIsNotTheProtocol() throws Exception {
        var connection = (java.net.HttpURLConnection) aws.endpoint().toURL().openConnection();
        assertThat(connection.getResponseCode()).isEqualTo(405);
    }
}
