package io.keywrap.aws;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import io.keywrap.Deadline;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** A server that is broken in every way: one typed failure within the deadline, few requests, no thread left behind. */
class AwsFaultTest {
    private static final KekId KEK =
            KekId.of("aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");
    private static final WrappedDek WRAPPED =
            WrappedDek.builder(DekId.random(), KEK).build("SYMMETRIC_DEFAULT", new byte[100]);
    private static final Duration BUDGET = Duration.ofMillis(1500);
    private static final Duration GRACE = Duration.ofMillis(1500);
    private static final WireMockServer SERVER =
            new WireMockServer(wireMockConfig().dynamicPort());

    private final KmsClient client = AwsKms.tune(KmsClient.builder())
            .region(Region.EU_WEST_1)
            .endpointOverride(URI.create(SERVER.baseUrl()))
            .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
            .build();
    private final KeyProvider provider = AwsKms.factory(arn -> client).create(KEK);

    /**
     * A way to be broken.
     *
     * @param name which
     * @param answer what the server does
     * @param type what it is to keywrap
     * @param requests how many requests there may be
     */
    record Broken(String name, ResponseDefinitionBuilder answer, Class<? extends KekException> type, int requests) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start() {
        SERVER.start();
    }

    @AfterAll
    static void stop() {
        SERVER.stop();
    }

    @AfterEach
    void close() {
        provider.close();
        client.close();
        SERVER.resetAll();
    }

    static Stream<Broken> ways() {
        return Stream.of(
                outage("fixed delay", json("{}").withFixedDelay(10_000)),
                outage("random delay", json("{}").withUniformRandomDelay(4_000, 9_000)),
                outage("dribble", json("{\"KeyId\":\"x\"}").withChunkedDribbleDelay(10, 20_000)),
                outage("reset", aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)),
                outage("empty response", aResponse().withFault(Fault.EMPTY_RESPONSE)),
                outage("garbage", aResponse().withFault(Fault.RANDOM_DATA_THEN_CLOSE)),
                outage("malformed chunk", aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK)),
                outage("empty body", json("")),
                outage("truncated JSON", json("{\"KeyId\":\"arn:aws:km")),
                outage("no JSON", json("it works!")),
                outage("wrong JSON", json("[1,2,3]")),
                outage("wrong types", json("{\"KeyId\":{\"a\":1},\"Plaintext\":[1]}")),
                outage("wrong Base64", json("{\"KeyId\":\"" + KEK.uri().substring(10) + "\",\"Plaintext\":\"*&^%\"}")),
                outage(
                        "HTML",
                        aResponse().withHeader("Content-Type", "text/html").withBody("<html>login</html>")),
                outage("503 without body", aResponse().withStatus(503)),
                outage("502 of a proxy", aResponse().withStatus(502).withBody("<html>bad gateway</html>")),
                new Broken(
                        "redirect",
                        aResponse().withStatus(302).withHeader("Location", "http://127.0.0.1:1/"),
                        KekConfigurationException.class,
                        2),
                new Broken(
                        "403 of a proxy",
                        aResponse().withStatus(403).withBody("no"),
                        KekConfigurationException.class,
                        2),
                new Broken("400 without body", aResponse().withStatus(400), KekConfigurationException.class, 2));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void eachWayToBeBrokenIsOneTypedFailureInTimeAfterFewRequests(Broken broken) {
        SERVER.stubFor(any(anyUrl()).willReturn(broken.answer()));
        long before = System.nanoTime();
        Throwable failure =
                catchThrowable(() -> provider.unwrap(WRAPPED, CONTEXT, Deadline.after(BUDGET, TimeSource.system())));
        Duration took = Duration.ofNanos(System.nanoTime() - before);
        assertThat(failure).isExactlyInstanceOf(broken.type());
        assertThat(took).isLessThan(BUDGET.plus(GRACE));
        assertThat(SERVER.getAllServeEvents()).hasSizeBetween(0, broken.requests());
        assertThat(((KekException) failure).kekId()).contains(KEK);
    }

    @Test
    void aConnectionThatIsNotMadeCostsItsTwoSecondsAtMostBeyondTheDeadline() throws IOException {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                KmsClient unconnected = AwsKms.tune(KmsClient.builder())
                        .region(Region.EU_WEST_1)
                        .endpointOverride(URI.create("http://127.0.0.1:" + full.getLocalPort()))
                        .credentialsProvider(AnonymousCredentialsProvider.create())
                        .build()) {
            fill(full, waiting);
            KeyProvider slow = AwsKms.factory(arn -> unconnected).create(KEK);
            long before = System.nanoTime();
            assertThat(catchThrowable(() ->
                            slow.unwrap(WRAPPED, CONTEXT, Deadline.after(Duration.ofMillis(200), TimeSource.system()))))
                    .isInstanceOf(KekUnreachableException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMillis(3_500));
        } finally {
            for (Socket one : waiting) {
                one.close();
            }
        }
    }

    /** Connects until nobody else can. */
    private static void fill(ServerSocket server, List<Socket> waiting) throws IOException {
        while (waiting.size() < 16) {
            Socket one = new Socket();
            waiting.add(one);
            try {
                one.connect(server.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,PT1S", "Fri 13 Nov 2026 00:00:00 GMT,", "99999999999999999999,"})
    void aWishToBeLeftAloneIsPassedOn(String header, Duration wish) {
        SERVER.stubFor(any(anyUrl())
                .willReturn(json("{\"__type\":\"ThrottlingException\"}")
                        .withStatus(400)
                        .withHeader("Retry-After", header)));
        Throwable failure = catchThrowable(
                () -> provider.unwrap(WRAPPED, CONTEXT, Deadline.after(Duration.ofSeconds(8), TimeSource.system())));
        assertThat(failure).isInstanceOf(KekThrottledException.class);
        assertThat(((KekException) failure).retryAfter()).isEqualTo(Optional.ofNullable(wish));
    }

    @Test
    void noThreadIsLeftOnceTheClientIsClosed() throws InterruptedException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (KmsClient own = AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(URI.create(SERVER.baseUrl()))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
                .build()) {
            SERVER.stubFor(any(anyUrl()).willReturn(json("{}").withFixedDelay(2_000)));
            KeyProvider slow = AwsKms.factory(arn -> own).create(KEK);
            Deadline soon = Deadline.after(Duration.ofMillis(200), TimeSource.system());
            assertThat(catchThrowable(() -> slow.unwrap(WRAPPED, CONTEXT, soon)))
                    .isInstanceOf(KekUnreachableException.class);
        }
        for (Thread thread : Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .filter(thread ->
                        thread.getName().startsWith("sdk-") || thread.getName().startsWith("idle-"))
                .collect(Collectors.toSet())) {
            thread.join(5_000);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    private static Broken outage(String name, ResponseDefinitionBuilder answer) {
        return new Broken(name, answer, KekUnreachableException.class, 2);
    }

    private static ResponseDefinitionBuilder json(String body) {
        return aResponse()
                .withHeader("Content-Type", "application/x-amz-json-1.1")
                .withBody(body);
    }
}
