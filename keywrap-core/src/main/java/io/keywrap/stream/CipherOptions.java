package io.keywrap.stream;

import io.keywrap.floe.FloeParameters;
import io.keywrap.stream.EnvelopeCipher.ContextMatch;
import java.util.concurrent.Executor;

/**
 * How a cipher works.
 *
 * @param parameters of new envelopes
 * @param match the rule for object contexts
 * @param workers who works on one object
 * @param cachedSegments how many decrypted segments a view keeps
 */
record CipherOptions(FloeParameters parameters, ContextMatch match, Workers workers, int cachedSegments) {
    private static final int CACHED_SEGMENTS = 4;
    private static final int MOST_CACHED_SEGMENTS = 1024;

    CipherOptions {
        if (cachedSegments < 1 || cachedSegments > MOST_CACHED_SEGMENTS) {
            throw new IllegalArgumentException(
                    "1 to " + MOST_CACHED_SEGMENTS + " decrypted segments are kept, not " + cachedSegments);
        }
    }

    static CipherOptions ofDefaults() {
        FloeParameters parameters = FloeParameters.ofSegmentLength(FloeParameters.DEFAULT_SEGMENT_BYTES);
        return new CipherOptions(parameters, ContextMatch.CONTAINS, Workers.ofDefaults(), CACHED_SEGMENTS);
    }

    CipherOptions with(FloeParameters other) {
        return new CipherOptions(other, match, workers, cachedSegments);
    }

    CipherOptions with(ContextMatch other) {
        return new CipherOptions(parameters, other, workers, cachedSegments);
    }

    CipherOptions withThreads(int threads) {
        return new CipherOptions(parameters, match, new Workers(threads, workers.executor()), cachedSegments);
    }

    CipherOptions withExecutor(Executor executor) {
        return new CipherOptions(parameters, match, workers.of(executor), cachedSegments);
    }

    CipherOptions withCachedSegments(int other) {
        return new CipherOptions(parameters, match, workers, other);
    }
}
