package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainDestroyedException;
import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The number of every kind of failure. */
class ExitCodeTest {
    private static final Failure FAILURE = Failure.of(KekId.of("keystore:main#kek"), "it failed");

    static Stream<Arguments> failures() {
        return Stream.of(
                arguments(new IOException("disk"), 1),
                arguments(new NoSuchFileException("file"), 1),
                arguments(new IllegalStateException("bug"), 1),
                arguments(new ExpectationException("demo"), 1),
                arguments(new KeychainExistsException("k"), 1),
                arguments(new UsageException("usage"), 2),
                arguments(new AuthenticationFailedException(0), 3),
                arguments(new MalformedEnvelopeException("m"), 3),
                arguments(new TruncatedEnvelopeException("t"), 3),
                arguments(new UnsupportedEnvelopeException("u"), 3),
                arguments(new InvalidWrappedDekException(FAILURE), 3),
                arguments(new KeychainSealBrokenException("k", "seal", null), 3),
                arguments(new KekRevokedException(FAILURE, KekRevokedException.Reason.DISABLED), 4),
                arguments(new KekRevokedException(FAILURE, KekRevokedException.Reason.DENIED), 4),
                arguments(new KekNotFoundException(FAILURE), 4),
                arguments(new DekDestroyedException("k", DekId.random()), 4),
                arguments(new KeychainDestroyedException("k"), 4),
                arguments(new KekThrottledException(FAILURE), 5),
                arguments(new KekUnreachableException(FAILURE), 5),
                arguments(new StoreUnavailableException("store", null), 5),
                arguments(new KeychainConflictException("k"), 5),
                arguments(new KekConfigurationException(FAILURE), 6),
                arguments(new KeychainNotFoundException("k"), 6),
                arguments(new ConfigurationException("c"), 6));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void everyFailureHasItsNumber(Exception failure, int expected) {
        assertThat(ExitCode.of(failure)).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aTreeHasTheNumberOfItsFirstFailure(Exception failure, int expected) {
        TreeException tree = new TreeException(
                "two failed",
                List.of(
                        new TreeException.Failure("a", failure),
                        new TreeException.Failure("b", new UsageException("other"))));

        assertThat(ExitCode.of(tree)).isEqualTo(expected);
    }
}
