package io.keywrap.testkit;

import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;

/**
 * A KMS as its operator sees it: what a test acts on while the provider under test knows nothing of it.
 *
 * <p>It is not the provider SPI, and takes nothing for granted but that its KEKs can be made: it may be memory, a folder,
 * an emulator that is driven over HTTP, or the real cloud.
 *
 * <p><b>Thread safety:</b> used by one thread at a time; the providers of its factory by many.
 */
public interface TestKms extends AutoCloseable {
    /**
     * Makes a KEK that nobody has used yet, enabled.
     *
     * @return its control plane
     */
    TestKek createKek();

    /**
     * The id of a KEK that was never made, of a form that the factory takes.
     *
     * @return the id
     */
    KekId unknownKek();

    /**
     * What makes providers for the KEKs of this KMS.
     *
     * @return the factory under test
     */
    KeyProvider.Factory factory();

    /**
     * The clocks that deadlines and deletion dates count on here.
     *
     * @return the system's by default
     */
    default TimeSource time() {
        return TimeSource.system();
    }

    /**
     * Whether wrapping one DEK twice gives the same bytes, as AES-KW does. What asks for other bytes is then skipped.
     *
     * @return false by default
     */
    default boolean wrapsDeterministically() {
        return false;
    }

    /**
     * Lets time pass, where nobody has to wait for it.
     *
     * @param duration how much
     * @throws RuntimeException JUnit's sign of a skipped test, if the clock of this KMS cannot be moved, as by default;
     *     an {@link UnsupportedOperationException} without JUnit
     */
    default void advance(Duration duration) {
        throw Skipped.because("the clock of this KMS cannot be moved");
    }

    /** Takes everything down that was made for the test. */
    @Override
    void close();
}
