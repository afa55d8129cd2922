package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.EnvelopeSource;
import io.keywrap.rewrap.Dependents;
import io.keywrap.rewrap.Dependents.Count;
import io.keywrap.rewrap.Dependents.Dependent;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.rewrap.Dependents.Unknown;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a KEK may be deleted: never yes while anything needs it, or may. */
class DependentsTest {
    private static final Duration MONTHS = Duration.ofDays(90);

    @TempDir
    Path folder;

    private final InMemoryKms kms = new InMemoryKms(ManualTime.startingAt(Instant.parse("2026-01-01T00:00:00Z")));
    private final KeyProviders providers =
            KeyProviders.builder().register(kms).time(kms.time()).build();
    private final InMemoryKek vendor = kms.kek("vendor");
    private final InMemoryKek old = kms.kek("old");
    private final InMemoryKek next = kms.kek("next");
    private final KeychainSeal seal = KeychainSeal.wrappedBy(vendor.id());
    private final InMemoryKeychainStore store = new InMemoryKeychainStore();
    private final Keychains keychains =
            Keychains.builder(store, providers).seal(seal).build();

    @AfterEach
    void end() {
        providers.close();
    }

    private Keychain keychain(String id, InMemoryKek kek) {
        return keychains.create(id, spec -> spec.control(kek.id()));
    }

    private Dependents of(KekId kekId) {
        return Dependents.of(kekId).read(store, providers, seal);
    }

    private Dependents ofVersion(InMemoryKek kek, String version) {
        return Dependents.of(kek.id()).version(version).read(store, providers, seal);
    }

    private void move(Keychain keychain, Instant until) {
        keychain.changeRecipients(to -> to.control(next.id()).retained(old.id(), until));
        keychain.repair(Set.of(next.id()));
    }

    @Test
    void anArchivedKeychainIsNamedUntilItsRewrapAndRetention() {
        keychain("active", next);
        Keychain archived = keychain("archive-2019", old);

        Dependents before = of(old.id());
        assertThat(before.safeToDelete()).isFalse();
        assertThat(before.neededToOpen()).isTrue();
        assertThat(before.keychains()).extracting(Dependent::keychainId).containsExactly("archive-2019");
        assertThat(before.reasons())
                .containsExactly(
                        "it opens 1 DEK of 1 keychain (archive-2019): re-wrap them",
                        "new DEKs of 1 keychain (archive-2019) are wrapped to it: move them");

        Instant until = kms.time().now().plus(MONTHS);
        move(archived, until);

        Dependents retained = of(old.id());
        assertThat(retained.safeToDelete()).isFalse();
        assertThat(retained.neededToOpen()).isFalse();
        assertThat(retained.keychains()).singleElement().satisfies(one -> {
            assertThat(one.needs()).containsExactly(entry(Need.RETAINED, 1));
            assertThat(one.until()).contains(until);
        });
        assertThat(retained.reasons()).singleElement().asString().contains("archive-2019", "until " + until);

        kms.advance(MONTHS);
        archived.repair(Set.of(next.id()));

        Dependents after = of(old.id());
        assertThat(after.reasons()).isEmpty();
        assertThat(after.safeToDelete()).isTrue();
        assertThat(after.keychainCount()).isZero();
    }

    @Test
    void whatIsRetainedWithoutAnEndSaysSo() {
        Keychain keychain = keychain("a", old);
        keychain.changeRecipients(to -> to.control(next.id()).retained(old.id()));
        keychain.repair(Set.of(next.id()));
        move(keychain("b", old), kms.time().now().plus(MONTHS));

        Dependents dependents = of(old.id());

        assertThat(dependents.count(Need.RETAINED)).isEqualTo(new Count(2, 2));
        assertThat(dependents.reasons()).singleElement().asString().contains("without an end");
    }

