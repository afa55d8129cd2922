package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.emulators.AzureFault;
import io.keywrap.emulators.GcpFault;
import io.keywrap.keychain.Keychain;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Wrap;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the clouds refuse while DEKs are moved: exact outcomes, nothing lost, and the rerun does the rest. */
class RewrapFailuresWireTest {
    private static final String ID = "tenant-42";
    private static final String DENY =
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"%s\",\"Principal\":\"*\","
                    + "\"Action\":[%s],\"Resource\":\"*\"}]}";
    private static final String USE_TO_ENCRYPT = "cloudkms.cryptoKeyVersions.useToEncrypt";
    private static final String USE_TO_DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt";

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

    private void keychain(int deks) throws Exception {
        wire.keychain(ID, deks, spec -> spec.control(wire.inAws));
    }

    static Stream<Arguments> missingPermissions() {
        return Stream.of(
                missing(
                        "AWS, all",
                        wire -> wire.otherInAws,
                        wire -> wire.otherKey.policy(DENY.formatted("Deny", "\"kms:*\"")),
                        wire -> wire.otherKey.resetPolicy()),
                missing(
                        "AWS, Decrypt",
                        wire -> wire.otherInAws,
                        wire -> wire.otherKey.policy(DENY.formatted("Allow", "\"kms:Encrypt\",\"kms:ReEncryptTo\"")),
                        wire -> wire.otherKey.resetPolicy()),
                missing(
                        "Google Cloud, encrypt",
                        wire -> wire.clouds.inGcp,
                        wire -> wire.clouds.gcpKey.deny(USE_TO_ENCRYPT),
                        wire -> wire.clouds.gcpKey.allow(USE_TO_ENCRYPT)),
                missing(
                        "Google Cloud, decrypt",
                        wire -> wire.clouds.inGcp,
                        wire -> wire.clouds.gcpKey.deny(USE_TO_DECRYPT),
                        wire -> wire.clouds.gcpKey.allow(USE_TO_DECRYPT)),
                missing(
                        "Azure, wrap",
                        wire -> wire.clouds.inAzure,
                        wire -> wire.clouds.azure.deny(
                                AzureDenial.rbac().on("KeyWrap").of(wire.clouds.azureKey)),
                        wire -> wire.clouds.azure.allow()),
                missing(
                        "Azure, unwrap",
                        wire -> wire.clouds.inAzure,
                        wire -> wire.clouds.azure.deny(
                                AzureDenial.rbac().on("KeyUnwrap").of(wire.clouds.azureKey)),
                        wire -> wire.clouds.azure.allow()));
    }

    private static Arguments missing(
            String name, Function<RewrapWire, KekId> to, Consumer<RewrapWire> deny, Consumer<RewrapWire> allow) {
        return Arguments.argumentSet(name, to, deny, allow);
    }

