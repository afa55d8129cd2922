package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What every {@link KeyProvider} must do, as a JUnit 5 suite: extend it, and give it the KMS to run against.
 *
 * <pre>{@code
 * class AcmeKeyProviderContractTest extends KeyProviderContract {
 *     @Override
 *     protected TestKms kms() {
 *         return new AcmeTestKms();
 *     }
 * }
 * }</pre>
 *
 * <p>The {@link TestKms} makes KEKs and changes their states behind the provider's back. What it cannot do is skipped, and
 * the report says so. Providers are called bare, without the stack that {@link io.keywrap.provider.KeyProviders} puts
 * around them. The tests are nested by state; more may come with a later release.
 *
 * <p>It covers keys and their binding to a key context, damaged and foreign wraps, each state of a KEK and back, outage
 * and throttling, deadlines, rotation, threads, closing, and what failures may tell. What a provider
 * logs is not looked at; that no key byte and no value of a key context is in it is its maker's to test.
 */
public abstract class KeyProviderContract extends ProviderTrustContract {
    /** For subclasses. */
    protected KeyProviderContract() {}

    @Nested
    class AProvider {
        @Test
        void isBoundToItsKek() {
            assertEquals(kek.id(), provider.kekId());
            assertEquals(kms.factory().scheme(), provider.kekId().scheme());
        }

        @Test
        void isHarmlessToCloseTwice() {
            provider.close();
            provider.close();
        }

        @Test
        void refusesCallsOnceItIsClosed() {
            provider.close();
            assertThrows(IllegalStateException.class, () -> wrap(dek));
            assertThrows(IllegalStateException.class, () -> unwrap(wrapped));
            assertThrows(IllegalStateException.class, () -> generate());
            assertFalse(dek.isClosed(), "the DEK stays the caller's");
        }

        @Test
        void isMadeWithoutACallToTheKms() {
            int before = kek.calls();
            kms.factory().create(kek.id()).close();
            assertEquals(before, kek.calls(), "calls of the KEK");
        }

        @Test
        void keepsTheInterruptionOfItsThread() {
            assertKeepsInterruption(() -> wrap(dek));
            assertKeepsInterruption(() -> unwrap(wrapped).close());
            assertKeepsInterruption(() -> generate().dek().close());
            assertUsable();
        }

        /** An interrupted call may do its work, or fail as one that was not answered; it is no verdict on the KEK. */
        private void assertKeepsInterruption(Runnable call) {
            Thread.currentThread().interrupt();
            boolean kept;
            try {
                call.run();
            } catch (KekUnreachableException e) {
                assertTrue(e.retryable());
            } finally {
                kept = Thread.interrupted();
            }
            assertTrue(kept, "whoever interrupted the thread is heeded after the call");
        }

        @Test
        void leavesOthersOfItsKekOpenWhenClosed() {
            kms.factory().create(kek.id()).close();
            assertUsable();
        }
    }

    @Nested
    class AWrap {
        @Test
        void opensToTheKeyThatWasWrapped() {
            assertOpens(wrapped);
        }

        @Test
        void opensAfterItWasStored() {
            assertOpens(WrappedDek.parse(wrapped.toBytes()));
            assertOpens(WrappedDek.parseText(wrapped.toText()));
        }

        @Test
        void opensWithAnotherProviderOfItsKek() {
            provider.close();
            provider = kms.factory().create(kek.id());
            assertOpens(wrapped);
        }

        @Test
        void opensWithItsKeyContextInAnotherOrder() {
            EncryptionContext same = EncryptionContext.of("zone", ZONE).with("tenant", TENANT);
            try (Dek back = unwrap(wrapped, EncryptionContext.ofDek(KEYCHAIN, id, same))) {
                assertArrayEquals(bytesOf(dek), bytesOf(back));
            }
        }

        @Test
        void namesItsDek() {
            assertEquals(id, wrapped.dekId());
        }

        @Test
        void namesItsKek() {
            assertEquals(kek.id(), wrapped.kekId());
        }

        @Test
        void isAnotherEachTime() {
            assumeFalse(kms.wrapsDeterministically(), "this KMS gives the same wrap each time");
            assertFalse(Arrays.equals(wrapped.wrappedBytes(), wrap(dek).wrappedBytes()), "two wraps of one DEK differ");
        }

        @Test
        void leavesTheCallersDekOpen() {
            assertFalse(dek.isClosed());
        }
    }

