package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.StoreUnavailableException;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server without TLS, as somebody in between pretends to be: what the command says to it in the clear. */
class StoreTlsTest {
    private static final int SSL_REQUEST = 80_877_103;
    private static final int GSS_REQUEST = 80_877_104;
    private static final String IN_THE_CLEAR = "went on in the clear";
    private static final String GAVE_UP = "gave up";

    @TempDir
    Path folder;

    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private ServerSocket server;

    @BeforeEach
    void serve() throws Exception {
        server = new ServerSocket(0);
        Thread thread = new Thread(this::answer);
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private void answer() {
        while (true) {
            try (Socket socket = server.accept()) {
                seen.add(answer(socket));
            } catch (IOException e) {
                return; // The test is over.
            }
        }
    }

    /** No to every request for a cipher, until something else comes. */
    private static String answer(Socket socket) {
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                in.readInt();
                int code = in.readInt();
                if (code != SSL_REQUEST && code != GSS_REQUEST) {
                    return IN_THE_CLEAR;
                }
                socket.getOutputStream().write('N');
            }
        } catch (IOException e) {
            return GAVE_UP;
        }
    }

    /** With PORT in the place of the server's. That 0.0.0.0 leads to this machine is not for the command to know. */
    private String toldTo(String url) throws Exception {
        TestRun command = new TestRun(folder);
        command.environment.put(StorePassword.VARIABLE, "hush");
        int code = command.run(
                "keychain", "list", "--store", url.replace("PORT", Integer.toString(server.getLocalPort())));
        assertThat(code).isEqualTo(ExitCode.of(new StoreUnavailableException("", null)));
        assertThat(command.err()).contains("cannot be reached").doesNotContain("hush");
        return seen.poll(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://0.0.0.0:PORT/db",
                "jdbc:postgresql://0.0.0.0:PORT/db?user=sslmode",
                "jdbc:postgresql://0.0.0.0:PORT/db?sslmode=",
                "jdbc:postgresql://127.0.0.1:PORT,0.0.0.0:PORT/db",
                "jdbc:postgresql://0.0.0.0:PORT/db?sslmode=require",
                "jdbc:postgresql://127.0.0.1:PORT/db?sslmode=verify-full"
            })
    void nothingWhereItIsAnotherMachineOrTlsIsAskedFor(String url) throws Exception {
        assertThat(toldTo(url)).isEqualTo(GAVE_UP);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://127.0.0.1:PORT/db",
                "jdbc:postgresql://localhost:PORT/db",
                "jdbc:postgresql://0.0.0.0:PORT/db?sslmode=prefer",
                "jdbc:postgresql://0.0.0.0:PORT/db?user=a&sslmode=disable"
            })
    void whatADatabaseNeedsWhereItIsThisMachineOrTheUrlAllowsIt(String url) throws Exception {
        assertThat(toldTo(url)).isEqualTo(IN_THE_CLEAR);
    }

    @Test
    void theTrustStoreOfTheJvmMayBeNamedAndNothingThatTrustsMore() {
        TestRun command = new TestRun(folder);
        String url = "jdbc:postgresql://127.0.0.1:" + server.getLocalPort() + "/db?sslmode=verify-full&sslfactory=";
        for (String factory : new String[] {
            "org.postgresql.ssl.NonValidatingFactory",
            "",
            "org.postgresql.ssl.DefaultJavaSSLFactory&sslfactory=org.postgresql.ssl.NonValidatingFactory"
        }) {
            assertThat(command.run("keychain", "list", "--store", url + factory))
                    .isEqualTo(ExitCode.USAGE);
            assertThat(command.err()).contains("sslfactory of the URL of a store is");
        }
        assertThat(command.run("keychain", "list", "--store", url + "org.postgresql.ssl.DefaultJavaSSLFactory"))
                .isEqualTo(ExitCode.of(new StoreUnavailableException("", null)));
        assertThat(seen).doesNotContain(IN_THE_CLEAR);
    }
}
