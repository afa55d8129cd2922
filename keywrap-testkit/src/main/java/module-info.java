/**
 * For the tests of products that embed keywrap: what stands in for the clock and the store.
 *
 * <p>Start with {@link io.keywrap.testkit.InMemoryKeychainStore} and {@link io.keywrap.testkit.ManualTime}.
 */
module io.keywrap.testkit {
    requires transitive io.keywrap;
    requires static transitive org.jspecify;

    exports io.keywrap.testkit;
}
