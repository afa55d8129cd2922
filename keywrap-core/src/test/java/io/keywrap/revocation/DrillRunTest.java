package io.keywrap.revocation;

import static io.keywrap.revocation.TallyTest.control;
import static io.keywrap.revocation.TallyTest.dek;
import static io.keywrap.revocation.TallyTest.record;
import static io.keywrap.revocation.TallyTest.replica;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.revocation.Drill.Answer;
import io.keywrap.revocation.Drill.Builder;
import io.keywrap.revocation.Drill.Outcome;
import io.keywrap.revocation.Drill.Report;
import io.keywrap.revocation.KekInventory.Unsealed;
import io.keywrap.revocation.KekInventory.Use;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainStore.Unreadable;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a drill leaves behind, how much it names, and what it counts. */
class DrillRunTest {
    private final ManualTime time = new ManualTime();
    private final SharedStore store = new SharedStore();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final KekId kek = cloud.kek("acme");
    private final Jvm jvm = new Jvm(store, time, 1, options -> {}, cloud, vendor);

    @AfterEach
    void close() {
        jvm.close();
    }

    private void keychains(int count) {
        for (int i = 0; i < count; i++) {
            jvm.keychains.create("tenant-%02d".formatted(i), spec -> spec.control(kek));
        }
    }

    private Drill drill(UnaryOperator<Builder> options) {
        return options.apply(Drill.builder(store, jvm.providers).seal(KeychainSeal.wrappedBy(Jvm.SEAL)))
                .build();
    }

    private Answer only(UnaryOperator<Builder> options) {
        return drill(options).run().answers().get(0);
    }

    @Test
    void whatWasUnwrappedIsWiped() {
        keychains(3);
        Queue<Dek> given = new ConcurrentLinkedQueue<>();
        cloud.handedOut = given::add;
        drill(Builder::eachDek).run();
        assertThat(given).hasSize(3).allMatch(Dek::isClosed);
        cloud.flip = true;
        drill(Builder::eachDek).run();
        assertThat(given).hasSize(6).allMatch(Dek::isClosed);
    }

    @Test
    void itsThreadsKeepNoJvmAlive() {
        keychains(2);
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        cloud.during = kekId -> threads.add(Thread.currentThread());
        drill(options -> options).run();
        assertThat(threads).hasSize(1).allMatch(Thread::isDaemon);
    }

    @Test
    void tenKeychainsAreNamedAndAllAreCounted() {
        keychains(12);
        for (int i = 0; i < 12; i++) {
            jvm.keychains
                    .open("tenant-%02d".formatted(i))
                    .changeRecipients(to -> to.control(kek).replica(cloud.kek("next")));
        }
        cloud.disable(kek);
        Report report = drill(Builder::eachDek).run();
        assertThat(report.incomplete()).isEqualTo(12);
        assertThat(report.incompleteKeychains()).hasSize(10).doesNotHaveDuplicates();
        Answer refused = report.answers().get(0);
        assertThat(refused.kekId()).isEqualTo(kek);
        assertThat(refused.failed()).isEqualTo(refused.asked()).isGreaterThanOrEqualTo(12);
        assertThat(refused.keychains()).hasSize(10).doesNotHaveDuplicates();
    }

    private void answers(List<Function<Failure, KekException>> failures) {
        Iterator<Function<Failure, KekException>> next = failures.iterator();
        cloud.during = kekId -> {
            if (next.hasNext()) {
                throw next.next().apply(Failure.of(kekId, "told to fail"));
            }
        };
    }

    @Test
    void theFirstOfTheWorstIsTold() {
        keychains(4);
        answers(List.of(
                failure -> new KekRevokedException(failure, Reason.DISABLED),
                failure -> new KekRevokedException(failure, Reason.DENIED)));
        Answer refused = only(options -> options.eachDek().concurrency(1));
        assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(refused.asked()).isEqualTo(4);
        assertThat(refused.failed()).isEqualTo(2);
        assertThat(refused.failure())
                .get()
                .isInstanceOfSatisfying(
                        KekRevokedException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.DISABLED));
    }

    @Test
    void outcomesOfFailures() {
        Failure failure = Failure.of(kek, "told to fail");
        assertThat(DrillRun.outcomeOf(new KekThrottledException(failure))).isEqualTo(Outcome.NO_ANSWER);
        assertThat(DrillRun.outcomeOf(new KekUnreachableException(failure))).isEqualTo(Outcome.NO_ANSWER);
        assertThat(DrillRun.outcomeOf(new KekRevokedException(failure, Reason.DENIED)))
                .isEqualTo(Outcome.REFUSED);
    }

    @Test
    @Timeout(60)
    void anInterruptEndsTheWaitForAnswersAndStays() throws InterruptedException {
        keychains(1);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        AtomicReference<Thread> worker = new AtomicReference<>();
        cloud.during = kekId -> {
            worker.set(Thread.currentThread());
            asked.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        Thread waiting = new Thread(() -> {
            try {
                drill(options -> options).run();
            } catch (CancellationException e) {
                thrown.set(e);
            }
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        waiting.start();
        asked.await();
        waiting.interrupt();
        waiting.join();
        assertThat(thrown.get()).isInstanceOf(CancellationException.class);
        assertThat(interrupted.get()).isTrue();
        worker.get().join(); // The call under way was interrupted too.
    }

    private static boolean isIncomplete(DekEntry entry, KekId without) {
        KeychainRecord record = record("one", entry);
        return new DrillScope(Optional.empty(), Optional.of(without), true, false).isIncomplete(record, entry);
    }

    @Test
    void withoutAKekADekOpensIfAnotherControlsIt() {
        KekId gone = KekId.of("cloud:gone");
        KekId control = KekId.of("cloud:a");
        assertThat(isIncomplete(dek(State.PRIMARY, control(control, "1")), gone))
                .isFalse();
        assertThat(isIncomplete(dek(State.PRIMARY, control(control, "1"), replica(gone)), gone))
                .isFalse();
        assertThat(isIncomplete(dek(State.PRIMARY, control(control, "1"), control(gone, "1")), gone))
                .isTrue();
        assertThat(isIncomplete(dek(State.PRIMARY, replica(control)), gone))
                .as("nobody controls it")
                .isTrue();
    }

    @Test
    void anInventoryCountsWhatIsSealedAndNamesTheRest() {
        keychains(2);
        byte[] record = store.records.get("tenant-01");
        record[record.length - 1] ^= 1;
        Unreadable place = new Unreadable("a place", "a reason");
        store.unreadable.add(place);
        KekInventory inventory = KekInventory.read(store, jvm.providers, KeychainSeal.wrappedBy(Jvm.SEAL));
        assertThat(inventory.uses()).containsExactly(new Use(kek, "1", Role.CONTROL, 1, 1));
        assertThat(inventory.keychains()).isEqualTo(1);
        assertThat(inventory.unsealed()).extracting(Unsealed::keychainId).containsExactly("tenant-01");
        assertThat(inventory.unreadable()).containsExactly(place);
        store.records.remove("tenant-01");
        Report report = drill(options -> options).run();
        assertThat(report.answers()).extracting(Answer::outcome).containsExactly(Outcome.OPENS);
        assertThat(report.allOpen()).as("something cannot be read").isFalse();
    }
}
