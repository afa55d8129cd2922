package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.FormatRule;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.codec.Canonical;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.StoreNotes.Note;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever can write to the store writes to a note: nothing is believed, and nothing is overwritten. */
class SlotForgeryTest {
    @TempDir
    Path folder;

    private Product product;
    private WrappedDek wrapped;
    private final Dek dek = Dek.random(DekId.random());

    @BeforeEach
    void open() {
        product = new Product(folder);
        product.roll(1);
        wrapped = product.wrap(dek);
    }

    @AfterEach
    void close() {
        dek.close();
        product.close();
    }

    private void assertNotBelieved(Product by, String why) {
        Note before = by.note();
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> by.unwrap(wrapped))
                .withMessageContainingAll("byok://tenant-42", "cannot be believed", why);
        assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> by.wrap(dek));
        assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> by.slots.status(SLOT));
        assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(by::revoke);
        assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> by.validate(SLOT, 9));
        assertThat(by.note()).isEqualTo(before);
    }

    @Test
    @FormatRule({"B1", "B5"})
    void everyChangedByteIsFound() {
        byte[] content = product.note().content();
        try (Product fresh = new Product(folder)) {
            for (int place = 0; place < content.length; place++) {
                byte[] changed = content.clone();
                changed[place] ^= (byte) (1 << (place % Byte.SIZE));
                product.overwrite(changed);
                assertThatExceptionOfType(KekConfigurationException.class)
                        .as("byte " + place)
                        .isThrownBy(() -> fresh.slots.status(SLOT));
            }
        }
        product.overwrite(content);
        product.unwrap(wrapped).close();
    }

    @Test
    @FormatRule("B1")
    void everyCutIsFoundAndWhatFollowsToo() {
        byte[] content = product.note().content();
        try (Product fresh = new Product(folder)) {
            for (int length = 0; length < content.length; length++) {
                product.overwrite(Arrays.copyOf(content, length));
                assertThatExceptionOfType(KekConfigurationException.class)
                        .as("length " + length)
                        .isThrownBy(() -> fresh.slots.status(SLOT));
            }
            product.overwrite(Arrays.copyOf(content, content.length + 1));
            assertNotBelieved(fresh, "cannot be believed");
        }
    }

    /** The state of one key is set back by hand. */
    @Test
    @FormatRule("B5")
    void aRevokedSlotIsNotBroughtBackByAnEdit() throws Exception {
        byte[] active = product.note().content();
        SlotRecord old = SlotRecord.parse(Arrays.copyOf(active, active.length - SlotRecord.SEAL_BYTES));
        product.revoke();
        byte[] revoked = product.note().content();
        SlotRecord now = SlotRecord.parse(Arrays.copyOf(revoked, revoked.length - SlotRecord.SEAL_BYTES));
        byte[] edited = new Canonical.Writer()
                .bytes(now.with(old.versions()).toBytes())
                .bytes(Arrays.copyOfRange(active, active.length - SlotRecord.SEAL_BYTES, active.length))
                .toBytes();
        product.overwrite(edited);
        try (Product fresh = new Product(folder)) {
            assertNotBelieved(fresh, "its seal is wrong");
        }
        assertNotBelieved(product, "its seal is wrong");
    }

    @Test
    @FormatRule("B6")
    void anOldNoteIsNotBelievedByWhoKnowsALaterOne() {
        byte[] active = product.note().content();
        product.revoke();
        product.overwrite(active);
        assertNotBelieved(product, "rolled back to revision 2");
        // What the guide says: a process that has seen nothing else cannot tell.
        try (Product fresh = new Product(folder)) {
            fresh.unwrap(wrapped).close();
        }
    }

    @Test
    @FormatRule("B6")
    void anotherNoteOfTheSameRevisionIsNotBelieved() {
        byte[] before = product.note().content();
        product.validate(SLOT, 2);
        try (Product other = new Product(folder)) {
            other.overwrite(before);
            other.validate(SLOT, 3);
        }
        assertNotBelieved(product, "another record of revision 3");
    }

    @Test
    @FormatRule("B6")
    void aNoteThatIsGoneIsNoNewSlot() {
        product.notes.hidden = true;
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> product.validate(SLOT, 2))
                .withMessageContaining("it is gone");
        assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> product.unwrap(wrapped));
    }

    @Test
    @FormatRule("B4")
    void theNoteOfAnotherSlotIsNotBelieved() {
        product.roll("other", 2);
        product.overwrite(
                product.notes.note(Slots.noteOf("other")).orElseThrow().content());
        try (Product fresh = new Product(folder)) {
            assertNotBelieved(fresh, "another slot");
        }
    }

    @Test
    @FormatRule("B4")
    void aSealUnderAnotherKekIsNotBelieved() {
        ByokKms other = ByokKms.builder(product.notes, TestTenant.CUSTOMER).build();
        try (KeyProviders providers =
                TestTenant.in(folder, options -> options.register(other)).providers()) {
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> other.slots(providers).status(SLOT))
                    .withMessageContaining("and not by keystore:main#customer");
        } finally {
            other.close();
        }
    }

    @Test
    void anOutageIsNeverARevocation() {
        product.notes.away = true;
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> product.unwrap(wrapped));
        product.notes.away = false;
        product.unwrap(wrapped).close();
    }

    @Test
    void theVendorsKekWithdrawnIsNeverTheCustomersDoing() {
        try (Product fresh = new Product(folder, new ManualTime(), options -> options.cacheDeadline(Duration.ZERO))) {
            fresh.unwrap(wrapped).close();
            fresh.tenant.keks().disable(TestTenant.VENDOR);
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> fresh.unwrap(wrapped))
                    .withCauseInstanceOf(KekRevokedException.class)
                    .withMessageContaining("the vendor's KEK");
        }
    }

    @Test
    void nothingIsUsedBeforeItIsBound() {
        ByokKms unbound = ByokKms.builder(product.notes, TestTenant.VENDOR).build();
        try (KeyProviders providers =
                TestTenant.in(folder, options -> options.register(unbound)).providers()) {
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> providers
                            .provider(ByokKms.kekId(SLOT))
                            .unwrap(wrapped, Product.contextOf(dek.id()), providers.foregroundDeadline()))
                    .withMessageContaining("not bound");
            unbound.slots(providers);
            unbound.close();
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> providers
                            .provider(ByokKms.kekId(SLOT))
                            .unwrap(wrapped, Product.contextOf(dek.id()), providers.foregroundDeadline()))
                    .withMessageContaining("closed");
        }
    }
}
