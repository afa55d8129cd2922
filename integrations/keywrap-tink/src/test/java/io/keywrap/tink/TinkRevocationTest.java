package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.crypto.tink.Aead;
import io.keywrap.DekLease;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.FaultPlan;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What Tink's calls do when the customer withdraws the KEK, gives it back, or the KMS is out of reach. */
class TinkRevocationTest extends TinkFixture {
    /** Until a DEK in use is proven again, and so the bound. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private void pass(Duration duration) {
        keywrap.time().advance(duration);
    }

    @Test
    void aDisabledKekIsNoticedAtTheDeadlineAtTheLatest() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        keywrap.kek().disable();
        pass(DEADLINE);
        KekRevokedException refusal =
                assertFails(KekRevokedException.class, () -> aead.decrypt(ciphertext, ASSOCIATED));
        assertThat(refusal.reason()).isEqualTo(Reason.DISABLED);
        assertFails(KekRevokedException.class, () -> aead.encrypt(DATA, ASSOCIATED));
    }

    /** A use begins to prove the DEK again; here in the same thread, so that it hears of the answer itself. */
    @Test
    void whileItIsUsedItIsNoticedBefore() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        keywrap.kek().disable();
        pass(DEADLINE.multipliedBy(9).dividedBy(10));
        assertFails(KekRevokedException.class, () -> aead.decrypt(ciphertext, ASSOCIATED));
    }

    @Test
    void onceItIsEnabledEverythingWorksAgain() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        keywrap.kek().disable();
        pass(DEADLINE);
        assertFails(KekRevokedException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        keywrap.kek().enable();
        pass(KekDeks.REFUSED_FOR);
        assertThat(aead.decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
        assertThat(aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED)).isEqualTo(DATA);
    }

    /** A refusal that is repeated from memory is not remembered anew: the bound is counted from the answer of the KMS. */
    @Test
    void onceItIsEnabledACallInBetweenMakesNothingLonger() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        keywrap.kek().disable();
        pass(DEADLINE);
        assertFails(KekRevokedException.class, () -> aead.decrypt(ciphertext, ASSOCIATED));
        pass(Duration.ofMillis(100));
        keywrap.kek().enable();
        pass(Duration.ofMillis(4_800));
        assertFails(KekRevokedException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        pass(Duration.ofMillis(200));
        assertThat(aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED)).isEqualTo(DATA);
    }

    /** The first call of a client that has no DEK yet, after others have heard the refusal. */
    @Test
    void onceItIsEnabledAClientWithoutADekWaitsNoLongerThanOthers() throws Exception {
        byte[] ciphertext = aead().encrypt(DATA, ASSOCIATED);
        Aead second = aead(KeywrapKmsClient.of(keywrap.providers()));
        keywrap.kek().disable();
        pass(DEADLINE);
        assertFails(KekRevokedException.class, () -> aead().decrypt(ciphertext, ASSOCIATED));
        keywrap.kek().enable();
        pass(Duration.ofMillis(4_900));
        assertFails(KekRevokedException.class, () -> second.encrypt(DATA, ASSOCIATED));
        pass(Duration.ofMillis(100));
        assertThat(second.decrypt(second.encrypt(DATA, ASSOCIATED), ASSOCIATED)).isEqualTo(DATA);
    }

    @Test
    void aKekThatRefusesIsNotAskedAtEveryCall() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        keywrap.kek().disable();
        pass(DEADLINE);
        int calls = keywrap.kek().calls();
        for (int i = 0; i < 1_000; i++) {
            assertFails(KekRevokedException.class, () -> aead.encrypt(DATA, ASSOCIATED));
            assertFails(KekRevokedException.class, () -> aead.decrypt(ciphertext, ASSOCIATED));
        }
        assertThat(keywrap.kek().calls() - calls).isLessThanOrEqualTo(2);
    }

    /** Each version can be disabled by itself; here the KEK is given back with another one. */
    @Test
    void whatRefusedOneDekMayMakeAnother() throws Exception {
        Aead aead = aead();
        aead.encrypt(DATA, ASSOCIATED);
        pass(DEADLINE);
        keywrap.kek().faults(FaultPlan.ofUnwraps().deny(1));
        assertThat(aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED)).isEqualTo(DATA);
        assertThat(keywrap.kek().generates()).isEqualTo(2);
    }

    @Test
    void whereTheNewDekFailsForAWhileTheRefusalOfTheOldOneIsTold() throws Exception {
        Aead aead = aead();
        aead.encrypt(DATA, ASSOCIATED);
        pass(DEADLINE);
        keywrap.kek().faults(FaultPlan.ofUnwraps().deny(1));
        keywrap.kek().faults(FaultPlan.ofGenerates().unreachable(100));
        KekRevokedException refusal = assertFails(KekRevokedException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        assertThat(refusal.reason()).isEqualTo(Reason.DENIED);
    }

    @Test
    void anOutageIsNeitherARevocationNorRemembered() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        keywrap.kek().unreachable();
        assertThat(aead.decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
        pass(DEADLINE);
        assertFails(KekUnreachableException.class, () -> aead.decrypt(ciphertext, ASSOCIATED));
        assertFails(KekUnreachableException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        keywrap.kek().recover();
        byte[] after = aead.encrypt(DATA, ASSOCIATED);
        assertThat(Header.parse(after).wrapped())
                .isEqualTo(Header.parse(ciphertext).wrapped());
    }

    @Test
    void whatFailsBeforeThereIsADekIsToldAsWell() throws Exception {
        Aead aead = aead();
        keywrap.kek().unreachable();
        assertFails(KekUnreachableException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        keywrap.kek().recover();
        keywrap.kek().misconfigure();
        assertFails(KekConfigurationException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        keywrap.kek().recover();
        assertFails(KekConfigurationException.class, () -> aead.encrypt(DATA, ASSOCIATED));
        pass(KekDeks.REFUSED_FOR);
        assertThat(aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED)).isEqualTo(DATA);
    }

    /** Its wrap would never open what was encrypted under the key that it gave. */
    @Test
    void nothingIsEncryptedUnderADekWhoseWrapOpensToAnother() throws Exception {
        keywrap.kek().faults(FaultPlan.ofUnwraps().answerWithAnotherDek());
        assertFails(InvalidWrappedDekException.class, () -> aead().encrypt(DATA, ASSOCIATED));
    }

    @Test
    void nothingIsEncryptedUnderADekThatTheKekDoesNotUnwrap() throws Exception {
        keywrap.kek().faults(FaultPlan.ofUnwraps().deny(10));
        assertFails(KekRevokedException.class, () -> aead().encrypt(DATA, ASSOCIATED));
    }

    @Test
    void afterCloseNothingIsDoneAndTheProvidersGoOn() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        client.close();
        client.close();
        assertThatIllegalStateException().isThrownBy(() -> aead.encrypt(DATA, ASSOCIATED));
        assertThatIllegalStateException().isThrownBy(() -> aead.decrypt(ciphertext, ASSOCIATED));
        assertThatIllegalStateException().isThrownBy(this::aead);
        Aead other = aead(KeywrapKmsClient.of(keywrap.providers()));
        assertThat(other.decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
    }

    /** Whoever calls Tink expects what it declares, from all that the owner of the client has not closed. */
    @Test
    void afterTheProvidersWereClosedCallsFailAsTinkDeclares() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        keywrap.providers().close();
        List<ThrowingCallable> calls =
                List.of(() -> aead.encrypt(DATA, ASSOCIATED), () -> aead.decrypt(ciphertext, ASSOCIATED), this::aead);
        assertThat(calls)
                .allSatisfy(call -> assertThatExceptionOfType(GeneralSecurityException.class)
                        .isThrownBy(call)
                        .withMessageContaining("KEK memory:customer")
                        .withMessageContaining(
                                "the providers were closed; to do: close KeyProviders after all that use them")
                        .withCauseExactlyInstanceOf(IllegalStateException.class));
        client.close();
        assertThatIllegalStateException().isThrownBy(() -> aead.encrypt(DATA, ASSOCIATED));
    }

    /** Whoever has closed nothing is not told to close it later. */
    @Test
    void whatElseIsInNoStateToWorkIsToldAsItIs() throws Exception {
        byte[] ciphertext = aead().encrypt(DATA, ASSOCIATED);
        Consumer<DekLease> observer = lease -> {
            throw new IllegalStateException("the observer does not work");
        };
        try (KeyProviders observed = KeyProviders.builder()
                .register(keywrap.kms())
                .time(keywrap.time())
                .onLease(observer)
                .build()) {
            Aead aead = aead(KeywrapKmsClient.of(observed));
            List<ThrowingCallable> calls =
                    List.of(() -> aead.encrypt(DATA, ASSOCIATED), () -> aead.decrypt(ciphertext, ASSOCIATED));
            assertThat(calls)
                    .allSatisfy(call -> assertThatExceptionOfType(GeneralSecurityException.class)
                            .isThrownBy(call)
                            .withMessageContaining(
                                    "KEK memory:customer: the observer does not work; to do: see the cause")
                            .withMessageNotContaining("close")
                            .withCauseExactlyInstanceOf(IllegalStateException.class));
        }
    }

    @Test
    void noMessageTellsDataOrAssociatedData() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        List<String> messages = new ArrayList<>();
        collect(messages, () -> aead.decrypt(ciphertext, DATA));
        keywrap.kek().disable();
        pass(DEADLINE);
        collect(messages, () -> aead.decrypt(ciphertext, ASSOCIATED));
        collect(messages, () -> aead.encrypt(DATA, ASSOCIATED));
        assertThat(messages)
                .hasSize(3)
                .allSatisfy(message -> assertThat(message).doesNotContain("accounts.csv", "id,name"));
    }

    private static void collect(List<String> messages, Callable<?> call) {
        try {
            call.call();
        } catch (Exception e) {
            messages.add(e + " " + e.getCause());
        }
    }
}
