package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AzureFault;
import io.keywrap.emulators.GcpFault;
import io.keywrap.keychain.Keychain;
import io.keywrap.provider.KeyProviders;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** CONTROL in one cloud, REPLICA in another, RETAINED in the third: over the wire, by the vendors' own clients. */
class RecipientsWireTest {
    private static final String ID = "tenant-42";

    @TempDir
    Path folder;

    private ThreeClouds clouds;
    private DekId dekId;

    @BeforeEach
    void makeAKeychain() throws Exception {
        clouds = new ThreeClouds();
        Keychain keychain = clouds.keychains(folder)
                .create(ID, spec -> spec.control(clouds.inAws).replica(clouds.inGcp));
        try (DekLease lease = keychain.primary()) {
            dekId = lease.dekId();
        }
    }

    @AfterEach
    void close() {
        clouds.close();
    }

    static Stream<Arguments> withdrawals() {
        return Stream.of(
                withdrawal("disabled", clouds -> clouds.awsKey.disable()),
                withdrawal("pending deletion", clouds -> clouds.awsKey.scheduleDeletion(Duration.ofDays(7))),
                withdrawal("deleted", clouds -> clouds.awsKey.delete()),
                withdrawal(
                        "denied",
                        clouds -> clouds.awsKey.policy(
                                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\","
                                        + "\"Action\":\"kms:*\",\"Resource\":\"*\"}]}")),
                withdrawal(
                        "misconfigured",
                        clouds -> clouds.aws.injectAlways(AwsFault.error(
                                        400,
                                        "ExpiredTokenException",
                                        "The security token included in the request is expired")
                                .of(clouds.awsKey))));
    }

    private static Arguments withdrawal(String name, Consumer<ThreeClouds> act) {
        return Arguments.argumentSet(name, act);
    }

    @ParameterizedTest
    @MethodSource("withdrawals")
    void controlThatAnswersNoClosesTheKeychainHoweverFineTheReplicaIs(Consumer<ThreeClouds> withdraw) {
        withdraw.accept(clouds);
        int before = clouds.gcp.requests("Decrypt");
        assertThatExceptionOfType(KekException.class)
                .isThrownBy(() -> open(clouds.process()))
                .isNotInstanceOf(KekUnreachableException.class)
                .satisfies(e -> assertThat(e.kekId()).contains(clouds.inAws));
        assertThat(clouds.gcp.requests("Decrypt")).isEqualTo(before);
    }

    static Stream<Arguments> outages() {
        return Stream.of(
                Arguments.argumentSet("hanging", AwsFault.slow(Duration.ofSeconds(12))),
                Arguments.argumentSet("cut", AwsFault.cut()),
                Arguments.argumentSet("failing", AwsFault.answer(503, "")),
                Arguments.argumentSet("throttled", AwsFault.throttling()));
    }

    @ParameterizedTest
    @MethodSource("outages")
    void controlOutOfReachIsStoodInForByTheReplicaWithinTheDeadline(AwsFault fault) {
        clouds.aws.injectAlways(fault.of(clouds.awsKey));
        KeyProviders hasty = clouds.process(options -> options.budget(CallPurpose.FOREGROUND, Duration.ofSeconds(3)));
        long began = System.nanoTime();
        open(hasty);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        assertThat(clouds.gcp.requests("Decrypt")).isEqualTo(1);
    }

    /** With the default budgets: 10 seconds, of which CONTROL has 5. */
    @Test
    void aHangingControlLeavesTheReplicaItsTime() {
        clouds.aws.injectAlways(AwsFault.slow(Duration.ofSeconds(12)).of(clouds.awsKey));
        KeyProviders process = clouds.process();
        long began = System.nanoTime();
        open(process);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(9));
        began = System.nanoTime();
        open(process);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void controlThatWasSeenDisabledAndFallsSilentStaysClosed() {
        KeyProviders hasty = clouds.process(options ->
                options.budget(CallPurpose.FOREGROUND, Duration.ofSeconds(1)).refusalsFor(Duration.ZERO));
        clouds.awsKey.disable();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(hasty));
        clouds.aws.injectAlways(AwsFault.cut().of(clouds.awsKey));
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(hasty));
        assertThat(clouds.gcp.requests("Decrypt")).isZero();
    }

    @Test
    void aRetainedKekNeverServesAndNeverVetoes() {
        Keychain keychain = clouds.keychains(folder).open(ID);
        keychain.changeRecipients(
                to -> to.control(clouds.inAzure).retained(clouds.inAws).retained(clouds.inGcp));
        keychain.repair(Set.of(clouds.inAzure));
        long decrypts = decryptsOfTheKey();
        int gcpDecrypts = clouds.gcp.requests("Decrypt");

        clouds.azure.injectAlways(AzureFault.cut());
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() ->
                        open(clouds.process(options -> options.budget(CallPurpose.FOREGROUND, Duration.ofSeconds(1)))));
        assertThat(decryptsOfTheKey()).isEqualTo(decrypts);
        assertThat(clouds.gcp.requests("Decrypt")).isEqualTo(gcpDecrypts);

        clouds.azure.recover();
        clouds.awsKey.disable();
        clouds.gcpKey.deny("cloudkms.cryptoKeyVersions.useToDecrypt");
        open(clouds.process());

        clouds.azureKey.disable();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(clouds.process()));
    }

    private long decryptsOfTheKey() {
        return clouds.aws.events().stream()
                .filter(event ->
                        event.eventName().equals("Decrypt") && event.toString().contains(clouds.awsKey.keyId()))
                .count();
    }

    @Test
    void aKeychainIsMadeWhileACloudIsDownAndRepairedLater() {
        clouds.gcp.injectAlways(GcpFault.unavailable());
        KeyProviders hasty = clouds.process(options -> options.budget(CallPurpose.FOREGROUND, Duration.ofSeconds(2)));
        assertThatExceptionOfType(KekException.class)
                .isThrownBy(() -> clouds.keychains(folder, hasty)
                        .create("all", spec -> spec.control(clouds.inAws).replica(clouds.inGcp)))
                .isInstanceOfAny(KekUnreachableException.class, KekThrottledException.class)
                .isNotInstanceOf(KekConfigurationException.class);
        Keychain made = clouds.keychains(folder, hasty)
                .create(
                        "some",
                        spec -> spec.control(clouds.inAws)
                                .replica(clouds.inGcp)
                                .replica(clouds.inAzure)
                                .writeQuorum(2));
        assertThat(made.record().missing(made.record().deks().get(0)))
                .extracting(recipient -> recipient.kekId())
                .isEqualTo(List.of(clouds.inGcp));
        clouds.gcp.recover();
        assertThat(made.repair(Set.of(clouds.inGcp))).isEqualTo(1);
        assertThat(clouds.keychains(folder).open("some").record().incomplete()).isEmpty();
    }

    private void open(KeyProviders process) {
        try (DekLease lease = clouds.keychains(folder, process).open(ID).lease(dekId)) {
            assertThat(lease.<Integer>withBytes(key -> key.length)).isEqualTo(32);
        }
    }
}
