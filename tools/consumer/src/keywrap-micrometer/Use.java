package com.example.consumer;

import io.keywrap.keystore.Keystores;
import io.keywrap.micrometer.KeywrapMetrics;
import io.keywrap.provider.KeyProviders;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;

/** The meters of providers that have done nothing yet. */
public final class Use {
    private Use() {}

    public static void main(String[] arguments) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        KeywrapMetrics metrics = KeywrapMetrics.of(registry);
        try (KeyProviders providers = KeyProviders.builder()
                .register(Keystores.builder().pkcs12("main", Path.of("none.p12"), () -> new char[0]).build())
                .listener(metrics)
                .build()) {
            metrics.bindTo(providers);
            System.out.print(", open leases: " + (int) registry.get("keywrap.leases.open").gauge().value());
        }
    }
}
