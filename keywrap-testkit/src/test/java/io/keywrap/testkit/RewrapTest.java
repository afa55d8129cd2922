package io.keywrap.testkit;

import static io.keywrap.testkit.RewrapBench.assertComplete;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.keychain.Keychain;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapNeed;
import io.keywrap.rewrap.RewrapNeed.Reason;
import io.keywrap.rewrap.RewrapPlan;
import io.keywrap.rewrap.RewrapPlan.Calls;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a job does where nothing goes wrong: roles, what is kept, and how often which KEK is asked. */
class RewrapTest {
    private static final Duration DAYS_90 = Duration.ofDays(90);

    private final RewrapBench bench = new RewrapBench();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void newKekHasTheRoleOfTheOldOneWhichIsRetained() {
        bench.keychain("a", 3);
        RewrapReport report = bench.move().build().run();
        assertComplete(report);
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 3L));
        assertThat(bench.record("a").recipients())
                .containsExactly(
                        new Recipient(Role.CONTROL, bench.to.id()),
                        new Recipient(
                                Role.RETAINED,
                                bench.from.id(),
                                Optional.of(bench.time.now().plus(DAYS_90))));
        bench.record("a")
                .deks()
                .forEach(entry ->
                        bench.assertRoles(entry, Map.of(bench.to.id(), Role.CONTROL, bench.from.id(), Role.RETAINED)));
        bench.from.disable();
        bench.assertMoved("a");
    }

    @Test
    void oneCompareAndSetForAKeychain() {
        long before = bench.keychain("a", 20).record().revision();
        bench.move().build().run();
        assertThat(bench.record("a").revision()).isEqualTo(before + 1);
    }

    @Test
    void secondRunFindsNothingToDo() {
        bench.keychain("a", 3);
        bench.move().build().run();
        byte[] before = bench.record("a").toBytes();
        int calls = bench.from.calls() + bench.to.calls();
        RewrapReport again = bench.move().build().run();
        assertComplete(again);
        assertThat(again.outcomes()).isEqualTo(Map.of(Outcome.ALREADY, 3L));
        assertThat(bench.from.calls() + bench.to.calls()).isEqualTo(calls);
        assertThat(bench.record("a").toBytes()).isEqualTo(before);
    }

    @Test
    void roleOfAReplicaMovesAndControlStays() {
        bench.keychain("a", 2, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        RewrapReport report =
                bench.job().move(bench.replica.id(), bench.to.id()).build().run();
        assertComplete(report);
        bench.record("a").deks().stream()
                .filter(entry -> entry.wraps().size() > 2)
                .forEach(entry -> bench.assertRoles(
                        entry,
                        Map.of(
                                bench.from.id(), Role.CONTROL,
                                bench.to.id(), Role.REPLICA,
                                bench.replica.id(), Role.RETAINED)));
        assertThat(bench.record("a").incomplete()).isEmpty();
        bench.assertAllOpen("a");
    }

    @Test
    void wrapThatIsThereIsProvenAndUsed() {
        Keychain keychain = bench.keychain(
                "a", 2, r -> r.control(bench.from.id()).replica(bench.to.id()).writeQuorum(2));
        keychain.repair(Set.of(bench.to.id()));
        int wraps = bench.to.wraps();
        RewrapPlan plan = bench.move().build().plan();
        RewrapReport report = bench.move().build().run();
        assertComplete(report);
        assertThat(bench.to.wraps()).isEqualTo(wraps);
        assertThat(customers(report.calls())).isEqualTo(customers(plan.calls()));
        assertThat(bench.record("a").writeQuorum()).isEqualTo(1);
        bench.assertMoved("a");
    }

    @Test
    void planIsWhatIsCountedThen() {
        for (int i = 0; i < 30; i++) {
            bench.keychain("tenant-" + i, 1 + i % 4);
        }
        RewrapPlan plan = bench.move().build().plan();
        int[] before = counts();
        RewrapReport report = bench.job(bench.store, bench.providers())
                .move(bench.from.id(), bench.to.id())
                .build()
                .run();
        assertComplete(report);
        int[] after = counts();
        assertThat(report.calls()).isEqualTo(plan.calls());
        assertThat(plan.keychains()).isEqualTo(30);
        assertThat(plan.calls())
                .containsExactly(
                        new Calls(bench.from.id(), Operation.UNWRAP, after[0] - before[0]),
                        new Calls(bench.to.id(), Operation.WRAP, after[1] - before[1]),
                        new Calls(bench.to.id(), Operation.UNWRAP, after[2] - before[2]),
                        new Calls(bench.vendor.id(), Operation.UNWRAP, 30));
        assertThat(after[3] - before[3]).isEqualTo(30);
        assertThat(plan.perCloud().get("memory").get(Operation.WRAP)).isEqualTo(plan.deks());
        assertThat(plan.toJson()).contains("\"estimateSeconds\"", Rewrap.WARNING);
    }

    private int[] counts() {
        return new int[] {bench.from.unwraps(), bench.to.wraps(), bench.to.unwraps(), bench.vendor.unwraps()};
    }

    private List<Calls> customers(List<Calls> calls) {
        return calls.stream()
                .filter(one -> !one.kekId().equals(bench.vendor.id()))
                .toList();
    }

    @Test
    void planChangesNothingAndAsksNoCustomer() {
        byte[] before = bench.keychain("a", 3).record().toBytes();
        int calls = bench.from.calls() + bench.to.calls();
        bench.move().build().plan();
        assertThat(bench.from.calls() + bench.to.calls()).isEqualTo(calls);
        assertThat(bench.record("a").toBytes()).isEqualTo(before);
    }

    @Test
    void kmsMovesByItselfWhereItCan() {
        bench.kms.serverSideRewrap(true);
        bench.keychain("a", 3);
        int unwraps = bench.from.unwraps();
        RewrapPlan plan = bench.move().build().plan();
        RewrapReport report = bench.move().build().run();
        assertComplete(report);
        assertThat(bench.from.unwraps()).isEqualTo(unwraps);
        assertThat(bench.from.rewraps()).isEqualTo(3);
        assertThat(bench.to.wraps()).isZero();
        assertThat(bench.to.unwraps()).isEqualTo(3);
        assertThat(customers(plan.calls())).isEqualTo(customers(report.calls()));
        bench.assertMoved("a");
    }

    @Test
    void oldWrapsGoWhenTheirTimeIsOverAndNotBefore() {
        bench.keychain("a", 3);
        bench.move().build().run();
        bench.time.advance(DAYS_90.minusSeconds(1));
        assertThat(bench.job().dropRetained().build().run().count(Outcome.ALREADY))
                .isEqualTo(3);
        bench.time.advance(Duration.ofSeconds(1));
        int unwraps = bench.to.unwraps();
        RewrapPlan plan = bench.move().build().plan();
        RewrapReport report = bench.move().build().run();
        assertComplete(report);
        assertThat(report.count(Outcome.DROPPED)).isEqualTo(3);
        assertThat(bench.to.unwraps() - unwraps).isEqualTo(3);
        assertThat(customers(report.calls())).isEqualTo(customers(plan.calls()));
        assertThat(bench.record("a").recipients()).containsExactly(new Recipient(Role.CONTROL, bench.to.id()));
        bench.from.delete();
        bench.assertMoved("a");
    }

    @Test
    void retainedForNoTimeGoesAtOnceWhereAllOthersOpen() {
        bench.keychain("a", 2, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        bench.keychains(bench.providers).open("a").repair(Set.of(bench.replica.id()));
        RewrapReport report = bench.move().retain(Duration.ZERO).build().run();
        assertComplete(report);
        for (DekEntry entry : bench.record("a").deks()) {
            bench.assertRoles(entry, Map.of(bench.to.id(), Role.CONTROL, bench.replica.id(), Role.REPLICA));
        }
        assertThat(bench.record("a").recipients()).hasSize(2);
        bench.assertMoved("a");
    }

    @Test
    void renewedWrapTakesThePlaceOfTheOldOne() {
        bench.keychain("a", 3);
        bench.from.rotate();
        Rewrap.Builder renew = bench.job().renew(bench.from.id());
        RewrapPlan plan = renew.build().plan();
        int statuses = bench.from.statuses();
        RewrapReport report = renew.build().run();
        assertComplete(report);
        assertThat(bench.from.statuses() - statuses).isEqualTo(1);
        assertThat(customers(report.calls())).isEqualTo(customers(plan.calls()));
        assertThat(plan.deks()).isEqualTo(3);
        for (DekEntry entry : bench.record("a").deks()) {
            assertThat(entry.wraps()).hasSize(1);
            assertThat(entry.wraps().get(0).wrapped().kekVersion()).isEqualTo("2");
        }
        bench.assertAllOpen("a");
        assertThat(renew.build().run().outcomes()).isEqualTo(Map.of(Outcome.ALREADY, 3L));
    }

    @Test
    void needsAreToldByTheRecordAlone() {
        Keychain keychain = bench.keychain("a", 2);
        bench.from.rotate();
        var statuses = Map.of(
                bench.from.id(),
                bench.providers.provider(bench.from.id()).status(bench.providers.foregroundDeadline()));
        assertThat(RewrapNeed.of(keychain.record(), statuses, bench.time.now()))
                .extracting(RewrapNeed::reason)
                .containsExactly(Reason.OLD_VERSION, Reason.OLD_VERSION);
        assertThat(RewrapNeed.of(
                        keychain.record(),
                        List.of(new Recipient(Role.CONTROL, bench.to.id())),
                        Map.of(),
                        bench.time.now()))
                .extracting(RewrapNeed::reason)
                .containsExactly(Reason.OTHER_KEK, Reason.MISSING_WRAP, Reason.OTHER_KEK, Reason.MISSING_WRAP);
        assertThat(RewrapNeed.of(keychain.record(), Map.of(), bench.time.now())).isEmpty();
        bench.move().build().run();
        assertThat(RewrapNeed.of(bench.record("a"), Map.of(), bench.time.now().plus(DAYS_90)))
                .extracting(RewrapNeed::reason)
                .containsOnly(Reason.RETAINED_OVER)
                .hasSize(2);
    }

    @Test
    void keyManagementChangesWithTheMoveWhereItMay() {
        bench.keychains(bench.providers)
                .create("free", spec -> spec.control(bench.from.id()).migratable());
        bench.keychain("bound", 1);
        KeyManagement other = KeyManagement.VENDOR;
        RewrapReport report = bench.move().keyManagement(other).build().run();
        assertThat(bench.record("free").keyManagement()).isEqualTo(other);
        assertThat(bench.record("bound").keyManagement()).isNotEqualTo(other);
        assertThat(bench.record("bound").recipients()).containsExactly(new Recipient(Role.CONTROL, bench.from.id()));
        assertThat(report.items())
                .singleElement()
                .satisfies(item -> assertThat(item.outcome()).isEqualTo(Outcome.NOT_MIGRATABLE));
        assertThat(report.complete()).isFalse();
    }

    @Test
    void onlyWhatIsMeantIsMoved() {
        bench.keychain("a-1", 1);
        bench.keychain("b-1", 1);
        assertComplete(bench.move()
                .filter(KeychainFilter.all().withIdPrefix("a-"))
                .build()
                .run());
        bench.assertMoved("a-1");
        assertThat(bench.record("b-1").recipients()).containsExactly(new Recipient(Role.CONTROL, bench.from.id()));
    }

    @Test
    void destroyedDeksAreNotTouched() {
        Keychain keychain = bench.keychain("a", 3);
        keychain.destroyDek(keychain.record().deks().get(0).id(), Optional.of("a test"));
        assertThat(bench.move().build().run().outcomes()).isEqualTo(Map.of(Outcome.MOVED, 2L));
        keychain.refresh();
        assertThat(keychain.record().deks().get(0).wraps()).isEmpty();
    }

    @Test
    void severalMovesInOneKeychainAreOneChange() {
        InMemoryKek second = bench.kms.kek("second");
        Keychain keychain =
                bench.keychain("a", 2, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        keychain.repair(Set.of(bench.replica.id()));
        long before = keychain.record().revision();
        RewrapReport report =
                bench.move().move(bench.replica.id(), second.id()).build().run();
        assertComplete(report);
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 2L));
        assertThat(bench.record("a").revision()).isEqualTo(before + 1);
        assertThat(bench.record("a").recipients())
                .extracting(Recipient::kekId)
                .containsExactly(bench.to.id(), second.id(), bench.from.id(), bench.replica.id());
    }

    @Test
    void chainsAndLoopsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> bench.job().move(bench.from.id(), bench.from.id()));
        assertThatIllegalArgumentException().isThrownBy(() -> bench.move().move(bench.to.id(), bench.replica.id()));
        assertThatIllegalArgumentException().isThrownBy(() -> bench.move().move(bench.replica.id(), bench.from.id()));
        assertThatIllegalArgumentException().isThrownBy(() -> bench.move().renew(bench.from.id()));
        assertThatIllegalStateException().isThrownBy(() -> bench.job().build());
        assertThatIllegalStateException()
                .isThrownBy(() -> bench.job()
                        .keyManagement(KeyManagement.VENDOR)
                        .dropRetained()
                        .build());
    }
}
