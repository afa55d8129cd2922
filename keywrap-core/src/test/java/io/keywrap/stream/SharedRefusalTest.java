package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.TestTenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A refusal is the same for all jobs that it ends: none of them finds in it what befell another. */
class SharedRefusalTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");

    @TempDir
    private Path folder;

    private final CyclicBarrier bothFail = new CyclicBarrier(2);
    private Path plain;
    private EnvelopeCipher cipher;

    @BeforeEach
    void setUp() throws IOException {
        plain = Files.write(folder.resolve("plain"), new byte[3 << 20]);
        cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("tenant-42"))
                .withParallelism(2);
    }

    @Test
    void aRefusalTellsNothingOfTheOtherWorkersOfAFile() {
        List<KekException> refusals = List.of(refusal("one"), refusal("other"));
        Throwable thrown = failing(refusals.iterator());
        assertThat(refusals)
                .contains((KekException) thrown)
                .allSatisfy(refusal -> assertThat(refusal).hasNoSuppressedExceptions());
    }

    private static KekException refusal(String what) {
        return new KekRevokedException(Failure.of(TestTenant.CUSTOMER, what), Reason.DISABLED);
    }

    /** What becomes of a file whose workers fail at the same time. */
    private Throwable failing(Iterator<? extends RuntimeException> failures) {
        EnvelopeCipher failing = cipher.withProgress(more -> {
            RuntimeException failure = next(failures);
            awaitOther(bothFail);
            throw failure;
        });
        return catchThrowable(() -> failing.encrypt(plain, folder.resolve("envelope"), CONTEXT));
    }

    private static synchronized RuntimeException next(Iterator<? extends RuntimeException> failures) {
        return failures.next();
    }

    static void awaitOther(CyclicBarrier both) {
        try {
            both.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new AssertionError("the other worker has not come", e);
        }
    }
}
