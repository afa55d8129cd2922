package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.KekId;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TestTenant;
import io.keywrap.byok.SlotRefusedException.Reason;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A version is not dropped while keychains need it, or may. */
class SlotDropTest extends SlotsFixture {
    @BeforeEach
    void archive() {
        product.roll(1);
        product.newKeychain("a");
        product.roll(2);
    }

    private void drop() {
        product.slots.drop(SLOT, 1, ByokSlots.DROP);
    }

    private void move() {
        assertThat(Rewrap.builder(product.tenant.store(), product.providers)
                        .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                        .filter(KeychainFilter.all().withIdPrefix("a"))
                        .move(product.slot.kekId(), TestTenant.CUSTOMER)
                        .retain(Duration.ZERO)
                        .build()
                        .run()
                        .complete())
                .isTrue();
    }

    private void assertNeeded(String why, ThrowingCallable call) {
        assertRefused(Reason.STILL_NEEDED, call);
        assertThatExceptionOfType(SlotRefusedException.class)
                .isThrownBy(call)
                .withMessageContaining(why)
                .satisfies(refusal -> assertThat(refusal.operatorAction())
                        .contains("re-wrap these keychains", "type 'drop unchecked'"));
    }

    @Test
    void itIsNamedWhoNeedsItUntilItIsMoved() {
        product.newKeychain("of-the-second");
        assertNeeded("version 1 of the slot's key is or may be needed: wraps under it in the records of a", this::drop);
        move();
        drop();
        assertThat(states()).isEqualTo("2 ACTIVE; ");
    }

    @Test
    void aRevokedVersionIsNeededToo() {
        product.revoke();
        assertNeeded("records of a", this::drop);
        product.restore(1);
        assertThat(states()).isEqualTo("1 ARCHIVED; 2 REVOKED; ");
    }

    @Test
    void aPendingVersionHasWrappedNothing() {
        product.validate(SLOT, 3);
        SlotStatus status = product.slots.drop(SLOT, 3, ByokSlots.DROP);
        assertThat(states()).isEqualTo("1 ARCHIVED; 2 ACTIVE; ");
        assertThat(product.slots.drop(SLOT, 3, ByokSlots.DROP))
                .as("again, and it was the last one")
                .isEqualTo(status);
    }

    @Test
    void envelopesOfAPortableKeychainMayNeedIt() {
        portable("p", product.slot.kekId());
        move();
        assertNeeded("portable envelopes may carry wraps under it, of p", this::drop);
    }

    private void portable(String id, KekId control) {
        product.keychains().create(id, spec -> spec.control(control).portable());
    }

    @Test
    void envelopesUnderAnotherKekDoNot() {
        portable("of-another", TestTenant.CUSTOMER);
        move();
        drop();
        assertThat(states()).isEqualTo("2 ACTIVE; ");
    }

    /** Without the key of its seal a record cannot be read, whatever its DEKs are under. */
    @Test
    void aSealUnderItNeedsIt() {
        Keychains.builder(product.tenant.store(), product.providers)
                .seal(KeychainSeal.wrappedBy(product.slot.kekId()))
                .build()
                .create("sealed", spec -> spec.control(TestTenant.CUSTOMER));
        product.roll(3);
        assertNeeded("wraps under it in the records of sealed; KEK", () -> product.slots.drop(SLOT, 2, ByokSlots.DROP));
        move();
        drop();
        assertThat(states()).as("under another version").isEqualTo("2 ARCHIVED; 3 ACTIVE; ");
    }

    @Test
    void threeAreNamedAndHowManyMore() {
        List.of("p", "q", "r").forEach(id -> portable(id, product.slot.kekId()));
        assertNamed("[pqr], [pqr], [pqr]");
        portable("s", product.slot.kekId());
        assertNamed("[pqrs], [pqrs], [pqrs] and 1 more");
    }

    private void assertNamed(String portable) {
        assertThatExceptionOfType(SlotRefusedException.class)
                .isThrownBy(this::drop)
                .withMessageMatching(".* in the records of a; portable envelopes may carry wraps under it, of "
                        + portable + "; KEK byok:.*");
    }

    @Test
    void whatCannotBeReadMayNeedIt() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("store/records"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.write(file, new byte[] {1, 2, 3});
            }
        }
        assertNeeded("nothing is known of what cannot be read", this::drop);
    }

    private void assertNeededBy(KeychainStore keychains, String why) {
        try (ByokKms byok = ByokKms.builder(product.notes, TestTenant.VENDOR)
                .keychains(keychains)
                .build()) {
            ByokSlots slots = byok.slots(product.providers);
            assertThatExceptionOfType(SlotRefusedException.class)
                    .isThrownBy(() -> slots.drop(SLOT, 1, ByokSlots.DROP))
                    .matches(refusal -> refusal.reason() == Reason.STILL_NEEDED)
                    .withMessageContaining(why);
        }
        assertThat(states()).isEqualTo("1 ARCHIVED; 2 ACTIVE; ");
    }

    /** A file share that stumbles: the record is left out of the list, and nothing is unreadable when that is asked for. */
    @Test
    void whatCouldNotBeReadForAMomentMayNeedIt() {
        KeychainStore real = product.tenant.store();
        InvocationHandler stumbling = (proxy, method, arguments) -> {
            if (!method.getName().equals("list")) {
                return method.invoke(real, arguments);
            }
            if (((KeychainFilter) arguments[0]).leavesOutUnreadable()) {
                return List.of();
            }
            throw new StoreUnavailableException("a record cannot be read", null);
        };
        Class<?>[] types = {KeychainStore.class};
        assertNeededBy(
                (KeychainStore) Proxy.newProxyInstance(getClass().getClassLoader(), types, stumbling),
                "nothing is known of what cannot be read");
    }

    /** Such as one for slots alone. */
    @Test
    void aStoreWithoutKeychainsTellsNothing() {
        assertNeededBy(FileKeychainStore.open(folder.resolve("elsewhere")), "has no keychains at all");
    }

    @Test
    void anotherWordLooksAtNoKeychain() {
        product.slots.drop(SLOT, 1, ByokSlots.DROP_UNCHECKED);
        assertThat(states()).isEqualTo("2 ACTIVE; ");
    }

    /** Notes without a store of keychains beside them. */
    @Test
    void itMustBeKnownWhereKeychainsAre() {
        ByokKms unknowing = ByokKms.builder(product.notes, TestTenant.VENDOR).build();
        assertRefused(
                Reason.STILL_NEEDED, () -> unknowing.slots(product.providers).drop(SLOT, 1, ByokSlots.DROP));
        unknowing.close();
        ByokKms knowing =
                ByokKms.builder(product.tenant.store(), TestTenant.VENDOR).build();
        assertRefused(
                Reason.STILL_NEEDED, () -> knowing.slots(product.providers).drop(SLOT, 1, ByokSlots.DROP));
        knowing.close();
    }
}
