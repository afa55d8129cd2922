package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.cloud.kms.v1.KeyManagementServiceClient;
import io.keywrap.Deadline;
import io.keywrap.KekException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.GcpFault;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A service that is broken in every way: one typed failure within the deadline, few requests, no thread left behind. */
class GcpFaultTest extends GcpFixture {
    private static final Duration BUDGET = Duration.ofMillis(700);
    private static final Duration GRACE = Duration.ofMillis(800);

    private final WrappedDek wrapped = wrap(provider);

    static Stream<GcpFault> faults() {
        return Stream.of(
                GcpFault.silent(),
                GcpFault.slow(Duration.ofSeconds(30)),
                GcpFault.cut(),
                GcpFault.truncated(),
                GcpFault.missing(),
                GcpFault.unavailable(),
                GcpFault.internal(),
                GcpFault.error("UNAVAILABLE", ""),
                GcpFault.error("UNKNOWN", "x".repeat(4_000)),
                GcpFault.error("CANCELLED", "cancelled"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void eachFaultIsOneTypedFailureInTimeAfterOneRequest(GcpFault fault) {
        kms.emulator.injectAlways(fault);
        for (String method : new String[] {"Decrypt", "Encrypt"}) {
            kms.emulator.clearEvents();
            KekException failure = inTime(provider, method);
            assertThat(failure).isExactlyInstanceOf(KekUnreachableException.class);
            assertThat(failure.rawCode()).isPresent();
            assertThat(kms.emulator.requests(method)).isEqualTo(1);
        }
    }

    /** What stands at the port instead. */
    static Stream<String> strangers() {
        return Stream.of(
                "",
                "silence",
                "SSH-2.0-OpenSSH_9.9\r\n",
                "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno",
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
                "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009");
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void whateverElseAnswersIsAnOutageInTime(String bytes) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                KeyManagementServiceClient lost = EmulatedKms.client("127.0.0.1:" + server.getLocalPort())) {
            Thread thread = new Thread(() -> speak(server, bytes), "stranger");
            thread.setDaemon(true);
            thread.start();
            KeyProvider strange = GcpKms.factory(name -> lost).create(provider.kekId());
            assertThat(inTime(strange, "Decrypt")).isExactlyInstanceOf(KekUnreachableException.class);
            lost.shutdownNow();
        }
    }

    private static void speak(ServerSocket server, String bytes) {
        try {
            while (true) {
                Socket socket = server.accept();
                if (bytes.equals("silence")) {
                    continue;
                }
                try (socket;
                        OutputStream out = socket.getOutputStream()) {
                    out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Test
    void theFiftySecondsThatGooglesClientTriesByItselfAreCut() {
        try (KeyManagementServiceClient untuned = EmulatedKms.client(
                EmulatedKms.plain(kms.emulator.endpoint(), com.google.api.gax.core.NoCredentialsProvider.create()))) {
            KeyProvider impatient = GcpKms.factory(name -> untuned).create(provider.kekId());
            kms.emulator.injectAlways(GcpFault.unavailable());
            kms.emulator.clearEvents();
            assertThat(inTime(impatient, "Decrypt").rawCode()).contains("UNAVAILABLE");
            assertThat(kms.emulator.requests("Decrypt")).isEqualTo(1);
            kms.emulator.recover();
            kms.emulator.injectAlways(GcpFault.silent());
            assertThat(inTime(impatient, "Encrypt").rawCode()).contains("DEADLINE_EXCEEDED");
        }
    }

    @ParameterizedTest
    @CsvSource({"PT7S", "PT0.25S", "PT0S"})
    void aWishToBeLeftAloneIsPassedOn(Duration wish) {
        kms.emulator.injectAlways(GcpFault.quota(wish));
        assertThat(assertFails(KekThrottledException.class, () -> unwrap(provider, deadline()))
                        .retryAfter())
                .contains(wish);
    }

    @Test
    void aThreadThatIsInterruptedStaysSoAndIsNotAnswered() {
        Thread.currentThread().interrupt();
        Throwable failure = catchThrowable(() -> unwrap(provider, deadline()));
        boolean kept = Thread.interrupted();
        assertThat(failure).isInstanceOf(KekUnreachableException.class);
        assertThat(kept).isTrue();
        assertOpens(provider, wrapped);
    }

    @Test
    void noThreadIsLeftOnceTheClientIsClosed() throws InterruptedException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        KeyManagementServiceClient own = EmulatedKms.client(kms.emulator.endpoint());
        KeyProvider slow = GcpKms.factory(name -> own).create(provider.kekId());
        kms.emulator.injectAlways(GcpFault.silent());
        assertThat(inTime(slow, "Decrypt")).isInstanceOf(KekUnreachableException.class);
        slow.close();
        own.close();
        assertThat(own.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
        for (Thread thread : Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .filter(thread -> thread.getName().startsWith("keywrap-gcp")
                        || thread.getName().startsWith("gax"))
                .collect(Collectors.toSet())) {
            thread.join(5_000);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    private KekException inTime(KeyProvider by, String method) {
        long before = System.nanoTime();
        Deadline soon = Deadline.after(BUDGET, TimeSource.system());
        Throwable failure = catchThrowable(() -> {
            if (method.equals("Decrypt")) {
                unwrap(by, soon);
            } else {
                by.wrap(dek, context, soon);
            }
        });
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(BUDGET.plus(GRACE));
        assertThat(failure).isInstanceOf(KekException.class);
        assertThat(((KekException) failure).kekId()).contains(by.kekId());
        return (KekException) failure;
    }

    private void unwrap(KeyProvider by, Deadline until) {
        by.unwrap(wrapped, context, until).close();
    }
}
