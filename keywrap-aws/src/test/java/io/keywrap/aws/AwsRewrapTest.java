package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AwsExternalKeyFailure;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.ServerSideRewrap;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Re-wraps inside of AWS KMS. */
class AwsRewrapTest extends AwsFixture {
    @Nested
    class AReWrap {
        private final AwsKmsKey target = kms.emulator.createKey();
        private final KekId targetId = EmulatedKms.kekId(target.arn());
        private final ServerSideRewrap rewrapping = (ServerSideRewrap) provider;

        @Test
        void movesADekToAnotherKey() {
            WrappedDek wrapped = wrap(provider);
            kms.emulator.clearEvents();
            WrappedDek moved = rewrapping.rewrap(wrapped, targetId, context, deadline());
            assertThat(kms.emulator.events()).hasSize(1);
            assertThat(moved.kekId()).isEqualTo(targetId);
            assertThat(moved.kekVersion()).isEqualTo(target.currentKeyMaterialId());
            key.disable();
            assertOpens(provider(target.arn()), moved);
        }

        @Test
        void toTheSameKeyUsesItsCurrentMaterial() {
            KeyProvider.Generated generated = provider.generate(id, context, deadline());
            generated.dek().close();
            key.rotate();
            assertThat(provider.status(deadline()).needsRewrap(generated.wrapped()))
                    .isTrue();
            WrappedDek moved = rewrapping.rewrap(generated.wrapped(), provider.kekId(), context, deadline());
            assertThat(provider.status(deadline()).needsRewrap(moved)).isFalse();
            provider.unwrap(moved, context, deadline()).close();
        }

        @Test
        void goesFromAnAliasToItsKeyAndBack() {
            KeyProvider byAlias = provider(key.alias("acme"));
            WrappedDek wrapped = wrap(byAlias);
            WrappedDek direct = ((ServerSideRewrap) byAlias).rewrap(wrapped, provider.kekId(), context, deadline());
            assertOpens(provider, direct);
            assertOpens(byAlias, rewrapping.rewrap(direct, byAlias.kekId(), context, deadline()));
        }

        @Test
        void refusesAnotherKeyContext() {
            WrappedDek wrapped = wrap(provider);
            EncryptionContext other = EncryptionContext.ofDek("another", id, EncryptionContext.empty());
            assertFails(
                    InvalidWrappedDekException.class, () -> rewrapping.rewrap(wrapped, targetId, other, deadline()));
        }

        @Test
        void saysWhichOfTheTwoKeysIsDisabled() {
            WrappedDek wrapped = wrap(provider);
            target.disable();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> rewrapping.rewrap(wrapped, targetId, context, deadline()))
                    .satisfies(e -> assertThat(e.kekId()).contains(targetId));
            target.enable();
            key.disable();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> rewrapping.rewrap(wrapped, targetId, context, deadline()))
                    .satisfies(e -> assertThat(e.kekId()).contains(provider.kekId()));
        }

        @Test
        void neverTellsTheOldKeyToBeDisabledForTheOneBehindTheAliasOfTheNew() {
            KekId alias = EmulatedKms.kekId(target.alias("acme"));
            WrappedDek wrapped = wrap(provider);
            target.disable();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> rewrapping.rewrap(wrapped, alias, context, deadline()))
                    .satisfies(e -> assertThat(e.kekId()).contains(alias));
        }

        @Test
        void tellsOfTheOldKeyWhereBothAreInExternalKeyStores() {
            AwsKmsKey external = kms.emulator.createKey(AwsKeySpec.symmetric().withOrigin("EXTERNAL_KEY_STORE"));
            KeyProvider old = provider(external.arn());
            WrappedDek wrapped = wrap(old);
            external.externalKeyFailure(Optional.of(AwsExternalKeyFailure.NOT_ENABLED));
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> ((ServerSideRewrap) old).rewrap(wrapped, targetId, context, deadline()))
                    .satisfies(e -> assertThat(e.kekId()).contains(old.kekId()));
        }

        @Test
        void tellsOfTheNewKeyWhereAWordlessRefusalCannotBeOfTheOld() {
            WrappedDek wrapped = wrap(provider);
            target.disable();
            kms.emulator.injectAlways(
                    AwsFault.error(400, "DisabledException", "").on("ReEncrypt"));
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> rewrapping.rewrap(wrapped, targetId, context, deadline()))
                    .satisfies(e -> assertThat(e.kekId()).contains(targetId));
        }

        @Test
        void looksAtTheOldKeyOnceEvenIfThatFails() {
            WrappedDek wrapped = wrap(provider);
            kms.emulator.injectAlways(
                    AwsFault.error(400, "KMSInvalidStateException", "").on("ReEncrypt"));
            kms.emulator.injectAlways(
                    AwsFault.error(400, "ValidationException", "").on("DescribeKey"));
            kms.emulator.clearEvents();
            assertFails(KekUnreachableException.class, () -> rewrapping.rewrap(wrapped, targetId, context, deadline()));
            assertThat(kms.emulator.events())
                    .extracting(CloudTrailEvent::eventName)
                    .containsExactly("ReEncrypt", "DescribeKey");
        }

        @Test
        void staysInOneRegionAndPartition() {
            assertThat(rewrapping.supports(targetId)).isTrue();
            assertThat(rewrapping.supports(provider.kekId())).isTrue();
            assertThat(rewrapping.supports(EmulatedKms.kekId(target.arn().replace("eu-west-1", "us-east-1"))))
                    .isFalse();
            assertThat(rewrapping.supports(KekId.of("keystore:main#a"))).isFalse();
            assertThat(rewrapping.supports(KekId.of("aws-kms://nonsense"))).isFalse();
            WrappedDek wrapped = wrap(provider);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rewrapping.rewrap(wrapped, KekId.of("keystore:main#a"), context, deadline()));
        }

        @Test
        void distrustsTheAnswer() {
            WrappedDek wrapped = wrap(provider);
            kms.emulator.injectAlways(AwsFault.wrongField("KeyId", key.arn()));
            assertFails(
                    InvalidWrappedDekException.class, () -> rewrapping.rewrap(wrapped, targetId, context, deadline()));
            kms.emulator.recover();
            kms.emulator.injectAlways(AwsFault.wrongField("SourceKeyId", target.arn()));
            assertFails(
                    InvalidWrappedDekException.class, () -> rewrapping.rewrap(wrapped, targetId, context, deadline()));
        }
    }
}
