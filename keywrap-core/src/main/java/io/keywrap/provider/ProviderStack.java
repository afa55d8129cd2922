package io.keywrap.provider;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.ObservedKeyProvider.Hearers;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the providers, each once, and dresses them all alike. */
final class ProviderStack implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderStack.class);

    private final Map<String, KeyProvider.Factory> factories;
    private final Map<KekId, KeyProvider> providers = new ConcurrentHashMap<>();
    private final Hearers hearers;
    private final TimeSource time;
    private final int maxCallsPerKek;
    private final Jca jca;
    private volatile boolean closed;

    ProviderStack(
            Map<String, KeyProvider.Factory> factories, Hearers hearers, TimeSource time, int maxCallsPerKek, Jca jca) {
        this.factories = Map.copyOf(factories);
        this.hearers = hearers;
        this.time = time;
        this.maxCallsPerKek = maxCallsPerKek;
        this.jca = jca;
    }

    /** The provider of a KEK, made on first use. */
    KeyProvider provider(KekId kekId) {
        requireOpen();
        KeyProvider provider = providers.computeIfAbsent(kekId, this::create);
        if (closed) {
            // It may have been made after close() looked for what was made.
            closeAll();
        }
        requireOpen();
        return provider;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the providers were closed");
        }
    }

    private KeyProvider create(KekId kekId) {
        KeyProvider.Factory factory = factories.get(kekId.scheme());
        if (factory == null) {
            throw new KekConfigurationException(Failure.of(kekId, "no provider is registered for its scheme")
                    .operatorAction("register one; there are " + new TreeSet<>(factories.keySet())));
        }
        KeyProvider provider = made(factory, kekId);
        if (!provider.kekId().equals(kekId)) {
            provider.close();
            throw new KekConfigurationException(
                    Failure.of(kekId, "its factory made a provider of another KEK, " + provider.kekId())
                            .operatorAction("do not use this provider; report it to its maker"));
        }
        try {
            return stack(provider);
        } catch (RuntimeException e) {
            provider.close();
            throw e;
        }
    }

    private KeyProvider made(KeyProvider.Factory factory, KekId kekId) {
        try {
            KeyProvider provider =
                    jca.named().map(named -> factory.create(kekId, named)).orElseGet(() -> factory.create(kekId));
            return Objects.requireNonNull(provider, "the provider");
        } catch (KekException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new KekConfigurationException(
                    Failure.of(kekId, "its factory failed with " + e.getClass().getName())
                            .operatorAction("see the cause, and report it to the provider's maker")
                            .cause(e));
        }
    }

    /** What every provider is dressed in, innermost first. */
    private KeyProvider stack(KeyProvider provider) {
        KeyProvider own = jca.named().isPresent() ? new OwnCryptoKeyProvider(provider, jca) : provider;
        KeyProvider attempt = new ObservedKeyProvider(new CheckedKeyProvider(own), hearers, time);
        return new BulkheadKeyProvider(new RetryingKeyProvider(attempt, time), maxCallsPerKek);
    }

    /** Closes every provider, also where one fails to close. */
    @Override
    public void close() {
        closed = true;
        closeAll();
    }

    private void closeAll() {
        for (KekId kekId : List.copyOf(providers.keySet())) {
            KeyProvider provider = providers.remove(kekId);
            if (provider != null) {
                closeQuietly(provider);
            }
        }
    }

    private static void closeQuietly(KeyProvider provider) {
        try {
            provider.close();
        } catch (RuntimeException e) {
            LOG.warn("the provider of {} failed to close", provider.kekId(), e);
        }
    }
}
