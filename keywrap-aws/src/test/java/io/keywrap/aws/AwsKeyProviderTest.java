package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AwsExternalKeyFailure;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKeyState;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is particular to AWS, over the wire: calls, versions, states and texts, and answers not to be trusted. */
class AwsKeyProviderTest extends AwsFixture {
    @Nested
    class TheWire {
        @Test
        void seesTheKeyPinnedAndTheContextAsPairs() {
            WrappedDek wrapped = wrap(provider);
            kms.emulator.clearEvents();
            assertOpens(provider, wrapped);
            assertThat(kms.emulator.events()).singleElement().satisfies(event -> {
                assertThat(event.eventName()).isEqualTo("Decrypt");
                assertThat(event.keyId()).contains(key.arn());
                assertThat(event.encryptionContext()).isEqualTo(context.asMap());
            });
        }

        @Test
        void seesOneCallForEachOperation() {
            kms.emulator.clearEvents();
            WrappedDek wrapped = wrap(provider);
            provider.unwrap(wrapped, context, deadline()).close();
            provider.generate(id, context, deadline()).dek().close();
            provider.status(deadline());
            assertThat(kms.emulator.events())
                    .extracting(CloudTrailEvent::eventName)
                    .containsExactly("Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey");
        }
    }

    @Nested
    class TheVersion {
        @Test
        void isTheKeyMaterialOfAGeneratedDek() {
            KeyProvider.Generated generated = provider.generate(id, context, deadline());
            generated.dek().close();
            assertThat(generated.wrapped().kekVersion()).isEqualTo(key.currentKeyMaterialId());
            assertThat(provider.status(deadline()).currentVersion()).contains(key.currentKeyMaterialId());
        }

        @Test
        void isNotToldByEncrypt() {
            assertThat(wrap(provider).kekVersion()).isEmpty();
        }
    }

