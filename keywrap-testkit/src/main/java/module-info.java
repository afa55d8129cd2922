/**
 * For the tests of products that embed keywrap: what stands in for the clock and the store.
 *
 * <p>Start with {@link io.keywrap.testkit.InMemoryKeychainStore} and {@link io.keywrap.testkit.ManualTime}.
 */
module io.keywrap.testkit {
    requires transitive io.keywrap;
    requires static transitive org.jspecify;
    requires static transitive org.junit.jupiter.api;

    exports io.keywrap.testkit;
    // The tests of the contracts are run by reflection, and no part of what a user calls.
    opens io.keywrap.testkit;
}