    @Test
    void eachRoleIsCountedByItsDeks() {
        Keychain both = keychains.create("both", spec -> spec.control(next.id()).replica(old.id()));
        both.rotate();
        keychain("alone", old);

        Dependents dependents = of(old.id());

        assertThat(dependents.count(Need.REPLICA)).isEqualTo(new Count(1, 2));
        assertThat(dependents.count(Need.CONTROL)).isEqualTo(new Count(1, 1));
        assertThat(dependents.count(Need.NEW_DEKS)).isEqualTo(new Count(2, 0));
        assertThat(dependents.reasons())
                .anyMatch(reason -> reason.startsWith("it is a REPLICA of 2 DEKs of 1 keychain"));
    }

    @Test
    void aRecipientThatHasWrappedNothingYetIsNeededForWhatIsNew() {
        old.unreachable();
        keychains.create("a", spec -> spec.control(next.id()).replica(old.id()).writeQuorum(1));

        assertThat(of(old.id()).keychains())
                .singleElement()
                .satisfies(one -> assertThat(one.needs()).containsExactly(entry(Need.NEW_DEKS, 0)));
    }

    @Test
    void aKeychainThatWasDestroyedNeedsNothing() {
        keychain("gone", old).destroy(Optional.empty());

        assertThat(of(old.id()).safeToDelete()).isTrue();
    }

    @Test
    void recordsThatItSealedNeedItForGood() {
        keychain("a", old);

        Dependents dependents = of(vendor.id());

        assertThat(dependents.safeToDelete()).isFalse();
        assertThat(dependents.neededToOpen()).isFalse();
        assertThat(dependents.reasons()).singleElement().asString().contains("seal keys of 1 keychain (a)");
    }

    @Test
    void theOwnersCallIsNotNeededToAsk() {
        keychain("a", old);
        old.delete();

        assertThat(of(old.id()).safeToDelete()).isFalse();
    }

