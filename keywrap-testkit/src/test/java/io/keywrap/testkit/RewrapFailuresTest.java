package io.keywrap.testkit;

import static io.keywrap.testkit.RewrapBench.assertComplete;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.keychain.Keychain;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** KEKs that fail, and wraps and records that are not what they should be: exact outcomes, and nothing lost. */
class RewrapFailuresTest {
    private final RewrapBench bench = new RewrapBench();

    @AfterEach
    void close() {
        bench.close();
    }

    private RewrapReport run() {
        return bench.move().build().run();
    }

    @Test
    void permissionOfTheNewKekIsMissing() {
        bench.keychain("a", 30);
        byte[] before = bench.record("a").toBytes();
        bench.to.deny();
        RewrapReport report = run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_NEW_KEK, 30L));
        assertThat(report.items()).allSatisfy(item -> {
            assertThat(item.kekId()).contains(bench.to.id());
            assertThat(item.rawCode()).contains("AccessDeniedException");
            assertThat(item.dekId()).isPresent();
        });
        assertThat(bench.record("a").toBytes()).isEqualTo(before);
        assertThat(bench.to.wraps()).as("calls of what denies").isLessThan(10);

        bench.to.allow();
        assertComplete(run());
        bench.assertMoved("a");
    }

    @Test
    void oldKekIsDisabledHalfWay() {
        bench.keychain("a", 40);
        AtomicInteger unwraps = new AtomicInteger();
        bench.onEvent = event -> {
            if (event instanceof CallEnded call
                    && call.kekId().equals(bench.from.id())
                    && call.operation() == Operation.UNWRAP
                    && unwraps.incrementAndGet() == 10) {
                bench.from.disable();
            }
        };
        RewrapReport report = run();
        long moved = report.count(Outcome.MOVED);
        assertThat(moved).isBetween(10L, 14L);
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, moved, Outcome.FAILED_OLD_KEK, 40 - moved));
        assertThat(bench.record("a").deks().stream()
                        .filter(entry ->
                                entry.wrapUnder(bench.from.id()).orElseThrow().role() == Role.CONTROL))
                .as("what was not moved is as it was")
                .hasSize((int) (40 - moved))
                .allSatisfy(entry -> assertThat(entry.wraps()).hasSize(1));
        assertThat(bench.record("a").recipients().get(0)).isEqualTo(new Recipient(Role.CONTROL, bench.to.id()));
        assertThat(unwraps.get()).as("calls of what has refused").isLessThan(20);

        bench.onEvent = event -> {};
        bench.from.enable();
        RewrapReport again = run();
        assertComplete(again);
        assertThat(again.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 40 - moved, Outcome.ALREADY, moved));
        bench.assertMoved("a");
    }

    @Test
    void whatItsOwnerHasClosedStaysClosed() {
        Keychain keychain =
                bench.keychain("a", 2, r -> r.control(bench.from.id()).replica(bench.to.id()));
        keychain.repair(Set.of(bench.to.id()));
        byte[] before = bench.record("a").toBytes();
        bench.from.disable();
        assertThat(run().outcomes()).isEqualTo(Map.of(Outcome.FAILED_OLD_KEK, 2L));
        assertThat(bench.record("a").toBytes()).isEqualTo(before);
    }

    @Test
    void replicaIsNotMovedForAControlKekThatIsKnownToBeWithdrawn() {
        Keychain keychain =
                bench.keychain("a", 2, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        keychain.repair(Set.of(bench.replica.id()));
        byte[] before = bench.record("a").toBytes();
        bench.from.disable();
        run(); // Hears of it.
        RewrapReport report =
                bench.job().move(bench.replica.id(), bench.to.id()).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_OLD_KEK, 2L));
        assertThat(bench.to.wraps()).isZero();
        assertThat(bench.record("a").toBytes()).isEqualTo(before);
    }

    @Test
    void throttledCallsAreMadeLaterAndSlower() {
        bench.keychain("a", 20);
        bench.to.faults(FaultPlan.ofWraps().throttle(6));
        long began = bench.time.nanoTime();
        assertComplete(run());
        assertThat(bench.time.nanoTime() - began).isPositive();
        bench.assertMoved("a");
    }

    @Test
    void kekThatDoesNotAnswerIsGivenUpSoon() {
        bench.keychain("a", 30);
        bench.to.unreachable();
        RewrapReport report = bench.move().concurrency(1).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_NEW_KEK, 30L));
        assertThat(report.items())
                .allSatisfy(item ->
                        assertThat(item.failure().orElseThrow().retryable()).isTrue());
        assertThat(report.elapsed()).isLessThan(Duration.ofMinutes(1));
        bench.to.recover();
        assertComplete(run());
        bench.assertMoved("a");
    }

    @Test
    void corruptWrapAmongGoodOnes() {
        Keychain keychain = bench.keychain("a", 4);
        bench.from.faults(FaultPlan.ofGenerates().answerWithAnotherDek());
        keychain.rotate();
        DekEntry corrupt = keychain.record().deks().get(4);
        byte[] wrap = corrupt.wraps().get(0).wrapped().toBytes();
        for (boolean inside : new boolean[] {true, false}) {
            bench.kms.serverSideRewrap(inside);
            RewrapReport report = run();
            assertThat(report.count(Outcome.MOVED)).isEqualTo(inside ? 4 : 0);
            assertThat(report.items()).singleElement().satisfies(item -> {
                assertThat(item.outcome()).isEqualTo(Outcome.CORRUPT_WRAP);
                assertThat(item.dekId()).contains(corrupt.id());
                assertThat(item.keychainId()).isEqualTo("a");
            });
            DekEntry after = bench.record("a").dek(corrupt.id()).orElseThrow();
            assertThat(after.wraps()).hasSize(1);
            assertThat(after.wraps().get(0).wrapped().toBytes()).isEqualTo(wrap);
            assertThat(after.wraps().get(0).role()).isEqualTo(Role.CONTROL);
        }
    }

    @Test
    void newWrapThatDoesNotOpenIsNotUsed() {
        bench.keychain("a", 3);
        bench.to.faults(FaultPlan.ofWraps().answerWithAnotherDek());
        RewrapReport report = run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 2L, Outcome.FAILED_NEW_KEK, 1L));
        assertComplete(run());
        bench.assertMoved("a");
    }

    @Test
    void wrongAnswerOfAServerSideRewrapIsMadeGoodByAnUnwrapAndAWrap() {
        bench.kms.serverSideRewrap(true);
        bench.keychain("a", 3);
        bench.from.faults(FaultPlan.ofRewraps().answerWithAnotherDek());
        assertComplete(run());
        assertThat(bench.to.wraps()).isEqualTo(1);
        bench.assertMoved("a");
    }

    @Test
    void deniedServerSideRewrapIsNotTriedAgain() {
        bench.kms.serverSideRewrap(true);
        bench.keychain("a", 30);
        bench.from.faults(FaultPlan.ofRewraps().deny(1));
        assertComplete(bench.move().concurrency(1).build().run());
        assertThat(bench.from.rewraps()).isEqualTo(1);
        assertThat(bench.to.wraps()).isEqualTo(30);
        bench.assertMoved("a");
    }

    @Test
    void corruptWrapUnderTheNewKekIsMadeAnew() {
        Keychain keychain = bench.keychain("a", 2);
        bench.to.faults(FaultPlan.ofWraps().answerWithAnotherDek());
        keychain.changeRecipients(r -> r.control(bench.from.id()).replica(bench.to.id()));
        bench.remember(keychain);
        assertComplete(run());
        bench.from.disable();
        bench.assertMoved("a");
    }

    @Test
    void oldWrapStaysWhereAnotherRecipientDoesNotOpen() {
        Keychain keychain =
                bench.keychain("a", 2, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        keychain.repair(Set.of(bench.replica.id()));
        bench.replica.disable();
        RewrapReport report = bench.move().retain(Duration.ZERO).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.NOT_DROPPED, 2L));
        assertThat(report.items())
                .extracting(Item::kekId)
                .allMatch(kek -> kek.get().equals(bench.replica.id()));
        assertThat(bench.record("a").deks())
                .allSatisfy(entry -> assertThat(
                                entry.wrapUnder(bench.from.id()).orElseThrow().role())
                        .isEqualTo(Role.RETAINED));
        bench.replica.enable();
        assertThat(bench.job().dropRetained().build().run().count(Outcome.DROPPED))
                .isEqualTo(2);
        bench.assertMoved("a");
    }

    @Test
    void recordsThatNobodyVouchesForAreTold() {
        bench.keychain("a", 1);
        bench.keychain("b", 1);
        bench.keychain("c", 1);
        KeychainRecord planted = bench.record("b")
                .next()
                .recipients(List.of(
                        new Recipient(Role.CONTROL, bench.from.id()), new Recipient(Role.REPLICA, bench.to.id())))
                .build(body -> new byte[KeychainRecord.SEAL_BYTES]);
        bench.store.overwrite("b", planted);
        bench.store.damage("c");
        RewrapReport report = run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 1L, Outcome.SEAL_BROKEN, 2L));
        assertThat(report.items()).extracting(Item::keychainId).containsExactly("b", "c");
        bench.assertMoved("a");
    }

    @Test
    void withoutTheKekOfTheSealsNothingIsBelieved() {
        for (int i = 0; i < 20; i++) {
            bench.keychain("t" + i, 1);
        }
        int calls = bench.from.calls();
        bench.vendor.disable();
        RewrapReport report = bench.job(bench.store, bench.providers())
                .move(bench.from.id(), bench.to.id())
                .build()
                .run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_SEAL_KEK, 20L));
        assertThat(bench.from.calls()).isEqualTo(calls);
    }

    @Test
    void keychainThatIsMeantForOthersIsTold() {
        Keychain keychain = bench.keychain("a", 2);
        keychain.changeRecipients(r -> r.control(bench.replica.id()));
        RewrapReport report = run();
        assertThat(report.items())
                .hasSize(2)
                .allSatisfy(item -> assertThat(item.outcome()).isEqualTo(Outcome.NOT_RECIPIENT));
        keychain.repair(Set.of(bench.replica.id()));
        assertComplete(run());
    }

    @Test
    void keychainWithoutRoomIsToldBeforeAnyCall() {
        bench.keychain("a", 1, r -> {
            r.control(bench.from.id());
            for (int i = 1; i < KeychainRecord.MAX_WRAPS; i++) {
                r.retained(bench.kms.kek("former-" + i).id());
            }
        });
        int calls = bench.from.calls();
        RewrapReport report = run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.NO_ROOM, 1L));
        assertThat(bench.from.calls()).isEqualTo(calls);
        assertThat(bench.move().build().plan().problems()).hasSize(1);
    }

    @Test
    void incompleteDekIsWrappedToTheNewReplicaByItsControlKek() {
        bench.keychain("a", 2, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        assertThat(bench.record("a").incomplete()).hasSize(1);
        RewrapReport report =
                bench.job().move(bench.replica.id(), bench.to.id()).build().run();
        assertComplete(report);
        assertThat(bench.record("a").incomplete()).isEmpty();
    }

    @Test
    void controlKekThatOpensNoDekStaysARecipient() {
        Keychain keychain = bench.keychain("a", 1);
        keychain.changeRecipients(r -> r.control(bench.replica.id()).control(bench.from.id()));
        // One DEK has wraps under both, the older one lacks the new CONTROL KEK.
        bench.replica.disable();
        RewrapReport report =
                bench.job().move(bench.replica.id(), bench.to.id()).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_OLD_KEK, 2L));
        assertThat(bench.record("a").recipients())
                .containsExactlyInAnyOrder(
                        new Recipient(Role.CONTROL, bench.replica.id()), new Recipient(Role.CONTROL, bench.from.id()));
    }

    @Test
    void kekThatDoesNotTellItsVersionIsTold() {
        bench.keychain("a", 2);
        bench.from.rotate();
        bench.from.unreachable();
        RewrapReport report = bench.job().renew(bench.from.id()).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_OLD_KEK, 2L));
    }

    @Test
    void noMessageHasAKeyOrAContextValue() {
        bench.keychains(bench.providers)
                .create("a", spec -> spec.control(bench.from.id()).keyContext("tenant", "acme-secret-name"));
        bench.to.deny();
        RewrapReport report = run();
        assertThat(report.toJson()).doesNotContain("acme-secret-name").contains("FAILED_NEW_KEK");
        assertThat(report.toString()).doesNotContain("acme-secret-name");
    }
}
