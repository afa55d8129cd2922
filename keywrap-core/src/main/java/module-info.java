/**
 * Customer-managed encryption keys for backup products: KEKs in a KMS, keychains of DEKs, envelopes.
 *
 * <p>Start with {@link io.keywrap.provider.KeyProviders}, {@link io.keywrap.keychain.Keychains} and
 * {@link io.keywrap.stream.EnvelopeCipher}.
 */
module io.keywrap {
    requires com.github.benmanes.caffeine;
    requires org.slf4j;
    requires static transitive org.jspecify;

    uses java.security.Provider;

    exports io.keywrap;
    exports io.keywrap.provider;
    exports io.keywrap.keystore;
    exports io.keywrap.byok;
    exports io.keywrap.store;
    exports io.keywrap.keychain;
    exports io.keywrap.envelope;
    exports io.keywrap.stream;
    exports io.keywrap.recovery;
    exports io.keywrap.revocation;
    exports io.keywrap.rewrap;
    exports io.keywrap.onboarding;
}
