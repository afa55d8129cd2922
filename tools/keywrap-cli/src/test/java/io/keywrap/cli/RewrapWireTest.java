package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.rewrap.Dependents;
import io.keywrap.rewrap.Dependents.Dependent;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapPlan;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Re-wraps between three clouds and a key store, as their logs show them. */
class RewrapWireTest {
    private static final Duration RETAINED = Duration.ofDays(90);

    @TempDir
    Path folder;

    private RewrapWire wire;

    @BeforeEach
    void start() throws Exception {
        wire = new RewrapWire(folder);
    }

    @AfterEach
    void end() {
        wire.close();
    }

    @Test
    void insideOfAwsADekIsReEncryptedAndProvenUnderTheNewKekAlone() throws Exception {
        wire.keychain("tenant-1", 3, spec -> spec.control(wire.inAws));
        wire.keychain("tenant-2", 2, spec -> spec.control(wire.inAws).keyContext("tenant", "two"));
        wire.keychain("tenant-3", 1, spec -> spec.control(wire.inAws));
        wire.forgetRequests();

        assertMoved(wire.move(wire.inAws, wire.otherInAws), 6);

        assertThat(wire.requests())
                .isEqualTo(Map.of(
                        wire.inAws.uri() + " REWRAP", 6L,
                        wire.otherInAws.uri() + " UNWRAP", 6L,
                        wire.vendor.uri() + " UNWRAP", 3L));
        assertThat(wire.clouds.aws.events())
                .filteredOn(event -> event.eventName().equals("ReEncrypt"))
                .extracting(CloudTrailEvent::destinationKeyId)
                .allMatch(key -> key.get().equals(wire.otherKey.arn()));
        wire.clouds.awsKey.disable();
        wire.assertEachBackupOpens();
    }

    @Test
    void fromCloudToCloudAndBackEachBackupOpensAfterEachStep() throws Exception {
        wire.keychain("tenant-1", 3, spec -> spec.control(wire.inAws));
        wire.keychain("tenant-2", 2, spec -> spec.control(wire.inAws).keyContext("tenant", "two"));
        wire.assertEachBackupOpens();

        step(wire.inAws, wire.clouds.inAzure, () -> wire.clouds.awsKey.disable());
        step(wire.clouds.inAzure, wire.clouds.inGcp, () -> wire.clouds.azureKey.disable());
        step(
                wire.clouds.inGcp,
                wire.inKeystore,
                () -> wire.clouds.gcpKey.version(1).disable());
        step(wire.inKeystore, wire.otherInAws, () -> {});

        wire.pass(RETAINED.plusDays(1));
        assertThat(wire.job().dropRetained().build().run().outcomes()).isEqualTo(Map.of(Outcome.DROPPED, 5L));
        assertThat(wire.record("tenant-1").deks())
                .allSatisfy(entry -> assertThat(entry.wraps())
                        .singleElement()
                        .satisfies(wrap -> assertThat(wrap.wrapped().kekId()).isEqualTo(wire.otherInAws)));
        wire.assertEachBackupOpens();
    }

    private void step(KekId from, KekId to, Runnable close) throws Exception {
        assertMoved(wire.move(from, to), 5);
        wire.assertEachBackupOpens();
        close.run();
        wire.assertEachBackupOpens();
    }

