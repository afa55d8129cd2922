/**
 * For the tests of products that embed keywrap: what stands in for the KMS, the store and the clock; and for the
 * tests of those who write a provider or a store of their own.
 *
 * <p>Start with {@link io.keywrap.testkit.KeywrapExtension}; or with {@link io.keywrap.testkit.KeyProviderContract} and
 * {@link io.keywrap.testkit.KeychainStoreContract}. JUnit 5 is needed for these three alone, and the users bring their own:
 * modules that use them require {@code org.junit.jupiter.api}.
 */
module io.keywrap.testkit {
    requires transitive io.keywrap;
    requires static transitive org.jspecify;
    requires static org.junit.jupiter.api;
    requires static org.opentest4j;

    exports io.keywrap.testkit;
    // The tests of the contracts are run by reflection, and no part of what a user calls.
    opens io.keywrap.testkit to
            org.junit.platform.commons;
}