    @Test
    void withoutTheKekOfTheSealThereIsNoAnswer() {
        keychain("a", old);
        try (KeyProviders fresh =
                KeyProviders.builder().register(kms).time(kms.time()).build()) {
            vendor.disable();

            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> Dependents.of(old.id()).read(store, fresh, seal));
        }
    }

    @Test
    void manyKeychainsAreCountedAndTheFirstAreNamed() {
        for (int i = 0; i < Dependents.MOST_NAMED + 5; i++) {
            keychains.create("k-" + i, spec -> spec.control(old.id()));
        }

        Dependents dependents = of(old.id());

        assertThat(dependents.keychains()).hasSize(Dependents.MOST_NAMED);
        assertThat(dependents.keychainCount()).isEqualTo(Dependents.MOST_NAMED + 5);
        assertThat(dependents.reasons()).first().asString().contains("1005 keychains (k-0, k-1, k-10, …)");
    }

    @Test
    void aKekThatNothingNamesIsSafeAndThatIsSuspicious() {
        keychain("a", old);

        Dependents dependents = of(kms.kek("mistyped").id());

        assertThat(dependents.safeToDelete()).isTrue();
        assertThat(dependents.warnings()).anyMatch(warning -> warning.contains("compare its URI"));
        assertThat(of(old.id()).warnings()).noneMatch(warning -> warning.contains("compare its URI"));
    }

    @Test
    void jsonHasItAll() {
        keychain("a", old);

        assertThat(of(old.id()).toJson())
                .contains(
                        "\"kek\": \"" + old.id() + "\"",
                        "\"version\": null",
                        "\"safeToDelete\": false",
                        "\"CONTROL\": {",
                        "\"keychain\": \"a\"",
                        "\"until\": null",
                        "\"warnings\": [");
    }

    @Nested
    class OfAVersion {
        @Test
        void theOldOneIsNeededUntilItsDeksAreWrappedAnew() {
            Keychain keychain = keychain("a", old);
            String first = old.currentVersion();
            old.rotate();
            keychain.rotate();
            keychain("b", old);

            Dependents dependents = ofVersion(old, first);

            assertThat(dependents.keychains())
                    .singleElement()
                    .satisfies(one -> assertThat(one.needs()).containsExactly(entry(Need.CONTROL, 1)));
            assertThat(dependents.reasons()).containsExactly("it opens 1 DEK of 1 keychain (a): re-wrap them");
            assertThat(dependents.versions()).containsExactlyInAnyOrder(first, old.currentVersion());

            keychain.destroyDek(keychain.record().deks().get(0).id(), Optional.empty());
            assertThat(ofVersion(old, first).safeToDelete()).isTrue();
        }

        @Test
        void theCurrentOneIsNeededForWhatIsNew() {
            keychain("a", old);
            old.rotate();

            Dependents dependents = ofVersion(old, old.currentVersion());

            assertThat(dependents.keychainCount()).isZero();
            assertThat(dependents.neededToOpen()).isTrue();
            assertThat(dependents.reasons()).singleElement().asString().startsWith("it is the current version of ");
        }

        @Test
        void theCurrentOneOfTheSealIsNeededForNewKeychains() {
            keychain("a", old);
            vendor.rotate();

            assertThat(ofVersion(vendor, vendor.currentVersion()).safeToDelete())
                    .isFalse();
        }

        @Test
        void whatIsCurrentMustBeKnown() {
            keychain("a", old);
            String first = old.currentVersion();
            old.rotate();
            keychain("a2", old);
            keychains.open("a").destroy(Optional.empty());
            assertThat(ofVersion(old, first).safeToDelete()).isTrue();

            old.disable();

            assertThat(ofVersion(old, first).reasons())
                    .singleElement()
                    .asString()
                    .contains("its current version could not be asked for");
        }

        @Test
        void itMayBeGivenByItsWholeName() {
            keychain("a", old);

            assertThat(ofVersion(old, "projects/p/cryptoKeys/old/cryptoKeyVersions/" + old.currentVersion())
                            .count(Need.CONTROL))
                    .isEqualTo(new Count(1, 1));
        }

        @Test
        void aBlankOneIsNone() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Dependents.of(old.id()).version(" "));
        }
    }

    @Nested
    class PortableEnvelopes {
        private Path envelope(String name, Keychain keychain) throws IOException {
            Path plain = Files.writeString(folder.resolve(name), "text");
            Path sealed = folder.resolve(name + ".kwrp");
            EnvelopeCipher.using(keychain).encrypt(plain, sealed, EncryptionContext.empty());
            return sealed;
        }

        private Keychain portable() {
            return keychains.create("p", spec -> spec.control(old.id()).portable());
        }

        private Dependents of(Path... envelopes) {
            return Dependents.of(old.id())
                    .envelopes(Stream.of(envelopes).map(EnvelopeSource::of).toList())
                    .noOtherEnvelopes()
                    .read(store, providers, seal);
        }

        private void moveAndDrop(Keychain keychain) {
            move(keychain, kms.time().now().plus(MONTHS));
            kms.advance(MONTHS);
            keychain.repair(Set.of(next.id()));
        }

        @Test
        void theyMayBeElsewhere() {
            moveAndDrop(portable());

            Dependents dependents = DependentsTest.this.of(old.id());

            assertThat(dependents.safeToDelete()).isFalse();
            assertThat(dependents.neededToOpen()).isFalse();
            assertThat(dependents.reasons()).singleElement().asString().startsWith("envelopes of 1 keychain (p) may");
        }

        @Test
        void thoseThatAreListedAreLookedInto() throws IOException {
            Keychain keychain = portable();
            Path before = envelope("before", keychain);
            moveAndDrop(keychain);
            Path after = envelope("after", keychain);

            Dependents dependents = of(before, after);

            assertThat(dependents.envelopes()).containsExactly(before.toString());
            assertThat(dependents.reasons())
                    .containsExactly("its wraps are carried by 1 listed envelope, such as " + before
                            + ": give other recipients to them");
            assertThat(of(after).safeToDelete()).isTrue();
        }

        @Test
        void oneThatCannotBeReadIsNeverYes() throws IOException {
            moveAndDrop(portable());
            Path none = Files.writeString(folder.resolve("none"), "no envelope");

            assertThat(of(none).safeToDelete()).isFalse();
            assertThat(of(none).unknown()).extracting(Unknown::place).containsExactly(none.toString());
            assertThat(of(folder.resolve("missing")).safeToDelete()).isFalse();
            assertThat(of(none).neededToOpen()).isFalse();
        }
    }
}
