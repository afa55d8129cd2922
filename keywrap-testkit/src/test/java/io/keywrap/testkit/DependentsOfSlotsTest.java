package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokRewrap;
import io.keywrap.byok.ByokRewrap.Outcome;
import io.keywrap.byok.ByokSlots;
import io.keywrap.byok.SlotStatus;
import io.keywrap.byok.TransportKeys;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.CutOver;
import io.keywrap.rewrap.Dependents;
import io.keywrap.rewrap.Dependents.Dependent;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.rewrap.Dependents.Slot;
import io.keywrap.rewrap.Dependents.Unknown;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.stream.EnvelopeCipher;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A KEK of the vendor's that has wrapped customers' uploaded keys is never safe to delete, nor is the version that has. */
class DependentsOfSlotsTest {
    private final InMemoryKms kms = new InMemoryKms(ManualTime.startingAt(Instant.parse("2026-01-01T00:00:00Z")));
    private final InMemoryKek vendor = kms.kek("vendor");
    private final InMemoryKek seal = kms.kek("seal");
    private final InMemoryKek next = kms.kek("next");
    private final InMemoryKeychainStore store = new InMemoryKeychainStore();
    private final ByokKms byok = ByokKms.builder(store, vendor.id()).build();
    private final KeyProviders providers =
            KeyProviders.builder().register(kms).register(byok).time(kms.time()).build();
    private final ByokSlots slots = byok.slots(providers);
    private final KeychainSeal sealedBy = KeychainSeal.wrappedBy(seal.id());
    private final Keychains keychains =
            Keychains.builder(store, providers).seal(sealedBy).build();

    @BeforeEach
    void upload() {
        roll("acme");
    }

    @AfterEach
    void end() {
        byok.close();
        providers.close();
        kms.close();
    }

    private void roll(String slot) {
        try (Dek key = Dek.random(DekId.random())) {
            int version = slots.validate(slot, key).pending().orElseThrow().number();
            if (version == 1) {
                slots.activate(slot, version);
            } else {
                slots.archive(slot, version);
            }
        }
    }

    private Dependents.Question of(InMemoryKek kek) {
        return Dependents.of(kek.id()).slots(store, vendor.id(), next.id());
    }

    private Dependents ask(Dependents.Question question) {
        return question.read(store, providers, sealedBy);
    }

    @Test
    void aVersionIsNeededUntilTheSlotsAreWrappedAgain() {
        String first = vendor.currentVersion();
        vendor.rotate();
        roll("acme");
        roll("younger");

        Dependents before = ask(of(vendor).version(first));
        assertThat(before.slots()).containsExactly(new Slot("acme", 1, true));
        assertThat(before.slotCount()).isEqualTo(1);
        assertThat(before.safeToDelete()).isFalse();
        assertThat(before.neededToOpen()).isTrue();
        assertThat(before.reasons())
                .containsExactly(
                        "it has wrapped 1 uploaded key and 1 seal of 1 slot (acme): re-wrap the slots ('keywrap byok"
                                + " rewrap')");
        assertThat(before.versions()).containsExactly(first, vendor.currentVersion());
        assertThat(before.toJson()).contains("\"lookedAt\"", "\"slots\"", "\"acme\"");

        assertThat(ByokRewrap.of(slots).run().counts())
                .containsOnlyKeys(Outcome.REWRAPPED, Outcome.CURRENT)
                .containsEntry(Outcome.REWRAPPED, 1);

        Dependents after = ask(of(vendor).version(first));
        assertThat(after.reasons()).isEmpty();
        assertThat(after.safeToDelete()).isTrue();
        assertThat(slots.status("acme").orElseThrow().versions())
                .allMatch(version -> version.wrap()
                        .map(SlotStatus.Wrap::kekVersion)
                        .filter(vendor.currentVersion()::equals)
                        .isPresent());
        assertThat(ask(of(vendor).version(vendor.currentVersion())).reasons())
                .as("the current one is in use")
                .hasSize(2);
    }

    @Test
    void aKekIsNotCutOffWhileSlotsNeedIt() {
        assertThat(CutOver.from(vendor.id())
                        .run(store, providers, KeychainSeal.wrappedBy(vendor.id()))
                        .done())
                .isFalse();
    }

    /** By default it is believed who seals keychains, and nobody else. */
    @Test
    void aSlotThatIsSealedByAKekThatIsNotNamedMakesTheAnswerNo() {
        Dependents dependents = ask(Dependents.of(vendor.id()));
        assertThat(dependents.safeToDelete()).isFalse();
        assertThat(dependents.neededToOpen())
                .as("a cut-over of other KEKs is not held up")
                .isFalse();
        assertThat(dependents.unknown()).singleElement().satisfies(one -> {
            assertThat(one.place()).isEqualTo("acme");
            assertThat(one.reason()).contains("its seal key is wrapped by " + vendor.id(), "have it accepted");
        });
    }

    @Test
    void whatIsNoNoteOfASlotMakesTheAnswerNo() {
        store.putNote("byok-x", 0, new byte[] {1});
        assertThat(ask(of(next)).unknown()).extracting(Unknown::place).containsExactly("byok-x");
        assertThat(ask(of(next)).safeToDelete()).isFalse();
    }

    @Test
    void withoutTheNameOfAKekNoUploadedKeySealsSlots() {
        Keychains under = Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(ByokKms.kekId("acme")))
                .build();
        under.create("a", spec -> spec.control(next.id()));
        Dependents dependents =
                Dependents.of(seal.id()).read(store, providers, KeychainSeal.wrappedBy(ByokKms.kekId("acme")));
        assertThat(dependents.unknown())
                .singleElement()
                .satisfies(one -> assertThat(one.reason()).contains("is not named"));
    }

    @Test
    void slotsOfAnotherStoreAreReadThere() {
        InMemoryKeychainStore elsewhere = new InMemoryKeychainStore();
        keychains.create("a", spec -> spec.control(next.id()));
        Dependents empty = ask(Dependents.of(vendor.id()).slots(elsewhere, vendor.id()));
        assertThat(empty.slotCount()).isZero();
        assertThat(empty.safeToDelete()).isTrue();
        assertThat(empty.warnings()).anyMatch(text -> text.contains("in another store"));
    }

    /** They are in an envelope under a keychain, so the keychain is named and moved. */
    @Test
    void transportKeysDependByTheirKeychain() {
        Keychain transport = keychains.create("transport", spec -> spec.control(vendor.id()));
        byte[] kept = TransportKeys.builder(EnvelopeCipher.using(transport))
                .region("eu-west-1")
                .create()
                .toBytes();
        String first = vendor.currentVersion();
        vendor.rotate();
        ByokRewrap.of(slots).run();
        Dependents before = ask(of(vendor).version(first));
        assertThat(before.keychains()).extracting(Dependent::keychainId).containsExactly("transport");
        assertThat(before.count(Need.CONTROL).deks()).isEqualTo(1);

        assertThat(Rewrap.builder(store, providers)
                        .seal(sealedBy)
                        .renew(vendor.id())
                        .build()
                        .run()
                        .complete())
                .isTrue();
        assertThat(ask(of(vendor).version(first)).safeToDelete()).isTrue();
        assertThat(TransportKeys.builder(EnvelopeCipher.using(keychains.open("transport")))
                        .region("eu-west-1")
                        .open(kept)
                        .region())
                .isEqualTo("eu-west-1");
    }
}
