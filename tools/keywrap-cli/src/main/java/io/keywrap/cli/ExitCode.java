package io.keywrap.cli;

import io.keywrap.DataException;
import io.keywrap.DekDestroyedException;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KeychainDestroyedException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.KeywrapException;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.ParameterException;

/** What the command ends with: scripts decide by these numbers, so they never change. */
final class ExitCode {
    static final int DONE = 0;
    static final int OTHER = 1;
    static final int USAGE = 2;
    static final int DATA = 3;
    static final int KEK = 4;
    static final int TRY_AGAIN = 5;
    static final int CONFIGURATION = 6;

    private ExitCode() {}

    /** The table as the help shows it. */
    static Map<String, String> table() {
        return new TreeMap<>(Map.of(
                " 0", "done",
                " 1", "anything else, such as a file that cannot be read or written, or exists",
                " 2", "usage: the command line asks for what cannot be",
                " 3", "data not authentic, malformed or cut, or not the expected keychain or context",
                " 4", "KEK revoked, denied or missing, or the DEK destroyed",
                " 5", "KEK throttled or unreachable, or store unavailable or busy: try again",
                " 6", "configuration: password, key store, credentials, store, keychain or seal KEK"));
    }

    static int of(Throwable failure) {
        if (failure instanceof TreeException tree) {
            return of(tree.failures().get(0).cause());
        }
        if (failure instanceof UsageException || failure instanceof ParameterException) {
            return USAGE;
        }
        if (failure instanceof DataException
                || failure instanceof InvalidWrappedDekException
                || failure instanceof KeychainSealBrokenException) {
            return DATA;
        }
        if (failure instanceof KekRevokedException
                || failure instanceof KekNotFoundException
                || failure instanceof DekDestroyedException
                || failure instanceof KeychainDestroyedException) {
            return KEK;
        }
        if (failure instanceof ConfigurationException
                || failure instanceof KekConfigurationException
                || failure instanceof KeychainNotFoundException) {
            return CONFIGURATION;
        }
        return failure instanceof KeywrapException keywrap && keywrap.retryable() ? TRY_AGAIN : OTHER;
    }
}