    @ParameterizedTest
    @MethodSource("missingPermissions")
    void permissionOfTheNewKekIsMissing(
            Function<RewrapWire, KekId> target, Consumer<RewrapWire> deny, Consumer<RewrapWire> allow)
            throws Exception {
        keychain(8);
        KekId to = target.apply(wire);
        byte[] before = wire.record(ID).toBytes();
        deny.accept(wire);

        RewrapReport report = wire.move(wire.inAws, to);
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_NEW_KEK, 8L));
        assertThat(report.items())
                .extracting(Item::dekId)
                .doesNotHaveDuplicates()
                .hasSize(8);
        assertThat(report.items()).allSatisfy(item -> {
            assertThat(item.keychainId()).isEqualTo(ID);
            assertThat(item.kekId()).contains(to);
            assertThat(item.rawCode()).isPresent();
        });
        assertThat(wire.record(ID).toBytes()).isEqualTo(before);
        wire.assertEachBackupOpens();

        allow.accept(wire);
        assertThat(wire.move(wire.inAws, to).outcomes()).isEqualTo(Map.of(Outcome.MOVED, 8L));
        assertAllMoved(to);
    }

    static Stream<Arguments> ways() {
        return Stream.of(
                Arguments.argumentSet("inside of AWS", target(wire -> wire.otherInAws), Operation.REWRAP),
                Arguments.argumentSet("to Google Cloud", target(wire -> wire.clouds.inGcp), Operation.UNWRAP));
    }

    private static Function<RewrapWire, KekId> target(Function<RewrapWire, KekId> to) {
        return to;
    }

    @ParameterizedTest
    @MethodSource("ways")
    void oldKekIsDisabledHalfWay(Function<RewrapWire, KekId> target, Operation counted) throws Exception {
        keychain(12);
        KekId to = target.apply(wire);
        AtomicInteger calls = new AtomicInteger();
        KeyProviders process = wire.process(options -> options.listener(event -> {
            if (isCall(event, counted) && calls.incrementAndGet() == 5) {
                wire.clouds.awsKey.disable();
            }
        }));

        RewrapReport report =
                wire.job(process).concurrency(2).move(wire.inAws, to).build().run();
        long moved = report.count(Outcome.MOVED);
        assertThat(moved).isBetween(5L, 8L); // Some were under way.
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.MOVED, moved, Outcome.FAILED_OLD_KEK, 12 - moved));
        assertThat(report.items())
                .allSatisfy(item -> assertThat(item.kekId()).contains(wire.inAws))
                .allSatisfy(item -> assertThat(item.rawCode().orElseThrow()).contains("Disabled"));
        assertThat(wire.record(ID).deks())
                .filteredOn(entry -> entry.wraps().size() == 1)
                .hasSize((int) (12 - moved))
                .allSatisfy(entry -> {
                    Wrap only = entry.wraps().get(0);
                    assertThat(only.role()).isEqualTo(Role.CONTROL);
                    assertThat(only.wrapped().kekId()).isEqualTo(wire.inAws);
                });

        wire.clouds.awsKey.enable();
        wire.assertEachBackupOpens();
        assertThat(wire.move(wire.inAws, to).outcomes())
                .isEqualTo(Map.of(Outcome.MOVED, 12 - moved, Outcome.ALREADY, moved));
        assertAllMoved(to);
    }

    private boolean isCall(KekEvent event, Operation operation) {
        return event instanceof CallEnded call
                && call.kekId().equals(wire.inAws)
                && call.operation() == operation
                && call.failure().isEmpty();
    }

    @Test
    void throttledCallsAreMadeLater() throws Exception {
        keychain(6);
        wire.clouds.aws.inject(AwsFault.throttling().of(wire.clouds.awsKey), 4);
        wire.clouds.gcp.inject(GcpFault.quota(), 4);
        assertThat(wire.move(wire.inAws, wire.clouds.inGcp).outcomes()).isEqualTo(Map.of(Outcome.MOVED, 6L));
        assertAllMoved(wire.clouds.inGcp);

        wire.clouds.gcp.inject(GcpFault.quota(), 4);
        wire.clouds.azure.inject(AzureFault.throttling(), 4);
        assertThat(wire.move(wire.clouds.inGcp, wire.clouds.inAzure).outcomes()).isEqualTo(Map.of(Outcome.MOVED, 6L));
        assertAllMoved(wire.clouds.inAzure);
    }

    @Test
    void whatIsThrottledForGoodIsLeftAsItWas() throws Exception {
        keychain(4);
        byte[] before = wire.record(ID).toBytes();
        wire.clouds.gcp.injectAlways(GcpFault.quota());
        KeyProviders hasty = wire.process(options -> options.budget(CallPurpose.FOREGROUND, Duration.ofSeconds(1)));
        RewrapReport report =
                wire.job(hasty).move(wire.inAws, wire.clouds.inGcp).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.FAILED_NEW_KEK, 4L));
        assertThat(report.items())
                .allMatch(item -> item.failure().filter(KekException::retryable).isPresent());
        assertThat(wire.record(ID).toBytes()).isEqualTo(before);

        wire.clouds.gcp.recover();
        assertThat(wire.move(wire.inAws, wire.clouds.inGcp).outcomes()).isEqualTo(Map.of(Outcome.MOVED, 4L));
        assertAllMoved(wire.clouds.inGcp);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void corruptWrapAmongGoodOnesIsTheOnlyOneThatStays(boolean insideOfAws) throws Exception {
        keychain(4);
        byte[] noCiphertext = new byte[180];
        wire.clouds.aws.inject(
                AwsFault.wrongField("CiphertextBlob", Base64.getEncoder().encodeToString(noCiphertext))
                        .on("GenerateDataKey")
                        .of(wire.clouds.awsKey),
                1);
        Keychain keychain = wire.open(ID);
        keychain.rotate();
        DekEntry corrupt = keychain.record().deks().get(4);
        KekId to = insideOfAws ? wire.otherInAws : wire.clouds.inGcp;

        for (Map<Outcome, Long> expected : List.of(
                Map.of(Outcome.MOVED, 4L, Outcome.CORRUPT_WRAP, 1L),
                Map.of(Outcome.ALREADY, 4L, Outcome.CORRUPT_WRAP, 1L))) {
            RewrapReport report = wire.move(wire.inAws, to);
            assertThat(report.outcomes()).isEqualTo(expected);
            assertThat(report.items()).singleElement().satisfies(item -> {
                assertThat(item.dekId()).contains(corrupt.id());
                assertThat(item.kekId()).contains(wire.inAws);
                assertThat(item.rawCode().orElseThrow()).contains("InvalidCiphertext");
            });
            assertThat(wire.record(ID).dek(corrupt.id()).orElseThrow().wraps()).isEqualTo(corrupt.wraps());
        }
        wire.clouds.awsKey.disable();
        wire.assertEachBackupOpens();
    }

    private void assertAllMoved(KekId to) throws Exception {
        assertThat(wire.record(ID).deks())
                .allSatisfy(entry ->
                        assertThat(entry.wrapUnder(to).orElseThrow().role()).isEqualTo(Role.CONTROL));
        wire.assertEachBackupOpens();
    }
}