    @Nested
    class AnUnwrappedDek {
        @Test
        void hasTheIdOfItsWrap() {
            try (Dek back = unwrap(wrapped)) {
                assertEquals(id, back.id());
            }
        }

        @Test
        void isTheCallersOwn() {
            Dek first = unwrap(wrapped);
            try (Dek second = unwrap(wrapped)) {
                first.close();
                assertFalse(second.isClosed(), "closing one handle leaves the other open");
                assertFalse(dek.isClosed(), "closing it leaves the handle that was wrapped open");
                assertArrayEquals(bytesOf(dek), bytesOf(second));
            }
        }
    }

    @Nested
    class AGeneratedDek {
        @Test
        void comesWithAWrapThatOpensToIt() {
            KeyProvider.Generated generated = generate();
            try (Dek made = generated.dek();
                    Dek back = unwrap(generated.wrapped())) {
                assertArrayEquals(bytesOf(made), bytesOf(back));
            }
        }

        @Test
        void hasTheIdThatWasAskedFor() {
            KeyProvider.Generated generated = generate();
            generated.dek().close();
            assertEquals(id, generated.dek().id());
            assertEquals(id, generated.wrapped().dekId());
        }

        @Test
        void isWrappedUnderThisKek() {
            KeyProvider.Generated generated = generate();
            generated.dek().close();
            assertEquals(kek.id(), generated.wrapped().kekId());
        }

        @Test
        void isNewEachTime() {
            try (Dek first = generate().dek();
                    Dek second = generate().dek()) {
                assertFalse(Arrays.equals(bytesOf(first), bytesOf(second)), "two new DEKs differ");
            }
        }

        @Test
        void isBoundToItsKeyContext() {
            KeyProvider.Generated generated = generate();
            generated.dek().close();
            assertRefused(
                    InvalidWrappedDekException.class,
                    () -> unwrap(generated.wrapped(), EncryptionContext.ofDek(OTHER_KEYCHAIN, id, tenant)));
        }
    }

    @Nested
    class AnotherKeyContext {
        @Test
        void withAPairMoreIsRefused() {
            assertNotOpened(EncryptionContext.ofDek(KEYCHAIN, id, tenant.with("more", "")));
        }

        @Test
        void withAPairLessIsRefused() {
            assertNotOpened(EncryptionContext.ofDek(KEYCHAIN, id, EncryptionContext.of("tenant", TENANT)));
        }

        @Test
        void withAChangedValueIsRefused() {
            assertNotOpened(tenantOf(Map.of("tenant", TENANT + "s", "zone", ZONE)));
            assertNotOpened(tenantOf(Map.of("tenant", TENANT.toUpperCase(Locale.ROOT), "zone", ZONE)));
            assertNotOpened(tenantOf(Map.of("tenant", TENANT, "zone", "x" + ZONE.substring(1))));
            assertNotOpened(tenantOf(Map.of("tenant", TENANT, "zone", ZONE.substring(0, ZONE.length() - 1) + "x")));
        }

        @Test
        void withAChangedKeyIsRefused() {
            assertNotOpened(tenantOf(Map.of("Tenant", TENANT, "zone", ZONE)));
        }

        @Test
        void withItsValuesExchangedIsRefused() {
            assertNotOpened(tenantOf(Map.of("tenant", ZONE, "zone", TENANT)));
        }

        @Test
        void ofAnotherKeychainIsRefused() {
            assertNotOpened(EncryptionContext.ofDek(OTHER_KEYCHAIN, id, tenant));
        }

        @Test
        void ofAnotherDekIsRefused() {
            assertNotOpened(EncryptionContext.ofDek(KEYCHAIN, DekId.random(), tenant));
        }

        @Test
        void ofASealKeyIsRefused() {
            assertNotOpened(EncryptionContext.ofSealKey(KEYCHAIN, id));
        }

        @Test
        void withoutPairsIsRefused() {
            assertNotOpened(EncryptionContext.empty());
        }

        private EncryptionContext tenantOf(Map<String, String> pairs) {
            return EncryptionContext.ofDek(KEYCHAIN, id, EncryptionContext.of(pairs));
        }

        private void assertNotOpened(EncryptionContext other) {
            assertNotEquals(context, other);
            assertRefused(InvalidWrappedDekException.class, () -> unwrap(wrapped, other));
        }
    }
}
