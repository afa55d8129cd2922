package io.keywrap.cli;

import io.keywrap.store.KeyManagement;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who holds the KEKs: one of two options. */
final class KeyManagementChoice {
    @Option(names = "--vendor-managed", description = "The vendor holds the KEKs. Default: neither is said.")
    private boolean vendor;

    @Option(
            names = "--customer-managed",
            description = "The customer holds the KEKs, and may withdraw them. Default: neither is said.")
    private boolean customer;

    /** The choice; empty if there was none. */
    Optional<KeyManagement> value() {
        if (vendor && customer) {
            throw new UsageException("--vendor-managed and --customer-managed exclude each other");
        }
        if (vendor) {
            return Optional.of(KeyManagement.VENDOR);
        }
        return customer ? Optional.of(KeyManagement.CUSTOMER) : Optional.empty();
    }

    /** As people say it. */
    static String text(KeyManagement choice) {
        return choice == KeyManagement.VENDOR ? "vendor-managed" : "customer-managed";
    }
}
