package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.GcpAuditEvent;
import io.keywrap.emulators.GcpKmsKeyVersion;
import io.keywrap.emulators.GcpVersionState;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** States are those of versions: of the primary for new wraps, of its own for each old one. */
class GcpVersionsTest extends GcpFixture {
    @Nested
    class TheVersionOfAWrap {
        @Test
        void isTheNumberThatGoogleTells() {
            assertThat(wrap(provider).kekVersion()).isEqualTo("1");
            key.rotate();
            assertThat(wrap(provider).kekVersion()).isEqualTo("2");
        }

        @Test
        void isTheSignalForARewrapTogetherWithTheStatus() {
            WrappedDek old = wrap(provider);
            key.rotate();
            Status status = provider.status(deadline());
            assertThat(status.currentVersion()).contains("2");
            assertThat(status.needsRewrap(old)).isTrue();
            assertThat(status.needsRewrap(wrap(provider))).isFalse();
        }
    }

    @Nested
    class ADisabledPrimary {
        private final WrappedDek old = wrap(provider);

        ADisabledPrimary() {
            key.rotate().disable();
        }

        @Test
        void wrapsNothingAndSaysWhichVersionItIs() {
            KekRevokedException refusal = assertRevoked(Reason.DISABLED, () -> wrap(provider));
            assertThat(refusal).hasMessageContaining("version 2 of the key is disabled");
            assertThat(refusal.rawCode()).contains("FAILED_PRECONDITION/KEY_DISABLED");
        }

        @Test
        void isToldByTheStatusToo() {
            KekRevokedException refusal = assertRevoked(Reason.DISABLED, () -> provider.status(deadline()));
            assertThat(refusal).hasMessageContaining("version 2 of the key is disabled");
        }

        @Test
        void leavesWhatOlderVersionsHaveWrapped() {
            assertOpens(provider, old);
        }

        @Test
        void isNoMatterOnceAnotherVersionIsPrimary() {
            key.setPrimary(1);
            assertThat(wrap(provider).kekVersion()).isEqualTo("1");
        }
    }

    @Nested
    class ADisabledOldVersion {
        @Test
        void unwrapsNothingAndLeavesWhatNewerOnesHaveWrapped() {
            WrappedDek old = wrap(provider);
            key.rotate();
            WrappedDek young = wrap(provider);
            key.version(1).disable();
            assertThat(assertRevoked(Reason.DISABLED, () -> unwrap(old)))
                    .hasMessageContaining("version 1 of the key is disabled");
            assertOpens(provider, young);
            assertThat(provider.status(deadline()).needsRewrap(old)).isTrue();
            key.version(1).enable();
            assertOpens(provider, old);
        }

        /** Google does not look at what a wrap claims, so whoever may change that would have any version taken for disabled. */
        @Test
        void isNoVerdictOnTheVersionThatAWrapClaims() {
            WrappedDek old = wrap(provider);
            key.rotate();
            key.version(1).disable();
            WrappedDek changed = WrappedDek.builder(old.dekId(), old.kekId())
                    .kekVersion("2")
                    .build(old.algorithm(), old.wrappedBytes());
            assertThatThrownBy(() -> unwrap(changed))
                    .isInstanceOf(InvalidWrappedDekException.class)
                    .hasMessageContaining("is of version 1 of the key and claims another");
        }
    }

    /** Through the whole stack, with DEKs that are kept. */
    @Nested
    class InTheCache {
        private final KeyProviders providers = KeyProviders.builder()
                .register(GcpKms.factory(name -> kms.client))
                .time(kms.time)
                .build();
        private final Keychains keychains = Keychains.builder(new InMemoryKeychainStore(), providers)
                .seal(KeychainSeal.wrappedBy(
                        EmulatedKms.kekId(kms.emulator.createKey().name())))
                .build();
        private final Keychain first = made("first");

        private Keychain made(String id) {
            return keychains.create(id, spec -> spec.control(EmulatedKms.kekId(key.name())));
        }

        @Test
        void aDisabledPrimaryEndsNothingThatAnOlderVersionHasWrapped() {
            use(first);
            GcpKmsKeyVersion primary = key.rotate();
            primary.disable();
            assertThatThrownBy(() -> made("second"))
                    .isInstanceOfSatisfying(
                            KekRevokedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.DISABLED))
                    .hasMessageContaining("version 2");
            int calls = kms.emulator.requests("Decrypt");
            use(first);
            assertThat(kms.emulator.requests("Decrypt")).as("it is still kept").isEqualTo(calls);
            kms.advance(Duration.ofMinutes(6));
            use(first);
            primary.enable();
            use(made("second"));
        }

        @Test
        void aDisabledOldVersionEndsItsOwnAlone() {
            use(first);
            key.rotate();
            Keychain second = made("second");
            use(second);
            key.version(1).disable();
            kms.advance(Duration.ofMinutes(6));
            assertThatThrownBy(() -> use(first))
                    .isInstanceOf(KekRevokedException.class)
                    .hasMessageContaining("version 1");
            use(second);
            key.version(1).enable();
            kms.advance(Duration.ofMinutes(1));
            use(first);
        }

        private void use(Keychain keychain) {
            keychain.primary().close();
        }
    }

    @Nested
    class ADestructionThatIsScheduled {
        @Test
        void isToldWithItsDateByEveryCall() {
            WrappedDek wrapped = wrap(provider);
            key.primary().scheduleDestroy();
            Optional<java.time.Instant> date = key.primary().destroyTime();
            assertThat(assertRevoked(Reason.PENDING_DELETION, () -> unwrap(wrapped))
                            .deletion())
                    .isEqualTo(date);
            assertThat(assertRevoked(Reason.PENDING_DELETION, () -> wrap(provider))
                            .deletion())
                    .isEqualTo(date);
            assertThat(assertRevoked(Reason.PENDING_DELETION, () -> provider.status(deadline()))
                            .deletion())
                    .isEqualTo(date);
        }

        @Test
        void isToldWithoutItsDateToWhoMayNotLook() {
            WrappedDek wrapped = wrap(provider);
            key.primary().scheduleDestroy();
            key.deny("cloudkms.cryptoKeyVersions.get");
            assertThat(assertRevoked(Reason.PENDING_DELETION, () -> unwrap(wrapped))
                            .deletion())
                    .isEmpty();
        }

        @Test
        void isTheOneReasonToLookASecondTime() {
            WrappedDek wrapped = wrap(provider);
            key.primary().disable();
            assertRevoked(Reason.DISABLED, () -> unwrap(wrapped));
            key.primary().destroyNow();
            assertRevoked(Reason.DELETED, () -> unwrap(wrapped));
            assertThat(kms.emulator.events()).extracting(GcpAuditEvent::method).doesNotContain("GetCryptoKeyVersion");
        }

        @Test
        void leavesTheVersionDisabledWhenItIsRestored() {
            WrappedDek wrapped = wrap(provider);
            key.primary().scheduleDestroy();
            key.primary().restore();
            assertRevoked(Reason.DISABLED, () -> unwrap(wrapped));
            assertThat(key.primary().state()).isEqualTo(GcpVersionState.DISABLED);
        }
    }

    private void unwrap(WrappedDek wrapped) {
        provider.unwrap(wrapped, context, deadline()).close();
    }
}