    private static void assertMoved(RewrapReport report, long deks) {
        assertThat(report.items()).isEmpty();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, deks));
        assertThat(report.complete()).isTrue();
    }

    @Test
    void whatThePlanSaysIsWhatTheCloudsCount() throws Exception {
        wire.keychain("of-aws", 4, spec -> spec.control(wire.inAws));
        wire.keychain("of-azure", 3, spec -> spec.control(wire.clouds.inAzure));
        wire.keychain(
                "with-replica",
                3,
                spec -> spec.control(wire.inAws).replica(wire.clouds.inGcp).writeQuorum(2));
        wire.keychain("of-keystore", 2, spec -> spec.control(wire.inKeystore));
        wire.keychain("of-none-of-them", 2, spec -> spec.control(wire.otherInAws));
        wire.clouds.gcpKey.rotate();

        UnaryOperator<Rewrap.Builder> away = job -> job.move(wire.inAws, wire.otherInAws)
                .move(wire.clouds.inAzure, wire.inKeystore)
                .renew(wire.clouds.inGcp);
        assertCountedAsPlanned(away, 4 + 3 + 3);
        assertCountedAsPlanned(away, 0);
        assertCountedAsPlanned(job -> job.move(wire.otherInAws, wire.clouds.inAzure), 4 + 3 + 2);
        assertCountedAsPlanned(
                job -> job.move(wire.clouds.inAzure, wire.clouds.inGcp).retain(Duration.ZERO), 4 + 3 + 2);
        wire.pass(RETAINED.plusDays(1));
        assertCountedAsPlanned(job -> job.dropRetained(), 4 + 3 + 3 + 2);
        wire.assertEachBackupOpens();
    }

    private void assertCountedAsPlanned(UnaryOperator<Rewrap.Builder> what, long deks) {
        wire.forgetRequests();
        RewrapPlan plan = what.apply(wire.job()).build().plan();
        Map<String, Long> asked = wire.requests();
        assertThat(asked.keySet())
                .allMatch(one -> one.equals(wire.vendor.uri() + " UNWRAP") || one.endsWith(Operation.STATUS.name()));

        wire.forgetRequests();
        RewrapReport report = what.apply(wire.job()).build().run();
        assertThat(report.items()).isEmpty();
        assertThat(report.count(Outcome.MOVED) + report.count(Outcome.DROPPED)).isEqualTo(deks);
        assertThat(plan.deks()).isEqualTo(deks);
        assertThat(RewrapWire.counted(report.calls())).isEqualTo(RewrapWire.counted(plan.calls()));
        Map<String, Long> planned = RewrapWire.counted(plan.calls());
        planned.keySet().removeIf(one -> one.startsWith(wire.inKeystore.uri())); // It has no log.
        assertThat(wire.requests()).isEqualTo(planned);
    }

    @Test
    void aVersionIsNeededAsLongAsOneArchivedKeychainIsUnderItOrItsTimeIsNotOver() throws Exception {
        wire.keychain("archive-2019", 2, spec -> spec.control(wire.clouds.inGcp));
        wire.keychain("tenant-1", 2, spec -> spec.control(wire.clouds.inGcp));
        wire.clouds.gcpKey.rotate();
        assertThat(firstVersion().keychainCount()).isEqualTo(2);

        RewrapReport renewed = wire.job()
                .filter(KeychainFilter.all().withIdPrefix("tenant-"))
                .renew(wire.clouds.inGcp)
                .build()
                .run();
        assertMoved(renewed, 2);
        Dependents archived = firstVersion();
        assertThat(archived.safeToDelete()).isFalse();
        assertThat(archived.neededToOpen()).isTrue();
        assertThat(archived.keychains()).singleElement().satisfies(one -> {
            assertThat(one.keychainId()).isEqualTo("archive-2019");
            assertThat(one.needs()).isEqualTo(Map.of(Need.CONTROL, 2));
        });
        assertThat(archived.reasons())
                .anySatisfy(
                        reason -> assertThat(reason).contains("archive-2019").contains("re-wrap"));

        assertMoved(wire.move(wire.clouds.inGcp, wire.inAws), 4);
        Dependents retained = firstVersion();
        assertThat(retained.safeToDelete()).isFalse();
        assertThat(retained.neededToOpen()).isFalse();
        assertThat(retained.keychains()).singleElement().satisfies(one -> {
            assertThat(one.needs()).isEqualTo(Map.of(Need.RETAINED, 2));
            assertThat(one.until()).isPresent();
        });

        wire.pass(RETAINED.minusDays(1));
        assertThat(wire.job().dropRetained().build().run().count(Outcome.DROPPED))
                .isZero();
        assertThat(firstVersion().safeToDelete()).isFalse();
        wire.pass(Duration.ofDays(2));
        assertThat(wire.job().dropRetained().build().run().count(Outcome.DROPPED))
                .isEqualTo(4);
        Dependents none = firstVersion();
        assertThat(none.reasons()).isEmpty();
        assertThat(none.safeToDelete()).isTrue();
        assertThat(none.keychains()).extracting(Dependent::keychainId).isEmpty();
        wire.clouds.gcpKey.version(1).disable();
        wire.assertEachBackupOpens();
    }

    private Dependents firstVersion() {
        return Dependents.of(wire.clouds.inGcp).version("1").read(wire.store, wire.process(), wire.seal);
    }
}
