package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.KekException;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AzureFault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Answers at random, with the fields and codes of Azure: each is a typed failure, and none gives another DEK. */
class AzureRandomAnswersTest extends AzureFixture {
    private static final int ROUNDS = 100;
    private static final List<String> FIELDS =
            List.of("kid", "value", "alg", "error", "code", "message", "innererror", "key", "attributes", "x");
    private static final List<String> CODES = List.of(
            "Forbidden",
            "KeyDisabled",
            "KeyNotFound",
            "AccessDenied",
            "BadParameter",
            "Throttled",
            "New#Code",
            "",
            ":");

    private final long seed = Long.getLong("keywrap.seed", new Random().nextLong());
    private final Random random = new Random(seed);

    @Test
    void anyAnswerIsATypedFailureOrTheRightDek() {
        WrappedDek wrapped = wrap(provider);
        for (int round = 0; round < ROUNDS; round++) {
            int status = List.of(200, 200, 200, 201, 204, 400, 401, 403, 404, 409, 429)
                    .get(random.nextInt(11));
            String body = body();
            String shown = "seed " + seed + ", round " + round + ", " + status + " " + body;
            vault.emulator.injectAlways(AzureFault.answer(status, body));
            fails(shown, () -> provider.unwrap(wrapped, context, deadline()));
            fails(shown, () -> provider.status(deadline()));
            mayWrap(shown);
            vault.emulator.recover();
        }
        assertOpens(provider, wrapped);
    }

    /** Nobody who answers can guess the digest of the key context together with a key. */
    private void fails(String shown, Callable<?> call) {
        Throwable failure = catchThrowable(call::call);
        assertThat(failure).as(shown).isInstanceOf(KekException.class);
        assertTellsNothing(shown, failure);
    }

    /** A wrap that is none is found out when it is unwrapped; that it was made is all that an answer says. */
    private void mayWrap(String shown) {
        Throwable failure = catchThrowable(() -> wrap(provider));
        if (failure == null) {
            assertThat(shown).contains(key.versionedId());
        } else {
            assertThat(failure).as(shown).isInstanceOf(KekException.class);
            assertTellsNothing(shown, failure);
        }
    }

    private void assertTellsNothing(String shown, Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        assertThat(text.toString()).as(shown).doesNotContain("acme-secretive");
    }

    private String body() {
        StringBuilder body = new StringBuilder(object(2));
        if (random.nextInt(5) == 0) {
            body.setLength(random.nextInt(body.length()));
        }
        if (random.nextInt(5) == 0 && body.length() > 0) {
            body.setCharAt(random.nextInt(body.length()), (char) (' ' + random.nextInt(95)));
        }
        return body.toString();
    }

    private String object(int depth) {
        StringBuilder object = new StringBuilder("{");
        for (int i = random.nextInt(5); i > 0; i--) {
            object.append('"')
                    .append(pick(FIELDS))
                    .append("\":")
                    .append(value(depth))
                    .append(i > 1 ? "," : "");
        }
        return object.append('}').toString();
    }

    private String value(int depth) {
        return switch (random.nextInt(9)) {
            case 0 -> "null";
            case 1 -> String.valueOf(random.nextLong());
            case 2 -> "[]";
            case 3, 4 -> depth > 0 ? object(depth - 1) : "{}";
            case 5 -> '"' + key.versionedId() + '"';
            case 6 -> "\"" + "A".repeat(random.nextInt(400)) + "\"";
            case 7 -> '"' + pick(CODES) + '"';
            default -> "\"" + "A".repeat(86) + "\"";
        };
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
