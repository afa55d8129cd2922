package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.DekLease;
import io.keywrap.KekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.Drill.Outcome;
import io.keywrap.rewrap.CutOver;
import io.keywrap.rewrap.Dependents;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An old KEK is given up early only if nothing needs it, and that is enforced. */
class CutOverTest {
    private final InMemoryKms kms = new InMemoryKms(ManualTime.startingAt(Instant.parse("2026-01-01T00:00:00Z")));
    private final KeyProviders providers = KeyProviders.builder()
            .register(kms)
            .cacheDeadline(Duration.ZERO)
            .time(kms.time())
            .build();
    private final InMemoryKek vendor = kms.kek("vendor");
    private final InMemoryKek old = kms.kek("old");
    private final InMemoryKek next = kms.kek("next");
    private final KeychainSeal seal = KeychainSeal.wrappedBy(vendor.id());
    private final InMemoryKeychainStore store = new InMemoryKeychainStore();
    private final Keychains keychains =
            Keychains.builder(store, providers).seal(seal).build();

    @BeforeEach
    void threeKeychains() {
        for (String id : List.of("a", "b", "c")) {
            Keychain keychain = keychains.create(id, spec -> spec.control(old.id()));
            keychain.rotate();
        }
    }

    @AfterEach
    void end() {
        providers.close();
    }

    private RewrapReport move() {
        return Rewrap.builder(store, providers)
                .seal(seal)
                .move(old.id(), next.id())
                .rate(10_000)
                .build()
                .run();
    }

    private CutOver.Report cutOver() {
        return CutOver.from(old.id()).rate(10_000).run(store, providers, seal);
    }

    private Map<String, KeychainRecord> records() {
        Map<String, KeychainRecord> records = new HashMap<>();
        List.of("a", "b", "c").forEach(id -> records.put(id, store.load(id).orElseThrow()));
        return records;
    }

    private Map<String, String> bytes() {
        Map<String, String> bytes = new HashMap<>();
        records().forEach((id, record) -> bytes.put(id, HexFormat.of().formatHex(record.toBytes())));
        return bytes;
    }

    private long retained() {
        return Dependents.of(old.id())
                .read(store, providers, seal)
                .count(Need.RETAINED)
                .deks();
    }

    private void requireAllOpen() {
        for (KeychainRecord record : records().values()) {
            Keychain keychain = keychains.open(record.keychainId());
            for (DekEntry entry : record.deks()) {
                try (DekLease lease = keychain.lease(entry.id(), Usage.ENVELOPES)) {
                    assertThat(lease.dekId()).isEqualTo(entry.id());
                }
            }
        }
    }

    @Test
    void afterTheMoveTheOldKekGoesEarlyAndIsNotAsked() {
        assertThat(move().complete()).isTrue();
        assertThat(retained()).isEqualTo(6);
        old.disable();

        CutOver.Report report = cutOver();

        assertThat(report.refusals()).isEmpty();
        assertThat(report.done()).isTrue();
        assertThat(retained()).isZero();
        assertThat(Dependents.of(old.id()).read(store, providers, seal).safeToDelete())
                .isTrue();
        assertThat(records().values())
                .allSatisfy(record -> assertThat(record.recipients())
                        .extracting(Recipient::kekId)
                        .containsExactly(next.id()));
        old.delete();
        requireAllOpen();
    }

