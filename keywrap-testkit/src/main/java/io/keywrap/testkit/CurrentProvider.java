package io.keywrap.testkit;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.util.function.Function;

/**
 * Providers of a KMS that is called by whatever is right just now, such as by other credentials than a moment ago.
 *
 * <p><b>Thread safety:</b> thread-safe if the function is.
 */
public final class CurrentProvider implements KeyProvider {
    private final KekId kekId;
    private final Function<KekId, KeyProvider> current;

    private CurrentProvider(KekId kekId, Function<KekId, KeyProvider> current) {
        this.kekId = kekId;
        this.current = current;
    }

    /**
     * Makes such providers.
     *
     * @param scheme of the KEKs
     * @param current asked at each call; its providers are not closed
     * @return a factory, such as {@link io.keywrap.provider.KeyProviders} take
     */
    public static Factory factory(String scheme, Function<KekId, KeyProvider> current) {
        return new Factory() {
            @Override
            public String scheme() {
                return scheme;
            }

            @Override
            public KeyProvider create(KekId kekId) {
                return new CurrentProvider(kekId, current);
            }
        };
    }

    private KeyProvider now() {
        return current.apply(kekId);
    }

    @Override
    public KekId kekId() {
        return kekId;
    }

    @Override
    public Place place() {
        return now().place();
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        return now().wrap(dek, keyContext, deadline);
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        return now().unwrap(wrapped, keyContext, deadline);
    }

    @Override
    public Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
        return now().generate(dekId, keyContext, deadline);
    }

    @Override
    public Status status(Deadline deadline) {
        return now().status(deadline);
    }

    @Override
    public void close() {}

    /**
     * Which KEK.
     *
     * @return such as {@code CurrentProvider[aws-kms://…]}
     */
    @Override
    public String toString() {
        return "CurrentProvider[" + kekId + "]";
    }
}
