package io.keywrap.azure;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.core.credential.AccessToken;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import io.keywrap.Deadline;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** A vault that is broken in every way: one typed failure within the deadline, few requests, no thread left behind. */
class AzureFaultTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");
    private static final Duration BUDGET = Duration.ofMillis(1500);
    private static final Duration GRACE = Duration.ofMillis(500);
    private static final WireMockServer SERVER =
            new WireMockServer(wireMockConfig().dynamicPort().dynamicHttpsPort());

    private KekId kek;
    private WrappedDek wrapped;
    private KeyProvider provider;

    /**
     * A way to be broken.
     *
     * @param name which
     * @param answer what the server does to a request that has a token
     * @param type what it is to keywrap
     * @param requests how many such requests there may be
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

    @BeforeEach
    void open() throws GeneralSecurityException {
        String host = "localhost:" + SERVER.httpsPort();
        kek = KekId.of("azure-kms://https://" + host + "/keys/kek");
        wrapped = WrappedDek.builder(DekId.random(), kek)
                .kekVersion("0123456789abcdef0123456789abcdef")
                .build("RSA-OAEP-256", new byte[256]);
        provider = builder(host)
                .credential(request ->
                        Mono.just(new AccessToken("token", OffsetDateTime.now().plusDays(1))))
                .build()
                .create(kek);
    }

    private static AzureKms.Builder builder(String host) throws GeneralSecurityException {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new Everybody()}, null);
        HttpClient http = new JdkHttpClientBuilder(
                        java.net.http.HttpClient.newBuilder().sslContext(tls))
                .connectionTimeout(Duration.ofSeconds(2))
                .responseTimeout(Duration.ofSeconds(4))
                .readTimeout(Duration.ofSeconds(4))
                .build();
        return AzureKms.builder().trustedHost(host).clients(client -> client.httpClient(http));
    }

    @AfterEach
    void close() {
        provider.close();
        SERVER.resetAll();
    }

    static Stream<Broken> ways() {
        return Stream.of(
                outage("fixed delay", json("{}").withFixedDelay(10_000)),
                outage("random delay", json("{}").withUniformRandomDelay(4_000, 9_000)),
                outage("dribble", json("{\"kid\":\"x\"}").withChunkedDribbleDelay(10, 20_000)),
                outage("reset", aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)),
                outage("empty response", aResponse().withFault(Fault.EMPTY_RESPONSE)),
                outage("garbage", aResponse().withFault(Fault.RANDOM_DATA_THEN_CLOSE)),
                outage("malformed chunk", aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK)),
                outage("empty body", json("")),
                outage("truncated JSON", json("{\"kid\":\"https://acme.vault")),
                outage("no JSON", json("it works!")),
                outage("wrong JSON", json("[1,2,3]")),
                outage("wrong types", json("{\"kid\":{\"a\":1},\"value\":[1]}")),
                outage("wrong Base64", json("{\"kid\":\"x\",\"value\":\"*&^%\"}")),
                outage(
                        "HTML",
                        aResponse().withHeader("Content-Type", "text/html").withBody("<html>login</html>")),
                outage("503 without body", aResponse().withStatus(503)),
                outage("502 of a proxy", aResponse().withStatus(502).withBody("<html>bad gateway</html>")),
                new Broken(
                        "503 for an hour",
                        aResponse().withStatus(503).withHeader("Retry-After", "3600"),
                        KekUnreachableException.class,
                        1),
                new Broken(
                        "429 for an hour",
                        aResponse().withStatus(429).withHeader("Retry-After", "3600"),
                        KekThrottledException.class,
                        1),
                new Broken(
                        "redirect",
                        aResponse().withStatus(302).withHeader("Location", "https://127.0.0.1:1/"),
                        KekConfigurationException.class,
                        1),
                new Broken(
                        "403 of a proxy",
                        aResponse().withStatus(403).withBody("no"),
                        KekConfigurationException.class,
                        2),
                new Broken("400 without body", aResponse().withStatus(400), KekConfigurationException.class, 1));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void eachWayToBeBrokenIsOneTypedFailureInTimeAfterFewRequests(Broken broken) {
        SERVER.stubFor(any(anyUrl()).willReturn(broken.answer()));
        challenge("Bearer authorization=\"https://localhost/t\", resource=\"https://vault.azure.net\"");
        long before = System.nanoTime();
        Throwable failure = unwrap(BUDGET);
        Duration took = Duration.ofNanos(System.nanoTime() - before);
        assertThat(failure).isExactlyInstanceOf(broken.type());
        assertThat(took).isLessThan(BUDGET.plus(GRACE));
        if (broken.requests() == 1) {
            assertThat(took).as("told at once, and not at the deadline").isLessThan(BUDGET);
        }
        assertThat(SERVER.getAllServeEvents().stream()
                        .filter(event -> event.getRequest().getHeader("Authorization") != null))
                .hasSizeBetween(0, broken.requests());
        assertThat(((KekException) failure).kekId()).contains(kek);
    }

    private void challenge(String text) {
        SERVER.stubFor(any(anyUrl())
                .atPriority(1)
                .withHeader("Authorization", absent())
                .willReturn(aResponse().withStatus(401).withHeader("WWW-Authenticate", text)));
    }

    private static ResponseDefinitionBuilder denied() {
        return json("{\"error\":{\"code\":\"Forbidden\",\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}")
                .withStatus(403);
    }

    private Throwable unwrap(Duration budget) {
        return catchThrowable(() -> provider.unwrap(wrapped, CONTEXT, Deadline.after(budget, TimeSource.system())));
    }

    @Test
    void theKeyIsNotSentBeforeTheVaultHasAskedForAToken() {
        SERVER.stubFor(any(anyUrl()).willReturn(denied()));
        challenge("Bearer authorization=\"https://localhost/t\", resource=\"https://vault.azure.net\"");
        assertThat(unwrap(BUDGET)).isInstanceOf(KekRevokedException.class);
        assertThat(SERVER.getAllServeEvents())
                .filteredOn(event -> event.getRequest().getHeader("Authorization") == null)
                .allSatisfy(event -> assertThat(event.getRequest().getBody()).isEmpty());
    }

    static Stream<String> challenges() {
        return Stream.of(
                "",
                "Basic realm=\"x\"",
                "Bearer",
                "Bearer x",
                "Bearer authorization=\"https://localhost\", resource=\"https://vault.azure.net\"",
                "Bearer authorization=\"::\", resource=\"https://vault.azure.net\"",
                "Bearer resource=\"https://vault.azure.net\"",
                "Bearer authorization=\"https://localhost/t\", resource=\"https://evil.example\"");
    }

    @ParameterizedTest
    @MethodSource("challenges")
    void aBrokenChallengeIsATypedFailure(String text) {
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(401)));
        challenge(text);
        assertThat(unwrap(BUDGET)).isInstanceOf(KekException.class);
    }

    @Test
    void aCredentialThatHangsAndCannotBeInterruptedHoldsOneThreadAndNoCall() throws Exception {
        challenge("Bearer authorization=\"https://localhost/t\", resource=\"https://vault.azure.net\"");
        SERVER.stubFor(any(anyUrl()).atPriority(2).willReturn(denied()));
        assertThat(unwrap(Duration.ofSeconds(20))).as("the way is known").isInstanceOf(KekRevokedException.class);
        CountDownLatch released = new CountDownLatch(1);
        AtomicInteger fetches = new AtomicInteger();
        provider = builder("localhost:" + SERVER.httpsPort())
                .credential(request -> {
                    fetches.incrementAndGet();
                    waitStubbornly(released);
                    return Mono.error(new IllegalStateException("too late"));
                })
                .build()
                .create(kek);
        for (int i = 0; i < 5; i++) {
            long before = System.nanoTime();
            assertThat(unwrap(Duration.ofMillis(200))).isInstanceOf(KekUnreachableException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        }
        assertThat(fetches).hasValue(1);
        released.countDown();
        assertNoThreadIsLeft();
    }

    private static void waitStubbornly(CountDownLatch released) {
        while (true) {
            try {
                if (released.await(1, TimeUnit.MINUTES)) {
                    return;
                }
            } catch (InterruptedException e) {
                // Does not care.
            }
        }
    }

    @Test
    void noThreadIsLeftAfterACallThatWasGivenUp() throws InterruptedException {
        SERVER.stubFor(any(anyUrl()).willReturn(json("{}").withFixedDelay(2_000)));
        challenge("Bearer authorization=\"https://localhost/t\", resource=\"https://vault.azure.net\"");
        assertThat(unwrap(Duration.ofMillis(200))).isInstanceOf(KekUnreachableException.class);
        assertNoThreadIsLeft();
    }

    /** Threads without work end after a second; busy ones do not end at all. */
    private static void assertNoThreadIsLeft() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("keywrap-azure"))
                .collect(Collectors.toSet())) {
            thread.join(20_000);
            assertThat(thread.isAlive())
                    .as("%s", List.of(thread.getStackTrace()))
                    .isFalse();
        }
    }

    @Test
    void anInterruptedCallerStaysInterrupted() {
        SERVER.stubFor(any(anyUrl()).willReturn(json("{}").withFixedDelay(2_000)));
        Thread.currentThread().interrupt();
        assertThat(unwrap(BUDGET)).isInstanceOf(KekUnreachableException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    private static Broken outage(String name, ResponseDefinitionBuilder answer) {
        return new Broken(name, answer, KekUnreachableException.class, 2);
    }

    private static ResponseDefinitionBuilder json(String body) {
        return aResponse().withHeader("Content-Type", "application/json").withBody(body);
    }

    /** Trusts the certificate of WireMock, whatever it is. */
    private static final class Everybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
