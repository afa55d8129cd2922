package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What every job over a store is told.
 *
 * @param store the keychains
 * @param providers the KEKs
 * @param sealKek who vouches for the records
 * @param filter which keychains
 * @param rate calls of a KEK in a second
 * @param concurrency calls at once, and keychains
 * @param listener who is told how far it is
 * @param resume whether to go on where an earlier run has ended
 */
record Settings(
        KeychainStore store,
        KeyProviders providers,
        KekId sealKek,
        KeychainFilter filter,
        double rate,
        int concurrency,
        Optional<Consumer<RewrapProgress>> listener,
        boolean resume) {
    Settings withoutListener() {
        return new Settings(store, providers, sealKek, filter, rate, concurrency, Optional.empty(), false);
    }

    TimeSource time() {
        return providers.time();
    }

    static double requireRate(double callsPerSecond) {
        if (!(callsPerSecond >= 0.01 && callsPerSecond <= 10_000)) {
            throw new IllegalArgumentException("a rate is 0.01 to 10,000 calls a second, not " + callsPerSecond);
        }
        return callsPerSecond;
    }

    static int requireConcurrency(int calls) {
        if (calls < 1 || calls > 256) {
            throw new IllegalArgumentException("calls at once are 1 to 256, not " + calls);
        }
        return calls;
    }
}
