package io.keywrap.testkit;

import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Everything of keywrap that a product's test needs, in memory: a KMS, a store, keychains, and a clock that is moved by
 * hand. After each test it checks that no lease is left open.
 *
 * <pre>{@code
 * @RegisterExtension
 * final KeywrapExtension keywrap = new KeywrapExtension();
 *
 * @Test
 * void servesNothingOnceTheCustomerDisablesTheKek() {
 *     BackupService service = new BackupService(keywrap.keychain());
 *     service.upload("accounts.csv", "id,name");
 *     keywrap.kek().disable();
 *     assertThrows(KekRevokedException.class, () -> service.restore("accounts.csv"));
 * }
 * }</pre>
 *
 * <p>The field is an instance field, so that every test has its own of all this, also when tests run in parallel; it may
 * be used by the fields that follow it. A static one, or one of an instance that serves several tests, is refused.
 *
 * <p><b>Errors:</b> a lease that is open after the {@code @AfterEach} methods fails the test, with the DEK's id and the
 * place where the lease was taken; see {@link LeakCheck}. Where the test itself has failed, its own failure stays the
 * reported one, and the leak is suppressed in it.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
@SuppressWarnings("exports") // Whoever registers it requires JUnit; whoever has no JUnit must not be made to.
public final class KeywrapExtension implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {
    /** What the clock shows when a test begins. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final ManualTime time = ManualTime.startingAt(START);
    private final InMemoryKms kms = new InMemoryKms(time);
    private final InMemoryKek vendorKek = kms.kek("vendor");
    private final InMemoryKek kek = kms.kek("customer");
    private final InMemoryKeychainStore store = new InMemoryKeychainStore();
    private final LeakCheck leaks = LeakCheck.forLeases();
    private final KeyProviders providers;
    private final Keychains keychains;
    private final AtomicBoolean used = new AtomicBoolean();
    private @Nullable Keychain keychain;

    /**
     * Makes the KMS with the KEKs {@code memory:vendor} and {@code memory:customer}, and all that stands on it. No DEK is
     * kept: what happens to a KEK holds from the next lease on.
     */
    public KeywrapExtension() {
        this(providers -> providers.cacheDeadline(Duration.ZERO));
    }

    /**
     * The same, with options of the product's own providers, such as how long it keeps DEKs.
     *
     * @param options sets options; clock, KMS and the watch of leases are set already
     */
    public KeywrapExtension(Consumer<KeyProviders.Builder> options) {
        KeyProviders.Builder builder =
                KeyProviders.builder().register(kms).time(time).onLease(leaks.observer());
        options.accept(builder);
        providers = builder.build();
        keychains = Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(vendorKek.id()))
                .build();
    }

    /**
     * The customer's KEK, {@code memory:customer}.
     *
     * @return what its owner can do to it
     */
    public InMemoryKek kek() {
        return kek;
    }

    /**
     * The vendor's own KEK, {@code memory:vendor}, which seals the keychains.
     *
     * @return what its owner can do to it
     */
    public InMemoryKek vendorKek() {
        return vendorKek;
    }

    /**
     * The KMS, for more KEKs and for other {@code KeyProviders}: those of a second JVM.
     *
     * @return the KMS of both KEKs
     */
    public InMemoryKms kms() {
        return kms;
    }

    /**
     * The clock of the KMS, the providers and the keychains.
     *
     * @return stands at {@link #START} until the test moves it
     */
    public ManualTime time() {
        return time;
    }

    /**
     * The providers; their leases are watched.
     *
     * @return closed after the test
     */
    public KeyProviders providers() {
        return providers;
    }

    /**
     * Where the keychains are.
     *
     * @return an empty store when the test begins
     */
    public InMemoryKeychainStore store() {
        return store;
    }

    /**
     * The keychains in {@link #store()}, sealed by {@link #vendorKek()}.
     *
     * @return the keychains
     */
    public Keychains keychains() {
        return keychains;
    }

    /**
     * A keychain under {@link #kek()}, named {@code tenant}; the first call makes it.
     *
     * @return always the same object
     */
    public synchronized Keychain keychain() {
        if (keychain == null) {
            KekId control = kek.id();
            keychain = keychains.create("tenant", spec -> spec.control(control));
        }
        return keychain;
    }

    /**
     * Which leases are open, for checks in the middle of a test.
     *
     * @return the check that is made after the test
     */
    public LeakCheck leaks() {
        return leaks;
    }

    /**
     * Refuses to serve a class: JUnit calls this only for what more than one test has.
     *
     * @param context the class
     */
    @Override
    public void beforeAll(ExtensionContext context) {
        throw servesOneTest();
    }

    /**
     * Refuses to serve a second test, and a test that shares its instance.
     *
     * @param context the test
     */
    @Override
    public void beforeEach(ExtensionContext context) {
        boolean shared = context.getTestInstanceLifecycle()
                .filter(Lifecycle.PER_CLASS::equals)
                .isPresent();
        if (shared || used.getAndSet(true)) {
            throw servesOneTest();
        }
    }

    private static ExtensionConfigurationException servesOneTest() {
        return new ExtensionConfigurationException("one KeywrapExtension serves one test, so that tests do not see each"
                + " other's keys: register it in an instance field, of a class with an instance for each test");
    }

    /**
     * Checks the leases and closes the providers.
     *
     * @param context the test
     */
    @Override
    public void afterEach(ExtensionContext context) {
        try {
            leaks.assertNoOpenLease();
        } finally {
            providers.close();
            kms.close();
        }
    }

    /**
     * The KEK and the clock.
     *
     * @return such as {@code KeywrapExtension[InMemoryKek[…], ManualTime[…]]}
     */
    @Override
    public String toString() {
        return "KeywrapExtension[" + kek + ", " + time + "]";
    }
}
