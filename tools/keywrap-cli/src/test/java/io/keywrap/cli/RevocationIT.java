package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.keywrap.cli.JarProcess.Result;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A customer withdraws a key by plain requests to the KMS, while commands look on: each a process of its own. */
class RevocationIT {
    private static final Duration START = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private AwsProcessEmulator emulator;
    private String endpoint;
    private String vendorArn;
    private String arn;
    private AwsProcess keywrap;

    @BeforeEach
    void start() throws Exception {
        emulator = new AwsProcessEmulator(folder);
        endpoint = emulator.endpoint;
        vendorArn = emulator.arn;
        arn = AwsWire.call(endpoint, "CreateKey", new JsonObject())
                .getAsJsonObject("KeyMetadata")
                .get("Arn")
                .getAsString();
        keywrap = new AwsProcess(folder, endpoint, "aws-kms://" + arn);
        AwsProcess.assertDone(onStore("keychain", "create", "--id", "t", "--kek", "aws-kms://" + arn));
    }

    @AfterEach
    void end() throws Exception {
        emulator.end();
    }

    private ProcessBuilder command(String... arguments) {
        String[] all = new String[arguments.length + 4];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        System.arraycopy(
                new String[] {"--store", "store", "--seal-kek", "aws-kms://" + vendorArn}, 0, all, arguments.length, 4);
        return keywrap.command(all);
    }

    private Result onStore(String... arguments) throws Exception {
        return JarProcess.run(command(arguments), new byte[0]);
    }

    @Test
    void aWatchShowsTheWithdrawalAndTheReturnWithinTheBound() throws Exception {
        Process watch = command("kek", "watch", "--interval", "5s", "--json")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            Lines lines = new Lines(watch.inputReader());
            JsonObject first = lines.next(START);
            assertThat(first.get("event").getAsString()).isEqualTo("watching");
            assertThat(first.get("watched").getAsInt()).isEqualTo(2);
            Duration bound = Duration.ofSeconds(first.get("boundSeconds").getAsLong());
            assertThat(bound).isLessThan(Duration.ofSeconds(15));

            AwsWire.call(endpoint, "DisableKey", arn);
            JsonObject withdrawn = lines.next(bound);
            assertThat(withdrawn.get("kek").getAsString()).isEqualTo("aws-kms://" + arn);
            assertThat(withdrawn.get("before").getAsString()).isEqualTo("ACTIVE");
            assertThat(withdrawn.get("after").getAsString()).isEqualTo("REVOKED");
            assertThat(withdrawn.get("reason").getAsString()).isEqualTo("DISABLED");
            assertThat(withdrawn.get("code").getAsString()).isEqualTo("DisabledException");

            AwsWire.call(endpoint, "EnableKey", arn);
            JsonObject back = lines.next(Duration.ofSeconds(45));
            assertThat(back.get("before").getAsString()).isEqualTo("REVOKED");
            assertThat(back.get("after").getAsString()).isEqualTo("ACTIVE");

            watch.destroy(); // SIGTERM
            assertThat(JarProcess.exitCode(watch)).isZero();
            assertThat(lines.rest()).isEmpty();
        } finally {
            watch.destroyForcibly();
        }
    }

    @Test
    void aDrillEndsWith4WhileTheKeyIsDisabledAndElseWith0() throws Exception {
        Result before = onStore("drill");
        AwsProcess.assertDone(before);
        assertThat(before.out()).contains("1 OPENS");
        assertThat(before.err()).isEmpty();

        AwsWire.call(endpoint, "DisableKey", arn);
        Result disabled = onStore("drill", "--json");
        assertThat(disabled.exitCode()).as(disabled.err()).isEqualTo(4);
        assertThat(JsonParser.parseString(disabled.out())
                        .getAsJsonObject()
                        .getAsJsonArray("keks")
                        .get(0)
                        .getAsJsonObject()
                        .get("reason")
                        .getAsString())
                .isEqualTo("DISABLED");
        assertThat(disabled.err()).isEmpty();

        AwsWire.call(endpoint, "EnableKey", arn);
        AwsProcess.assertDone(onStore("drill", "--each-dek"));
    }

    /** The lines of a process as they come. */
    private static final class Lines {
        private static final String END = "";

        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

        Lines(BufferedReader reader) {
            Thread thread = new Thread(() -> {
                reader.lines().forEach(lines::add);
                lines.add(END);
            });
            thread.setDaemon(true);
            thread.start();
        }

        JsonObject next(Duration within) throws InterruptedException {
            String line = lines.poll(within.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(line).as("a line within " + within).isNotNull().isNotEmpty();
            return JsonParser.parseString(line).getAsJsonObject();
        }

        String rest() throws InterruptedException {
            String line = lines.poll(START.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(line).as("the end of the output").isNotNull();
            return line;
        }
    }
}
