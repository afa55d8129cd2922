package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.DekLease;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekRevokedException;
import io.keywrap.TestTenant;
import io.keywrap.byok.SlotNotes.Kept;
import io.keywrap.store.StoreNotes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What this process has seen of slots, and forgets. */
class SlotNotesTest extends SlotsFixture {
    /** As after ten thousand other slots. */
    @Test
    void aKeyIsWipedWhenItIsRevokedAlsoIfItsNoteIsNotKeptAnyMore() {
        product.roll(1);
        SlotNotes forgetful = forgetful(product.notes);
        SlotSecrets secrets = new SlotSecrets(product.providers, TestTenant.VENDOR);
        Kept kept = forgetful.load(SLOT, deadline()).orElseThrow();
        SlotVersion version = kept.record().version(1).orElseThrow();
        try (DekLease lease = secrets.lease(SLOT, Objects.requireNonNull(version.secret()), deadline())) {
            lease.ensureUsable();
            try (Product portal = new Product(folder)) {
                portal.revoke();
            }
            assertThat(forgetful.load(SLOT, deadline()).orElseThrow().record().in(SlotState.REVOKED))
                    .isPresent();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        }
    }

    @Test
    void aRollbackIsFoundAlsoIfTheNoteIsNotKeptAnyMore() {
        product.roll(1);
        byte[] active = product.note().content();
        product.revoke();
        SlotNotes forgetful = forgetful(product.notes);
        assertThat(forgetful.load(SLOT, deadline())).isPresent();
        product.overwrite(active);
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> forgetful.load(SLOT, deadline()))
                .withMessageContaining("rolled back");
    }

    /** However often it was read, and whatever was done to the slot meanwhile. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aKeyIsWipedAlsoAfterManyReadingsAndChanges(int readings) {
        product.roll(1);
        SlotNotes notes = forgetful(product.notes);
        SlotSecrets secrets = new SlotSecrets(product.providers, TestTenant.VENDOR);
        notes.load(SLOT, deadline());
        SlotVersion version =
                notes.load(SLOT, deadline()).orElseThrow().record().version(1).orElseThrow();
        try (DekLease lease = secrets.lease(SLOT, Objects.requireNonNull(version.secret()), deadline());
                Product portal = new Product(folder)) {
            portal.validate(SLOT, 2);
            for (int i = 0; i < readings; i++) {
                notes.load(SLOT, deadline());
            }
            lease.ensureUsable();
            portal.revoke();
            notes.load(SLOT, deadline());
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        }
    }

    @Test
    void whatItHasWrittenItselfIsNotRolledBackEither() {
        product.roll(1);
        byte[] before = product.note().content();
        SlotNotes notes = forgetful(product.notes);
        Kept kept = notes.load(SLOT, deadline()).orElseThrow();
        try (DekLease sealKey = notes.sealKey(kept, deadline())) {
            SlotRecord next = kept.record().with(kept.record().versions());
            assertThat(notes.replace(Optional.of(kept), next, sealKey)).isTrue();
        }
        product.overwrite(before);
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> notes.load(SLOT, deadline()))
                .withMessageContaining("rolled back");
    }

    /** A KMS may give another key than before, and nobody could open what is sealed with that. */
    @Test
    void nothingIsSealedWithAKeyThatHasNotSealedWhatIsThere() {
        product.roll(1);
        SlotNotes notes = forgetful(product.notes);
        Kept kept = notes.load(SLOT, deadline()).orElseThrow();
        byte[] ofAnotherKey = kept.content().clone();
        ofAnotherKey[ofAnotherKey.length - 1] ^= 1;
        long before = product.providers.statistics().openLeases();
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> notes.sealKey(new Kept(kept.noteRevision(), ofAnotherKey, kept.record()), deadline()))
                .withMessageContaining("its seal is wrong");
        assertThatException()
                .as("whatever it fails in")
                .isThrownBy(() -> notes.sealKey(new Kept(kept.noteRevision(), new byte[0], kept.record()), deadline()));
        assertThat(product.providers.statistics().openLeases())
                .as("and that key does not stay")
                .isEqualTo(before);
    }

    @Test
    void aNoteThatIsNotThereIsOfNoSlot() {
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> forgetful(product.notes).slotOf(Slots.noteOf("nobody")))
                .withMessageContaining("cannot be believed");
    }

    @Test
    void namesAreAskedForPageByPage() {
        for (int count : new int[] {0, 1, 999, 1_000, 1_001, 2_000, 2_345}) {
            NamesOfNotes store = NamesOfNotes.of(count);
            List<String> seen = new ArrayList<>();
            forgetful(store).names(seen::add);
            assertThat(seen).isEqualTo(store.all());
        }
    }

    private SlotNotes forgetful(StoreNotes store) {
        return new SlotNotes(store, product.providers, new VendorKeks(TestTenant.VENDOR, Set.of()), 0);
    }

    private Deadline deadline() {
        return product.providers.foregroundDeadline();
    }
}
