package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.azure.core.exception.HttpResponseException;
import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.models.KeyWrapAlgorithm;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.emulators.AzureFault;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeySpec;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What is particular to Azure, over the wire: calls, versions, states, and kinds of keys. */
class AzureKeyProviderTest extends AzureFixture {
    @Nested
    class TheWire {
        @Test
        void seesOneRequestForEachOperationAndNoneForTheKey() {
            WrappedDek wrapped = wrap(provider);
            assertOpens(provider, wrapped);
            provider.generate(id, context, deadline()).dek().close();
            assertThat(requests()).containsExactly("KeyWrap 200", "KeyUnwrap 200", "KeyWrap 200");
            provider.status(deadline());
            assertThat(requests()).endsWith("KeyGet 200");
        }

        @Test
        void needsNoPermissionButWrapAndUnwrap() {
            vault.emulator.deny(AzureDenial.rbac().on("KeyGet"));
            vault.emulator.deny(AzureDenial.rbac().on("KeyEncrypt"));
            vault.emulator.deny(AzureDenial.rbac().on("KeyDecrypt"));
            assertOpens(provider, wrap(provider));
            assertRevoked(Reason.DENIED, () -> provider.status(deadline()));
        }

        @Test
        void seesTheVersionOfTheWrapAndNeverNoneWhenItUnwraps() {
            assertOpens(provider, wrap(provider));
            assertThat(events())
                    .filteredOn(event -> event.operationName().equals("KeyUnwrap"))
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.keyVersion()).contains(key.version());
                        assertThat(event.path()).isEqualTo("/keys/" + key.name() + "/" + key.version() + "/unwrapkey");
                    });
        }

        @Test
        void seesKeyContextsAsTheProviderThatIsNamedDigestsThem() {
            KeyProvider named = vault.factory().create(EmulatedVault.kekId(key), new NamedProvider());
            assertOpens(named, wrap(named));
            assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrap(named), context, deadline()));
            assertFails(InvalidWrappedDekException.class, () -> named.unwrap(wrap(provider), context, deadline()));
        }

        @Test
        void seesEveryCallOfAClientThatLives() {
            WrappedDek wrapped = wrap(provider);
            assertOpens(provider, wrapped);
            vault.emulator.clearEvents();
            key.disable();
            assertRevoked(Reason.DISABLED, () -> wrap(provider));
            assertRevoked(Reason.DISABLED, () -> provider.unwrap(wrapped, context, deadline()));
            assertThat(requests()).containsExactly("KeyWrap 403", "KeyUnwrap 403");
            key.enable();
            wrap(provider);
            assertOpens(provider, wrapped);
            assertThat(requests()).endsWith("KeyWrap 200", "KeyUnwrap 200");
        }

        /** What {@code disableKeyCaching} is for: this is the client of the SDK as it is by default. */
        @Test
        void doesNotSeeAClientThatKeepsTheKey() {
            CryptographyClient keeping = client(key.id(), false);
            keeping.wrapKey(KeyWrapAlgorithm.RSA_OAEP, new byte[32]);
            assertThat(requests()).contains("KeyGet 200").doesNotContain("KeyWrap 200");
            vault.emulator.clearEvents();
            key.disable();
            keeping.wrapKey(KeyWrapAlgorithm.RSA_OAEP, new byte[32]);
            assertThat(requests()).isEmpty();
        }
    }

    private CryptographyClient client(String keyId, boolean remote) {
        CryptographyClientBuilder builder = AzureKms.tune(new CryptographyClientBuilder())
                .httpClient(EmulatedVault.http(vault.emulator))
                .credential(EmulatedVault.token(vault.emulator))
                .disableChallengeResourceVerification()
                .keyIdentifier(keyId);
        return (remote ? builder.disableKeyCaching() : builder).buildClient();
    }

    @Nested
    class ARotation {
        @Test
        void leavesOldWrapsOpenAndTellsThatTheyNeedARewrap() {
            WrappedDek old = wrap(provider);
            assertThat(old.kekVersion()).isEqualTo(key.version());
            assertThat(provider.status(deadline()).needsRewrap(old)).isFalse();
            key.rotate();
            assertOpens(provider, old);
            KeyProvider.Status status = provider.status(deadline());
            assertThat(status.currentVersion()).contains(key.version());
            assertThat(status.needsRewrap(old)).isTrue();
            WrappedDek next = wrap(provider);
            assertThat(next.kekVersion()).isEqualTo(key.version()).isNotEqualTo(old.kekVersion());
            assertThat(status.needsRewrap(next)).isFalse();
            assertOpens(provider, next);
            assertOpens(provider, old);
        }

        /** What keywrap never does: Azure takes the latest version where none is named, and cannot read what is older. */
        @Test
        void closesOldWrapsToWhoeverUnwrapsWithoutTheirVersion() {
            WrappedDek old = wrap(provider);
            CryptographyClient versionless = client(key.id(), true);
            assertThat(versionless
                            .unwrapKey(KeyWrapAlgorithm.RSA_OAEP_256, old.wrappedBytes())
                            .getKey())
                    .hasSize(64);
            key.rotate();
            assertThatExceptionOfType(HttpResponseException.class)
                    .isThrownBy(() -> versionless.unwrapKey(KeyWrapAlgorithm.RSA_OAEP_256, old.wrappedBytes()))
                    .withMessageContaining("BadParameter");
            assertOpens(provider, old);
        }

        @Test
        void isJudgedVersionByVersion() {
            WrappedDek old = wrap(provider);
            String first = key.version();
            key.rotate();
            WrappedDek next = wrap(provider);
            key.disable(first);
            assertRevoked(Reason.DISABLED, () -> provider.unwrap(old, context, deadline()));
            assertOpens(provider, next);
            key.enable(first);
            key.disable();
            assertOpens(provider, old);
            assertRevoked(Reason.DISABLED, () -> provider.unwrap(next, context, deadline()));
            assertRevoked(Reason.DISABLED, () -> wrap(provider));
        }

        @Test
        void doesNotConcernAKekThatIsNamedWithItsVersion() {
            String first = key.version();
            KeyProvider pinned = vault.factory().create(KekId.of("azure-kms://" + key.versionedId()));
            key.rotate();
            WrappedDek wrapped = wrap(pinned);
            assertThat(wrapped.kekVersion()).isEqualTo(first);
            assertThat(pinned.status(deadline()).currentVersion()).contains(first);
            assertOpens(pinned, wrapped);
            assertFails(
                    InvalidWrappedDekException.class,
                    () -> pinned.unwrap(relabelled(wrapped, key.version()), context, deadline()));
        }
    }

    @Nested
    class AState {
        @Test
        void ofExpiryOrOfTheTimeBeforeForbidsToWrapAndNotToUnwrap() {
            WrappedDek wrapped = wrap(provider);
            Instant now = vault.time().now();
            key.expiresAt(Optional.of(now));
            assertThat(assertRevoked(Reason.EXPIRED, () -> wrap(provider))).hasMessageContaining("has expired");
            assertRevoked(Reason.EXPIRED, () -> provider.status(deadline()));
            assertOpens(provider, wrapped);
            key.expiresAt(Optional.empty());
            key.notBefore(Optional.of(now.plusSeconds(60)));
            assertThat(assertRevoked(Reason.EXPIRED, () -> wrap(provider))).hasMessageContaining("not valid yet");
            assertRevoked(Reason.EXPIRED, () -> provider.status(deadline()));
            assertOpens(provider, wrapped);
            vault.advance(Duration.ofSeconds(61));
            wrap(provider);
            provider.status(deadline());
        }

        @Test
        void ofExpiryIsToldByTheTextIfTheKeyMayNotBeReadAndTheCodeIsUnknown() {
            vault.emulator.deny(AzureDenial.rbac().on("KeyGet"));
            key.expiresAt(Optional.of(vault.time().now()));
            assertRevoked(Reason.EXPIRED, () -> wrap(provider));
        }

        @Test
        void ofDeletionTellsWhenItIsFinal() {
            WrappedDek wrapped = wrap(provider);
            key.softDelete(90);
            KekRevokedException pending =
                    assertRevoked(Reason.PENDING_DELETION, () -> provider.unwrap(wrapped, context, deadline()));
            assertThat(pending.deletion()).isPresent().isEqualTo(key.scheduledPurgeDate());
            assertThat(assertRevoked(Reason.PENDING_DELETION, () -> wrap(provider))
                            .deletion())
                    .isEqualTo(key.scheduledPurgeDate());
            assertRevoked(Reason.PENDING_DELETION, () -> provider.status(deadline()));
            key.recover();
            assertOpens(provider, wrapped);
            key.softDelete();
            key.purge();
            assertThat(assertRevoked(Reason.DELETED, () -> provider.unwrap(wrapped, context, deadline()))
                            .recoverable())
                    .isFalse();
        }

        @Test
        void ofDeletionIsNeverCalledFinalIfAzureDoesNotLetUsAsk() {
            WrappedDek wrapped = wrap(provider);
            vault.emulator.deny(AzureDenial.rbac().on("KeyGetDeleted"));
            key.softDelete();
            KekRevokedException deleted =
                    assertRevoked(Reason.PENDING_DELETION, () -> provider.unwrap(wrapped, context, deadline()));
            assertThat(deleted.recoverable()).isTrue();
            assertThat(deleted.deletion()).isEmpty();
            key.purge();
            assertRevoked(Reason.PENDING_DELETION, () -> provider.unwrap(wrapped, context, deadline()));
        }

        @Test
        void ofAKeyThatWasNeverSeenIsNotFound() {
            KeyProvider nowhere = vault.factory().create(vault.unknownKek());
            assertFails(KekNotFoundException.class, () -> wrap(nowhere));
            assertFails(KekNotFoundException.class, () -> nowhere.status(deadline()));
        }

        @Test
        void ofAKeyThatWasMadeAgainUnderItsNameIsJudgedVersionByVersion() {
            WrappedDek wrapped = wrap(provider);
            String name = key.name();
            key.softDelete();
            key.purge();
            vault.emulator.createKey(AzureKeySpec.rsa(2048).named(name));
            assertRevoked(Reason.DELETED, () -> provider.unwrap(wrapped, context, deadline()));
            assertOpens(provider, wrap(provider));
            KeyProvider later = vault.factory().create(provider.kekId());
            assertFails(InvalidWrappedDekException.class, () -> later.unwrap(wrapped, context, deadline()));
        }

        @Test
        void isNotWaitedForLongAfterARefusal() {
            WrappedDek wrapped = wrap(provider);
            key.softDelete();
            vault.emulator.injectAlways(AzureFault.slow(Duration.ofHours(1)).on("KeyGetDeleted"));
            long before = System.nanoTime();
            assertRevoked(Reason.PENDING_DELETION, () -> provider.unwrap(wrapped, context, deadline()));
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMillis(3500));
        }
    }

    @Nested
    class TheKindOfAKey {
        private final AzureKey aes = vault.emulator.createKey(AzureKeySpec.octHsm());

        @Test
        void isThatOfTheConfigurationAndNeverThatOfAWrap() {
            KeyProvider asAes = EmulatedVault.builder(vault.emulator, vault.time())
                    .credential(EmulatedVault.token(vault.emulator))
                    .aesKeys(url -> url.name().equals(aes.name()))
                    .build()
                    .create(EmulatedVault.kekId(aes));
            WrappedDek wrapped = wrap(asAes);
            assertThat(wrapped.algorithm()).isEqualTo("A256KW");
            assertThat(wrap(provider).algorithm()).isEqualTo("RSA-OAEP-256");
            assertOpens(asAes, wrapped);
            KeyProvider asRsa = vault.factory().create(EmulatedVault.kekId(aes));
            vault.emulator.clearEvents();
            assertFails(InvalidWrappedDekException.class, () -> asRsa.unwrap(wrapped, context, deadline()));
            assertThat(events()).isEmpty();
        }

        @Test
        void isToldByTheStatusIfItIsNotThatOfTheKey() {
            KeyProvider asRsa = vault.factory().create(EmulatedVault.kekId(aes));
            assertFails(KekConfigurationException.class, () -> wrap(asRsa));
            assertFails(KekConfigurationException.class, () -> asRsa.status(deadline()));
        }
    }

    @Test
    void aKekIdInAnotherFormIsTheSameKey() {
        WrappedDek wrapped = wrap(provider);
        KekId upper = KekId.of("azure-kms://" + key.id().replace("localhost", "LOCALHOST") + "/");
        assertOpens(vault.factory().create(upper), wrapped);
        assertThat(wrap(vault.factory().create(upper)).kekId()).isEqualTo(upper);
    }
}
