package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** KEKs in Azure. Nothing of Azure is loaded before one of them is used. */
final class AzureKeks implements KeyProvider.Factory {
    private final Map<String, String> environment;
    private @Nullable AzureFactories factories;

    AzureKeks(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public String scheme() {
        return "azure-kms";
    }

    @Override
    public synchronized KeyProvider create(KekId kekId) {
        AzureFactories known = factories;
        if (known == null) {
            known = new AzureFactories(environment, kekId);
            factories = known;
        }
        return known.create(kekId);
    }
}
