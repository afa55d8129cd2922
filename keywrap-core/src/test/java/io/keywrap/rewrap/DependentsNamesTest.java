package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.EnvelopeSource;
import io.keywrap.rewrap.Dependents.Count;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.rewrap.Dependents.Unknown;
import io.keywrap.store.FileKeychainStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key that is used by way of other names, and wraps that do not tell enough: never a yes by mistake. */
class DependentsNamesTest {
    private static final KekId SEAL = KekId.of("fake:seal");
    private static final String ACCOUNT = "arn:aws:kms:eu-west-1:111122223333:";
    private static final String ARN = ACCOUNT + "key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String OTHER_ARN = ACCOUNT + "key/ffffabcd-12ab-34cd-56ef-1234567890ab";
    private static final KekId KEY = KekId.of("aws-kms://" + ARN);
    private static final KekId ALIAS = KekId.of("aws-kms://" + ACCOUNT + "alias/backup");
    private static final KekId ELSEWHERE = KekId.of("aws-kms://arn:aws:kms:us-east-1:111122223333:alias/backup");

    @TempDir
    Path folder;

    private final FakeKms kms = new FakeKms();
    private final Map<KekId, String> current = new HashMap<>();
    private final Set<KekId> asked = new HashSet<>();
    private FileKeychainStore store;
    private KeyProviders providers;
    private Keychains keychains;

    /** Tells which key an alias points to, as the current version. */
    private final class Aws implements KeyProvider.Factory {
        @Override
        public String scheme() {
            return "aws-kms";
        }

        @Override
        public KeyProvider create(KekId kekId) {
            KeyProvider plain = kms.create(kekId);
            return new KeyProvider() {
                @Override
                public KekId kekId() {
                    return kekId;
                }

                @Override
                public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
                    kms.primary = current.getOrDefault(kekId, "");
                    return plain.wrap(dek, keyContext, deadline);
                }

                @Override
                public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                    return plain.unwrap(wrapped, keyContext, deadline);
                }

                @Override
                public Status status(Deadline deadline) {
                    asked.add(kekId);
                    return current.containsKey(kekId) ? Status.ofVersion(current.get(kekId)) : Status.unknown();
                }

