package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.ManualTime;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekState;
import io.keywrap.revocation.Drill.Answer;
import io.keywrap.revocation.Drill.Builder;
import io.keywrap.revocation.Drill.Outcome;
import io.keywrap.revocation.Drill.Report;
import io.keywrap.store.KeychainFilter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether all recipients can unwrap, whatever some of them answer. */
class DrillTest {
    private final ManualTime time = new ManualTime();
    private final SharedStore store = new SharedStore();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud other = new Cloud("other", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final KekId control = cloud.kek("control");
    private final KekId replica = other.kek("replica");
    private Jvm jvm;

    @BeforeEach
    void twoKeychains() {
        jvm = new Jvm(store, time, 1, options -> {}, cloud, other, vendor);
        jvm.keychains.create("a", spec -> spec.control(control).replica(replica));
        jvm.keychains.create("b", spec -> spec.control(control).replica(replica));
        jvm.keychains.open("b").rotate();
    }

    @AfterEach
    void end() {
        jvm.close();
    }

    private Report drill(UnaryOperator<Builder> options) {
        return options.apply(Drill.builder(store, jvm.providers).seal(KeychainSeal.wrappedBy(Jvm.SEAL)))
                .build()
                .run();
    }

    private Report drill() {
        return drill(options -> options);
    }

    private static Answer of(Report report, KekId kekId) {
        return report.answers().stream()
                .filter(answer -> answer.kekId().equals(kekId))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void oneWrapOfEachVersionIsUnwrapped() {
        int before = cloud.unwraps(control);

        Report report = drill();

        assertThat(report.allOpen()).isTrue();
        assertThat(report.answers())
                .extracting(Answer::kekId, Answer::outcome, Answer::asked, Answer::failed)
                .containsExactly(tuple(control, Outcome.OPENS, 1, 0), tuple(replica, Outcome.OPENS, 1, 0));
        assertThat(cloud.unwraps(control) - before).isEqualTo(1);
        assertThat(report.inventory().keychains()).isEqualTo(2);
    }

    @Test
    void eachVersionOfAKekIsOne() {
        cloud.version = "2";
        jvm.keychains.open("a").rotate();

        assertThat(drill(options -> options.only(control)).answers())
                .extracting(Answer::version)
                .containsExactly("1", "2");
    }

    @Test
    void everyWrapIsUnwrappedWhereThatIsAskedFor() {
        int deks = deks();
        int before = other.unwraps(replica);

        Report report = drill(Builder::eachDek);

        assertThat(of(report, control).asked()).isEqualTo(deks);
        assertThat(other.unwraps(replica) - before).isEqualTo(deks);
        assertThat(report.allOpen()).isTrue();
    }

    @Test
    void aRefusalEndsNothing() {
        cloud.disable(control);

        Report report = drill();

        assertThat(report.allOpen()).isFalse();
        Answer refused = of(report, control);
        assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(refused.failed()).isEqualTo(1);
        assertThat(refused.failure()).containsInstanceOf(KekRevokedException.class);
        assertThat(refused.keychains()).hasSize(1).isSubsetOf("a", "b");
        assertThat(of(report, replica).outcome()).isEqualTo(Outcome.OPENS);
        assertThat(jvm.providers
                        .states()
                        .of(control, "1", Operation.UNWRAP)
                        .orElseThrow()
                        .state())
                .isEqualTo(KekState.REVOKED);
    }

    @Test
    void anOutageIsNoRefusal() {
        other.faults.put(replica, KekThrottledException::new);

        assertThat(of(drill(), replica).outcome()).isEqualTo(Outcome.NO_ANSWER);
        assertThat(jvm.providers
                        .states()
                        .of(replica, "1", Operation.UNWRAP)
                        .orElseThrow()
                        .state())
                .isEqualTo(KekState.ACTIVE);
    }

    @Test
    void aServiceThatIsSilentIsAskedOnceForEachFurtherWrap() {
        other.dark = true;

        Report report = drill(options -> options.eachDek().only(replica).concurrency(1));

        int asked = of(report, replica).asked();
        assertThat(of(report, replica).failed()).isEqualTo(asked).isGreaterThan(2);
        // Only the first has retries, and the time of somebody who waits.
        assertThat(jvm.canaries(replica)).isEqualTo(asked - 1);
    }

    @Test
    void anErrorIsNotTakenForAKekThatOpens() {
        other.during = kekId -> {
            throw new NoClassDefFoundError("of a client");
        };

        assertThatThrownBy(this::drill).isInstanceOf(NoClassDefFoundError.class);
    }

    @Test
    void aMistakeOfOursIsNoRefusal() {
        other.faults.put(replica, KekConfigurationException::new);

        assertThat(of(drill(), replica).outcome()).isEqualTo(Outcome.NOT_ASKED);
    }

    @Test
    void aKekThatNobodyServesIsToldAndNothingElseIsLost() {
        try (Jvm lacking = new Jvm(store, time, 1, options -> {}, cloud, vendor)) {
            Report report = Drill.builder(store, lacking.providers)
                    .seal(KeychainSeal.wrappedBy(Jvm.SEAL))
                    .build()
                    .run();

            assertThat(of(report, replica).outcome()).isEqualTo(Outcome.NOT_ASKED);
            assertThat(of(report, control).outcome()).isEqualTo(Outcome.OPENS);
        }
    }

    @Test
    void anotherKeyThanTheRecordMeansIsDamage() {
        cloud.flip = true;

        Answer answer = of(drill(), control);

        assertThat(answer.outcome()).isEqualTo(Outcome.DAMAGED);
        assertThat(answer.failure().map(KekException::getMessage).orElseThrow()).contains("is not DEK");
    }

    @Test
    void theWorstAnswerCounts() {
        cloud.flip = true;
        Report damaged = drill(Builder::eachDek);
        assertThat(of(damaged, control).outcome()).isEqualTo(Outcome.DAMAGED);
        assertThat(of(damaged, control).keychains()).containsExactlyInAnyOrder("a", "b");
        assertThat(Outcome.REFUSED).isGreaterThan(Outcome.DAMAGED);
    }

    @Test
    void aRecordThatNobodyVouchesForIsNamedAndGivesNoWrap() {
        byte[] record = store.records.get("a");
        record[record.length - 1] ^= 1;

        Report report = drill(Builder::eachDek);

        assertThat(report.allOpen()).isFalse();
        assertThat(report.inventory().unsealed())
                .extracting(KekInventory.Unsealed::keychainId)
                .containsExactly("a");
        assertThat(of(report, control).outcome()).isEqualTo(Outcome.OPENS);
        assertThat(of(report, control).asked())
                .isEqualTo(jvm.keychains.open("b").record().deks().size());
    }

    @Test
    void retainedKeksAreAskedOnRequestAlone() {
        KekId next = cloud.kek("next");
        Keychain keychain = jvm.keychains.open("a");
        keychain.changeRecipients(to -> to.control(next).retained(control));
        keychain.repair(Set.of(next));
        KeychainFilter ofNext = KeychainFilter.all().withKek(next);

        assertThat(drill(options -> options.filter(ofNext)).answers())
                .extracting(Answer::kekId)
                .contains(next)
                .doesNotContain(control);
        assertThat(drill(options -> options.filter(ofNext).retained()).answers())
                .extracting(Answer::kekId)
                .contains(control, next);
    }

    @Test
    void aRecipientWithoutAWrapCannotOpenTheDek() {
        KekId next = cloud.kek("next");
        jvm.keychains
                .open("a")
                .changeRecipients(to -> to.control(control).replica(replica).replica(next));

        Report report = drill();

        assertThat(report.allOpen()).isFalse();
        assertThat(report.incomplete()).isPositive();
        assertThat(report.incompleteKeychains()).containsExactly("a");
        assertThat(drill(options -> options.only(replica)).incomplete()).isZero();
    }

    private void moveAll(KekId next) {
        for (String id : List.of("a", "b")) {
            Keychain keychain = jvm.keychains.open(id);
            keychain.changeRecipients(to -> to.control(next).replica(replica).retained(control));
            keychain.repair(Set.of(next, replica));
        }
    }

    @Test
    void everyDekOpensWithoutAKekThatWasMovedAwayFrom() {
        KekId next = cloud.kek("next");
        moveAll(next);
        cloud.disable(control);
        int before = cloud.unwraps(control);

        Report report = drill(options -> options.without(control).retained());

        assertThat(report.allOpen()).isTrue();
        assertThat(report.answers()).extracting(Answer::kekId).containsExactly(next, replica);
        assertThat(of(report, next).asked()).isEqualTo(deks());
        assertThat(cloud.unwraps(control)).isEqualTo(before);
    }

    @Test
    void aDekThatTheKekControlsStillDoesNotOpenWithoutIt() {
        KekId next = cloud.kek("next");
        Keychain keychain = jvm.keychains.open("a");
        keychain.changeRecipients(to -> to.control(next).replica(replica).retained(control));

        Report report = drill(
                options -> options.without(control).filter(KeychainFilter.all().withIdPrefix("a")));

        assertThat(report.allOpen()).isFalse();
        assertThat(report.incompleteKeychains()).containsExactly("a");
        assertThat(report.incomplete()).isPositive();
    }

    @Test
    void aReplicaDoesNotStandInForAControlKekThatIsGone() {
        assertThat(drill(options -> options.without(control)).incomplete()).isEqualTo(deks());
        assertThat(drill(options -> options.without(replica)).allOpen()).isTrue();
    }

    private int deks() {
        return jvm.keychains.open("a").record().deks().size()
                + jvm.keychains.open("b").record().deks().size();
    }

    @Test
    void oneBadWrapAmongManyIsFoundWithoutTheKek() {
        KekId next = cloud.kek("next");
        moveAll(next);
        cloud.damaged.add(jvm.keychains.open("b").record().deks().get(0).id());

        Report report = drill(options -> options.without(control));

        assertThat(report.allOpen()).isFalse();
        assertThat(of(report, next).outcome()).isEqualTo(Outcome.DAMAGED);
        assertThat(of(report, next).keychains()).containsExactly("b");
        assertThat(of(report, next).failed()).isEqualTo(1);
    }

    @Test
    void keychainsThatDoNotNameTheKekAreLeftAlone() {
        jvm.keychains.create("c", spec -> spec.control(replica)).primary().close();

        assertThat(drill(options -> options.without(control)).inventory().keychains())
                .isEqualTo(2);
    }

    @Test
    void oneAloneAndAllWithoutOneAreNotBoth() {
        assertThatIllegalStateException()
                .isThrownBy(() -> drill(options -> options.only(replica).without(control)));
    }

    @Test
    void withoutTheKekOfTheSealNothingIsBelieved() {
        try (Jvm fresh = new Jvm(store, time, 1, options -> {}, cloud, other, vendor)) {
            vendor.disable(Jvm.SEAL);
            Drill drill = Drill.builder(store, fresh.providers)
                    .seal(KeychainSeal.wrappedBy(Jvm.SEAL))
                    .build();

            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(drill::run);
        }
    }

    @Test
    void anInterruptEndsIt() {
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(CancellationException.class).isThrownBy(this::drill);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Drill.builder(store, jvm.providers).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drill.builder(store, jvm.providers).concurrency(0));
    }
}
