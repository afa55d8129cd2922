package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.DekLease;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekRevokedException;
import io.keywrap.TestTenant;
import io.keywrap.byok.SlotNotes.Kept;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What this process has seen of slots, and forgets. */
class SlotNotesTest extends SlotsFixture {
    /** As after ten thousand other slots. */
    @Test
    void aKeyIsWipedWhenItIsRevokedAlsoIfItsNoteIsNotKeptAnyMore() {
        product.roll(1);
        SlotNotes forgetful =
                new SlotNotes(product.notes, product.providers, new VendorKeks(TestTenant.VENDOR, Set.of()), 0);
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
        SlotNotes forgetful =
                new SlotNotes(product.notes, product.providers, new VendorKeks(TestTenant.VENDOR, Set.of()), 0);
        assertThat(forgetful.load(SLOT, deadline())).isPresent();
        product.overwrite(active);
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> forgetful.load(SLOT, deadline()))
                .withMessageContaining("rolled back");
    }

    private Deadline deadline() {
        return product.providers.foregroundDeadline();
    }
}