    @Nested
    class AnAnswer {
        @Test
        void ofAnotherKeyIsRefused() {
            WrappedDek wrapped = wrap(provider);
            for (String other : List.of(
                    kms.emulator.createKey().arn(), key.keyId(), key.arn().replace("eu-west-1", "us-east-1"))) {
                kms.emulator.injectAlways(AwsFault.wrongField("KeyId", other));
                assertFails(InvalidWrappedDekException.class, () -> wrap(provider));
                assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, context, deadline()));
                assertFails(InvalidWrappedDekException.class, () -> provider.generate(id, context, deadline()));
                kms.emulator.recover();
            }
        }

        @Test
        void withAKeyOfAnotherLengthIsRefused() {
            WrappedDek wrapped = wrap(provider);
            kms.emulator.injectAlways(AwsFault.wrongField("Plaintext", "c2hvcnQ="));
            assertFails(InvalidWrappedDekException.class, () -> provider.unwrap(wrapped, context, deadline()));
            assertFails(InvalidWrappedDekException.class, () -> provider.generate(id, context, deadline()));
        }

        @Test
        void thatTellsNothingIsAnOutage() {
            WrappedDek wrapped = wrap(provider);
            for (String body : List.of("", "{}", "<html>proxy</html>", "{\"KeyId\":")) {
                kms.emulator.injectAlways(AwsFault.answer(200, body));
                assertFails(KekUnreachableException.class, () -> provider.unwrap(wrapped, context, deadline()));
                assertFails(KekUnreachableException.class, () -> provider.generate(id, context, deadline()));
                assertFails(KekUnreachableException.class, () -> wrap(provider));
                assertFails(KekUnreachableException.class, () -> provider.status(deadline()));
                kms.emulator.recover();
            }
        }

        @Test
        void thatIsCutIsAnOutage() {
            WrappedDek wrapped = wrap(provider);
            for (AwsFault fault : List.of(AwsFault.cut(), AwsFault.truncated())) {
                kms.emulator.injectAlways(fault);
                assertFails(KekUnreachableException.class, () -> provider.unwrap(wrapped, context, deadline()));
                kms.emulator.recover();
            }
        }
    }

    @Nested
    class AState {
        @ParameterizedTest
        @EnumSource(AwsKeyState.class)
        void isToldByUnwrapAndStatusAlike(AwsKeyState state) {
            WrappedDek wrapped = wrap(provider);
            key.set(state);
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> provider.unwrap(wrapped, context, deadline()).close(), () -> provider.status(deadline()))) {
                switch (state) {
                    case ENABLED, UPDATING -> assertThatCode(call).doesNotThrowAnyException();
                    case CREATING -> assertFails(KekUnreachableException.class, call);
                    case DISABLED -> assertRevoked(Reason.DISABLED, call);
                    case PENDING_DELETION, PENDING_REPLICA_DELETION -> assertRevoked(Reason.PENDING_DELETION, call);
                    default -> assertRevoked(Reason.UNAVAILABLE_BY_CUSTOMER, call);
                }
            }
        }

        @Test
        void ofPendingDeletionTellsItsDateWhicheverCodeAwsTakes() {
            WrappedDek wrapped = wrap(provider);
            key.scheduleDeletion(Duration.ofDays(7));
            for (boolean asDisabled : List.of(true, false)) {
                key.answerPendingDeletionAsDisabled(asDisabled);
                KekRevokedException pending =
                        assertRevoked(Reason.PENDING_DELETION, () -> provider.unwrap(wrapped, context, deadline()));
                assertThat(pending.deletion()).isEqualTo(key.deletionDate());
            }
        }

        @Test
        void ofAnotherKeyIsNotBelieved() {
            WrappedDek wrapped = wrap(provider);
            key.disable();
            String other = "{\"KeyMetadata\":{\"KeyId\":\"x\",\"Arn\":\"" + key.arn()
                    + "0\",\"KeyState\":\"PendingDeletion\"}}";
            kms.emulator.injectAlways(AwsFault.answer(200, other).on("DescribeKey"));
            assertRevoked(Reason.DISABLED, () -> provider.unwrap(wrapped, context, deadline()));
        }

        @Test
        void isNotWaitedForLongAfterARefusal() {
            WrappedDek wrapped = wrap(provider);
            key.disable();
            kms.emulator.injectAlways(AwsFault.slow(Duration.ofHours(1)).on("DescribeKey"));
            long before = System.nanoTime();
            assertRevoked(Reason.DISABLED, () -> provider.unwrap(wrapped, context, deadline()));
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMillis(3500));
        }

        @ParameterizedTest
        @EnumSource(AwsExternalKeyFailure.class)
        void ofAnExternalKeyStoreIsToldByItsText(AwsExternalKeyFailure failure) {
            WrappedDek wrapped = wrap(provider);
            key.externalKeyFailure(Optional.of(failure));
            ThrowingCallable call = () -> provider.unwrap(wrapped, context, deadline());
            switch (failure) {
                case NOT_ENABLED, NOT_FOUND, ACCESS_DENIED, NOT_SUPPORTED ->
                    assertRevoked(Reason.UNAVAILABLE_BY_CUSTOMER, call);
                case CIPHERTEXT_INVALID -> assertFails(InvalidWrappedDekException.class, call);
                case THROTTLED -> assertFails(KekThrottledException.class, call);
                default -> assertFails(KekUnreachableException.class, call);
            }
        }

        @Test
        void ofAnotherKindOfKeyIsOurOwnMistake() {
            AwsKmsKey rsa = kms.emulator.createKey(AwsKeySpec.symmetric().withSpec("RSA_2048"));
            assertFails(KekConfigurationException.class, () -> wrap(provider(rsa.arn())));
            assertFails(
                    KekConfigurationException.class, () -> provider(rsa.arn()).status(deadline()));
        }
    }

    @Nested
    class AKeyOfAnotherAccount {
        private final AwsKmsKey theirs =
                kms.emulator.createKey(AwsKeySpec.symmetric().inAccount(OTHER_ACCOUNT));
        private final KeyProvider cross = provider(theirs.arn());

        @Test
        void isDeniedUntilItsOwnerAllowsIt() {
            assertRevoked(Reason.DENIED, () -> wrap(cross));
            theirs.policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
                    + "\"arn:aws:iam::" + kms.emulator.account()
                    + ":root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}");
            assertOpens(cross, wrap(cross));
        }

        @Test
        void thatWasDeletedLooksLikeADenial() {
            theirs.delete();
            assertRevoked(Reason.DENIED, () -> wrap(cross));
        }
    }
}
