package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.Dek;
import io.keywrap.KekException;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.GcpFault;
import io.keywrap.emulators.GcpLies;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Random answers of a service: a typed failure, or the right DEK; never another exception, or a value of the key context. */
class GcpRandomAnswersTest extends GcpFixture {
    private static final int ROUNDS = 400;
    private static final List<String> CODES = List.of(
            "CANCELLED",
            "UNKNOWN",
            "INVALID_ARGUMENT",
            "DEADLINE_EXCEEDED",
            "NOT_FOUND",
            "ALREADY_EXISTS",
            "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
            "FAILED_PRECONDITION",
            "ABORTED",
            "OUT_OF_RANGE",
            "UNIMPLEMENTED",
            "INTERNAL",
            "UNAVAILABLE",
            "DATA_LOSS",
            "UNAUTHENTICATED");
    private static final List<String> WORDS = List.of(
            "KEY_DISABLED",
            "KEY_",
            "KEY_DESTROY_SCHEDULED",
            "EXTERNAL_",
            "EXTERNAL_PERMISSION_DENIED",
            "SERVICE_DISABLED",
            "current state is: DISABLED",
            "current state is: ",
            "is not enabled",
            "Permission 'cloudkms.x' denied",
            "ciphertext_crc32c",
            TENANT,
            "\n",
            "");

    private final long seed = Long.getLong("keywrap.seed", new Random().nextLong());
    private final Random random = new Random(seed);

    @Test
    void anyAnswerIsATypedFailureOrTheRightDek() {
        WrappedDek wrapped = wrap(provider);
        for (int round = 0; round < ROUNDS; round++) {
            GcpFault fault = random.nextBoolean() ? error() : lie();
            String shown = "seed " + seed + ", round " + round + ", " + fault;
            kms.emulator.recover();
            kms.emulator.injectAlways(fault);
            check(shown, () -> provider.unwrap(wrapped, context, deadline()), fault);
            check(shown, () -> provider.generate(id, context, deadline()).dek(), fault);
        }
        kms.emulator.recover();
        assertOpens(provider, wrapped);
    }

    private void check(String shown, Callable<Dek> call, GcpFault fault) {
        Dek[] got = new Dek[1];
        Throwable failure = catchThrowable(() -> got[0] = call.call());
        if (failure == null) {
            // Checksums fit and the length is right: who holds the endpoint and its TLS can do that.
            assertThat(fault.toString()).as(shown).contains("LIE");
            got[0].close();
        } else {
            assertThat(failure).as(shown).isInstanceOf(KekException.class);
            assertThat(everythingIn(failure)).as(shown).doesNotContain(TENANT);
        }
    }

    private static String everythingIn(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    private GcpFault error() {
        GcpFault fault = GcpFault.error(pick(CODES), pick(WORDS) + pick(WORDS));
        if (random.nextBoolean()) {
            fault = fault.withReason(pick(WORDS));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            fault = fault.withViolation(
                    pick(WORDS), random.nextBoolean() ? key.primary().name() : pick(WORDS));
        }
        return fault;
    }

    private GcpFault lie() {
        byte[] bytes = new byte[random.nextInt(80)];
        random.nextBytes(bytes);
        return switch (random.nextInt(7)) {
            case 0 -> GcpLies.swapped(bytes);
            case 1 -> GcpLies.length(random.nextInt(100));
            case 2 -> GcpLies.name(pick(WORDS) + key.name() + "/cryptoKeyVersions/" + random.nextInt(3) + pick(WORDS));
            case 3 -> GcpLies.damaged();
            case 4 -> GcpLies.wrongChecksum();
            case 5 -> GcpLies.withoutChecksum();
            default -> GcpFault.missing();
        };
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