                @Override
                public void close() {
                    plain.close();
                }
            };
        }
    }

    @BeforeEach
    void store() {
        store = FileKeychainStore.open(folder);
        providers = KeyProviders.builder()
                .register(kms)
                .register(new Aws())
                .time(new ManualTime())
                .executor(Runnable::run)
                .build();
        keychains = Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(SEAL))
                .build();
    }

    @AfterEach
    void close() {
        providers.close();
    }

    private Keychain keychain(String id, KekId kekId) {
        return keychains.create(id, spec -> spec.control(kekId));
    }

    private Dependents read(Dependents.Question question) {
        return question.read(store, providers, KeychainSeal.wrappedBy(SEAL));
    }

    private Dependents of(KekId kekId) {
        return read(Dependents.of(kekId));
    }

    @Test
    void aliasIsNeverSafeToDelete() {
        keychain("a", SEAL);
        assertThat(of(ALIAS).safeToDelete()).isFalse();
        assertThat(of(ALIAS).reasons()).singleElement().asString().startsWith("it is an alias");
        assertThat(of(KEY).safeToDelete()).isTrue();
        assertThat(of(KekId.of("fake:alias/backup")).safeToDelete()).isTrue();
        assertThat(of(KekId.of("fake:x:alias/backup")).safeToDelete())
                .as("of another KMS it is a name like any")
                .isTrue();
    }

    @Test
    void keyThatAnAliasPointsToIsNeeded() {
        current.put(ALIAS, ARN);
        keychain("a", ALIAS);
        Dependents dependents = of(KEY);
        assertThat(dependents.safeToDelete()).isFalse();
        assertThat(dependents.neededToOpen()).isTrue();
        assertThat(dependents.count(Need.CONTROL)).isEqualTo(new Count(1, 1));
        assertThat(dependents.reasons()).anyMatch(reason -> reason.contains("which points to it"));
        current.put(ALIAS, OTHER_ARN);
        assertThat(of(KEY).reasons()).as("its old wraps").hasSize(1);
    }

    @Test
    void aliasThatPointsElsewhereNeedsNothingAndOneThatDoesNotTellMay() {
        current.put(ALIAS, OTHER_ARN);
        keychain("a", ALIAS);
        assertThat(of(KEY).reasons()).isEmpty();
        assertThat(asked).containsExactly(ALIAS);
        current.remove(ALIAS);
        assertThat(of(KEY).safeToDelete()).isFalse();
        assertThat(of(KEY).neededToOpen()).isTrue();
        assertThat(of(KEY).reasons()).singleElement().asString().contains("does not tell its current version");
    }

    @Test
    void aliasOfAnotherRegionIsNotEvenAsked() {
        current.put(ELSEWHERE, OTHER_ARN);
        keychain("a", ELSEWHERE);
        assertThat(of(KEY).safeToDelete()).isTrue();
        assertThat(asked).isEmpty();
    }

    @Test
    void destroyedKeychainAndARetainedAliasMakeNoNewWraps() {
        current.put(ALIAS, OTHER_ARN);
        keychain("a", ALIAS).destroy(Optional.empty());
        keychain("b", ALIAS).changeRecipients(to -> to.control(SEAL).retained(ALIAS));
        asked.clear();
        assertThat(of(KEY).safeToDelete()).isTrue();
        assertThat(asked).isEmpty();
    }

    @Test
    void wrapsThatDoNotTellTheirVersionMayNeedIt() {
        current.put(KEY, "m2");
        keychain("told", KEY);
        assertThat(read(Dependents.of(KEY).version("m1")).reasons()).isEmpty();
        current.remove(KEY);
        keychain("untold", KEY);
        current.put(KEY, "m2");
        Dependents one = read(Dependents.of(KEY).version("m1"));
        assertThat(one.safeToDelete()).isFalse();
        assertThat(one.count(Need.CONTROL)).isEqualTo(new Count(1, 1));
        assertThat(one.reasons()).contains("the version is not told by 1 of these wraps, which may need it");
        assertThat(one.toJson()).contains("\"untoldVersions\": 1");
        assertThat(one.versions()).containsExactly("m2");
        assertThat(one.version()).contains("m1");
    }

    @Test
    void currentVersionIsNeededByItsShortAndByItsWholeName() {
        current.put(KEY, "m2");
        keychain("a", KEY);
        for (String name : List.of("m2", "M2", "key/m2")) {
            assertThat(read(Dependents.of(KEY).version(name)).reasons())
                    .anyMatch(reason -> reason.startsWith("it is the current version of " + KEY));
        }
        assertThat(read(Dependents.of(KEY).version("m3")).safeToDelete()).isTrue();
    }

    @Test
    void everythingThatCannotBeReadIsCounted() throws IOException {
        keychain("a", SEAL);
        store.putNote("byok-x", 0, new byte[] {1});
        Path file = Files.writeString(folder.resolve("none"), "no envelope");
        Dependents dependents =
                read(Dependents.of(KEY).envelopes(List.of(EnvelopeSource.of(file), EnvelopeSource.of(folder))));
        assertThat(dependents.unknown())
                .extracting(Unknown::place)
                .containsExactly("byok-x", file.toString(), folder.toString());
        assertThat(dependents.reasons()).singleElement().asString().contains("3 records, slots or envelopes");
        assertThat(dependents.toJson())
                .contains("\"unknownCount\": 3")
                .containsPattern("\"keychains\": 1,\\s+\"slots\": 0");
    }

    private void retained(String id, KekId kekId, Instant until) {
        Keychain keychain = keychain(id, kekId);
        keychain.changeRecipients(to -> to.control(SEAL).retained(kekId, until));
        assertThat(keychain.repair(Set.of(SEAL))).isEqualTo(1);
    }

    @Test
    void timeThatIsToldIsTheLastOfAll() {
        KekId old = KekId.of("fake:old");
        Instant first = providers.time().now().plus(Duration.ofDays(1));
        Instant last = first.plus(Duration.ofDays(1));
        retained("b", old, first);
        retained("c", old, last);
        retained("d", old, first);
        keychain("a", old);
        Dependents dependents = of(old);
        assertThat(dependents.reasons())
                .contains("it opens 1 DEK of 1 keychain (a): re-wrap them")
                .anyMatch(reason -> reason.startsWith("a wrap of it is kept of 3 DEKs of 3 keychains (")
                        && reason.contains(", until " + last + " at the latest")
                        && !reason.contains("(a"));
        assertThat(dependents.keychains())
                .filteredOn(one -> one.keychainId().equals("c"))
                .singleElement()
                .satisfies(one -> assertThat(one.until()).contains(last));
    }
}