    @Test
    void oneKeychainThatWasNotMovedRefusesAllOfIt() {
        Rewrap.builder(store, providers)
                .seal(seal)
                .filter(KeychainFilter.all().withIdPrefix("a"))
                .move(old.id(), next.id())
                .build()
                .run();
        Map<String, String> before = bytes();

        CutOver.Report report = cutOver();

        assertThat(report.done()).isFalse();
        assertThat(report.drill()).isEmpty();
        assertThat(report.refusals()).first().asString().contains("it opens 4 DEKs of 2 keychains (b, c)");
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void aNewKekThatDoesNotOpenRefusesAllOfIt() {
        move();
        Map<String, String> before = bytes();
        next.disable();

        CutOver.Report report = cutOver();

        assertThat(report.done()).isFalse();
        assertThat(report.drill().orElseThrow().answers())
                .singleElement()
                .satisfies(answer -> assertThat(answer.outcome()).isEqualTo(Outcome.REFUSED));
        assertThat(report.refusals())
                .singleElement()
                .asString()
                .contains(next.id() + " did not open 6 of 6 DEKs it was asked for");
        assertThat(bytes()).isEqualTo(before);
        assertThat(retained()).isEqualTo(6);

        next.enable();
        assertThat(cutOver().done()).isTrue();
    }

    @Test
    void oneAnswerThatIsMissingRefusesAllOfIt() {
        move();
        Map<String, String> before = bytes();
        next.answerWrongly();

        assertThat(cutOver().done()).isFalse();
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void aRecordThatCannotBeReadRefusesAllOfIt() {
        move();
        store.damage("b");

        CutOver.Report report = cutOver();

        assertThat(report.done()).isFalse();
        assertThat(report.refusals()).anyMatch(refusal -> refusal.contains("such as b"));
    }

    @Test
    void wrapsThatAreKeptWithoutAnEndGoToo() {
        for (String id : List.of("a", "b", "c")) {
            Keychain keychain = keychains.open(id);
            keychain.changeRecipients(to -> to.control(next.id()));
            keychain.repair(Set.of(next.id()));
        }
        assertThat(retained()).isEqualTo(6);

        assertThat(cutOver().done()).isTrue();
        assertThat(retained()).isZero();
        requireAllOpen();
    }

    @Test
    void againThereIsNothingToDo() {
        move();
        cutOver();
        Map<String, String> before = bytes();

        CutOver.Report report = cutOver();

        assertThat(report.done()).isTrue();
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void jsonTellsWhatWasProvenAndDropped() {
        move();

        assertThat(cutOver().toJson())
                .contains(
                        "\"done\": true",
                        "\"needed\": false",
                        "\"proven\": true",
                        "\"dropped\": 6",
                        "\"refusals\": []");
    }

    @Test
    void aKekThatIsControlOfAnotherKeychainIsLeftToIt() {
        move();
        KekId stranger = kms.kek("stranger").id();
        keychains.create("d", spec -> spec.control(stranger));
        kms.kek("stranger").disable();

        assertThat(cutOver().done()).isTrue();
    }

    private CutOver.Report cutOver(ForwardingStore between) {
        return CutOver.from(old.id()).rate(10_000).concurrency(2).run(between, providers, seal);
    }

    @Test
    void othersThatAreFasterNineTimesDoNotMatter() {
        move();
        assertThat(cutOver(new OvertakenStore(store, 9, () -> {})).done()).isTrue();
        assertThat(retained()).isZero();
        requireAllOpen();
    }

    @Test
    void othersThatAreAlwaysFasterAreTold() {
        move();
        OvertakenStore always = new OvertakenStore(store, 1_000, () -> {});
        assertThatExceptionOfType(KeychainConflictException.class).isThrownBy(() -> cutOver(always));
        assertThat(always.tries).hasValue(10);
        assertThat(retained()).isEqualTo(6);
    }

    @Test
    void kekThatBecameARecipientAgainMeanwhileStaysOne() {
        move();
        KekId third = kms.kek("third").id();
        Runnable again = () -> keychains
                .open("a")
                .changeRecipients(to -> to.control(next.id()).control(third).replica(old.id()));

        CutOver.Report report = cutOver(new OvertakenStore(store, 1, again));

        assertThat(report.done()).isFalse();
        assertThat(store.load("a").orElseThrow().recipients())
                .contains(new Recipient(Role.REPLICA, old.id()), new Recipient(Role.CONTROL, third));
        assertThat(report.refusals()).isNotEmpty();
        requireAllOpen();
    }

    @Test
    void optionsAreThoseOfAJob() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CutOver.from(old.id()).rate(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CutOver.from(old.id()).concurrency(0));
    }
}
