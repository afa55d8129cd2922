package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AzureFault;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * While Azure deletes or recovers a key, which takes seconds, it is found neither among the keys nor among the deleted ones. That
 * looks like a purge, and must not be called one.
 */
class AzureDeletionTest extends AzureFixture {
    private final KeyProvider careful = EmulatedVault.builder(vault.emulator, vault.time())
            .credential(EmulatedVault.token(vault.emulator))
            .build()
            .create(EmulatedVault.kekId(key));

    /** The key is deleted, and not yet among the deleted ones. */
    private void beingDeleted() {
        key.softDelete();
        vault.emulator.injectAlways(AzureFault.error(404, "KeyNotFound", "", "Deleted Key not found")
                .on("KeyGetDeleted"));
    }

    @Test
    void thatIsUnderWayIsNotCalledFinal() {
        WrappedDek wrapped = wrap(careful);
        assertOpens(careful, wrapped);
        beingDeleted();
        for (int seconds = 0; seconds < 540; seconds += 90) {
            assertThat(assertRevoked(Reason.PENDING_DELETION, () -> careful.unwrap(wrapped, context, deadline())))
                    .matches(e -> e.recoverable() && e.deletion().isEmpty());
            assertRevoked(Reason.PENDING_DELETION, () -> wrap(careful));
            assertRevoked(Reason.PENDING_DELETION, () -> careful.status(deadline()));
            vault.advance(Duration.ofSeconds(90));
        }
        vault.emulator.recover();
        assertThat(assertRevoked(Reason.PENDING_DELETION, () -> careful.unwrap(wrapped, context, deadline()))
                        .deletion())
                .isEqualTo(key.scheduledPurgeDate());
    }

    @Test
    void thatLastsIsCalledFinal() {
        WrappedDek wrapped = wrap(careful);
        key.softDelete();
        key.purge();
        assertRevoked(Reason.PENDING_DELETION, () -> careful.unwrap(wrapped, context, deadline()));
        vault.advance(MissingKeys.SETTLED);
        assertRevoked(Reason.DELETED, () -> careful.unwrap(wrapped, context, deadline()));
        assertRevoked(Reason.DELETED, () -> wrap(careful));
    }

    @Test
    void isCalledFinalOnlyIfItLastsFromThenOn() {
        WrappedDek wrapped = wrap(careful);
        beingDeleted();
        assertRevoked(Reason.PENDING_DELETION, () -> careful.unwrap(wrapped, context, deadline()));
        vault.emulator.recover();
        key.recover();
        assertOpens(careful, wrapped);
        vault.advance(MissingKeys.SETTLED);
        beingDeleted();
        assertRevoked(Reason.PENDING_DELETION, () -> careful.unwrap(wrapped, context, deadline()));
    }

    @Test
    void isCalledFinalOnlyIfItLastsFromTheTimeThatItWasAmongTheDeleted() {
        WrappedDek wrapped = wrap(careful);
        beingDeleted();
        assertRevoked(Reason.PENDING_DELETION, () -> careful.unwrap(wrapped, context, deadline()));
        vault.emulator.recover();
        assertRevoked(Reason.PENDING_DELETION, () -> careful.unwrap(wrapped, context, deadline()));
        vault.advance(MissingKeys.SETTLED);
        key.purge();
        assertRevoked(Reason.PENDING_DELETION, () -> careful.unwrap(wrapped, context, deadline()));
    }

    /** The key was there again by the time that was looked. */
    @Test
    void thatWasTakenBackInBetweenIsNoDeletionOfTheVersion() {
        WrappedDek wrapped = wrap(careful);
        assertOpens(careful, wrapped);
        vault.emulator.inject(
                AzureFault.error(404, "KeyNotFound", "", "not found").on("KeyUnwrap"), 1);
        assertThat(assertRevoked(Reason.PENDING_DELETION, () -> careful.unwrap(wrapped, context, deadline()))
                        .recoverable())
                .isTrue();
        assertOpens(careful, wrapped);
    }
}
