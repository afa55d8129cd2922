package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.Dek;
import io.keywrap.KekException;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AwsFault;
import io.keywrap.provider.KeyProvider;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Random answers of a server: a typed failure, or the right DEK; never another DEK, another exception, or a context value. */
class AwsRandomAnswersTest extends AwsFixture {
    private static final int ROUNDS = 400;
    private static final List<String> FIELDS = List.of(
            "KeyId", "Plaintext", "CiphertextBlob", "KeyMaterialId", "EncryptionAlgorithm", "__type", "message", "x");
    private static final List<String> CODES = List.of(
            "DisabledException",
            "KMSInvalidStateException",
            "NotFoundException",
            "AccessDeniedException",
            "ThrottlingException",
            "New#Exception",
            "",
            ":");

    private final long seed = Long.getLong("keywrap.seed", new Random().nextLong());
    private final Random random = new Random(seed);

    @Test
    void anyAnswerIsATypedFailureOrTheRightDek() {
        WrappedDek wrapped = wrap(provider);
        for (int round = 0; round < ROUNDS; round++) {
            int status = List.of(200, 200, 200, 400, 400, 403, 404, 500, 503).get(random.nextInt(9));
            String body = body();
            String shown = "seed " + seed + ", round " + round + ", " + status + " " + body;
            kms.emulator.inject(AwsFault.answer(status, body), 2);
            check(shown, () -> provider.unwrap(wrapped, context, deadline()));
            kms.emulator.recover();
            kms.emulator.inject(AwsFault.answer(status, body), 2);
            check(shown, () -> generated(provider));
            kms.emulator.recover();
        }
        assertOpens(provider, wrapped);
    }

    private void check(String shown, Callable<Dek> call) {
        Dek[] got = new Dek[1];
        Throwable failure = catchThrowable(() -> got[0] = call.call());
        if (failure == null) {
            // A key of the right length under the right key id: who holds the endpoint and its TLS can say that.
            assertThat(shown).contains(key.arn());
            got[0].close();
        } else {
            assertThat(failure).as(shown).isInstanceOf(KekException.class);
            assertThat(everythingIn(failure)).as(shown).doesNotContain("acme-secretive");
        }
    }

    private static String everythingIn(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    private Dek generated(KeyProvider by) {
        KeyProvider.Generated made = by.generate(id, context, deadline());
        return made.dek();
    }

    private String body() {
        StringBuilder body = new StringBuilder("{");
        for (int i = random.nextInt(6); i > 0; i--) {
            body.append('"').append(pick(FIELDS)).append("\":").append(value()).append(i > 1 ? "," : "");
        }
        body.append('}');
        if (random.nextInt(5) == 0) {
            body.setLength(random.nextInt(body.length()));
        }
        if (random.nextInt(5) == 0 && body.length() > 0) {
            body.setCharAt(random.nextInt(body.length()), (char) (' ' + random.nextInt(95)));
        }
        return body.toString();
    }

    private String value() {
        return switch (random.nextInt(9)) {
            case 0 -> "null";
            case 1 -> String.valueOf(random.nextLong());
            case 2 -> "[]";
            case 3 -> "{\"a\":{}}";
            case 4 -> '"' + key.arn() + '"';
            case 5 -> "\"" + "A".repeat(random.nextInt(100)) + "\"";
            case 6 -> '"' + pick(CODES) + '"';
            case 7 -> "\"Value '{tenant=acme-secretive}' at 'encryptionContext'\"";
            default -> "\"" + "A".repeat(43) + "=\"";
        };
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
