package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients that keep many connections. */
class AwsConnectionsTest extends AwsTest {
    private static final int CONNECTIONS = 300;

    @Test
    void allStayOpenForTheNextRequest() throws Exception {
        List<Connection> pool = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                pool.add(new Connection(aws));
                assertThat(pool.get(i).listKeys()).isEqualTo("HTTP/1.1 200 OK");
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                assertThat(pool.get(i).listKeys()).as("connection " + i).isEqualTo("HTTP/1.1 200 OK");
            }
        } finally {
            for (Connection connection : pool) {
                connection.socket.close();
            }
        }
    }

    /** One connection, for one request after the other. */
    private static final class Connection {
        private static final String REQUEST = String.join(
                "\r\n",
                "POST / HTTP/1.1",
                "Host: 127.0.0.1",
                "Content-Type: application/x-amz-json-1.1",
                "X-Amz-Target: TrentService.ListKeys",
                "Authorization: AWS4-HMAC-SHA256 Credential=id/20261125/us-east-1/kms/aws4_request, Signature=00",
                "Content-Length: 2",
                "",
                "{}");

        final Socket socket;
        private final BufferedReader answers;

        Connection(AwsKmsEmulator aws) throws IOException {
            socket = new Socket("127.0.0.1", aws.endpoint().getPort());
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        }

        /** The first line of the answer; the rest is read and left. */
        String listKeys() throws IOException {
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.UTF_8));
            String status = String.valueOf(answers.readLine());
            int length = 0;
            for (String line = answers.readLine(); line != null && !line.isEmpty(); line = answers.readLine()) {
                if (line.startsWith("Content-length: ")) {
                    length = Integer.parseInt(line.substring("Content-length: ".length()));
                }
            }
            answers.skip(length);
            return status;
        }
    }
}
