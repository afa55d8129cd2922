package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekState;
import io.keywrap.testkit.ManualTime;
import io.keywrap.testkit.WatchedKeks;
import io.keywrap.testkit.WatchedKeks.Kek;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** Nobody's KEK is revoked because we have lost our own permissions. */
class AwsOwnFaultTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration A_WHILE = Duration.ofMinutes(3);
    private static final AwsFault DENIED = AwsFault.error(400, "AccessDeniedException", "no");

    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
    private final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().region("eu-west-1").time(time).start(0);
    private final AwsPrincipal vendor = emulator.principal("arn:aws:iam::" + emulator.account() + ":role/vendor");
    private final KmsClient client = AwsKms.tune(KmsClient.builder())
            .region(Region.EU_WEST_1)
            .endpointOverride(emulator.endpoint())
            .credentialsProvider(WireWorld.of(vendor))
            .build();
    private final List<AwsKmsKey> keys =
            IntStream.range(0, 5).mapToObj(this::customer).toList();

    private AwsKmsKey customer(int number) {
        return emulator.createKey(AwsKeySpec.symmetric()
                .inAccount("22223333444" + number)
                .withPolicy(WireWorld.allowing("\"arn:aws:iam::" + emulator.account() + ":root\"", "")));
    }

    private WatchedKeks watched(@Nullable KekId seal) {
        return new WatchedKeks(
                time,
                seal,
                options -> options.register(AwsKms.factory(name -> client)).cacheDeadline(Duration.ofHours(24)));
    }

    private static List<Kek> added(WatchedKeks keks, List<AwsKmsKey> keys) {
        List<Kek> added =
                keys.stream().map(key -> keks.add(EmulatedKms.kekId(key.arn()))).toList();
        added.forEach(Kek::lease);
        keks.run(Duration.ofMinutes(3));
        return added;
    }

    @AfterEach
    void close() {
        client.close();
        emulator.close();
    }

    @Test
    void anIdentityPolicyThatIsGoneIsNamedByAwsAndChangesNoState() {
        try (WatchedKeks keks = watched(null)) {
            List<Kek> all = added(keks, keys);
            emulator.identityPolicy(vendor, "{\"Version\":\"2012-10-17\",\"Statement\":[]}");
            keks.requireNoneRevoked(all, A_WHILE);
            assertThat(all).allSatisfy(kek -> {
                assertThat(kek.standing().state()).isEqualTo(KekState.ACTIVE);
                assertThat(kek.standing().ownFailure()).isPresent();
            });
        }
    }

    @Test
    void denialsOfManyCustomersAreOurFault() {
        try (WatchedKeks keks = watched(null)) {
            List<Kek> all = added(keks, keys);
            emulator.injectAlways(DENIED);
            keks.requireNoneRevoked(all, LONG);
            assertThat(all).allSatisfy(kek -> assertThat(kek.standing().state()).isEqualTo(KekState.SUSPECT));
            assertThat(keks.told(OwnFault.class)).hasSize(1);
            emulator.recover();
            all.forEach(kek -> kek.until(KekState.ACTIVE, Duration.ofSeconds(12)));
        }
    }

    @Test
    void aKekThatIsDisabledMeanwhileIsRevokedAllTheSame() {
        try (WatchedKeks keks = watched(null)) {
            List<Kek> all = added(keks, keys);
            keys.subList(1, 5).forEach(key -> emulator.injectAlways(DENIED.of(key)));
            keks.requireNoneRevoked(all, A_WHILE);
            keys.get(0).disable();
            all.get(0).until(KekState.REVOKED, keks.monitor().bound());
            keks.requireNoneRevoked(all.subList(1, 5), A_WHILE);
        }
    }

    @Test
    void theVendorsOwnKekTellsAFaultOfOursWhereThereIsOneCustomer() {
        AwsKmsKey own = emulator.createKey();
        try (WatchedKeks keks = watched(EmulatedKms.kekId(own.arn()))) {
            List<Kek> one = added(keks, keys.subList(0, 1));
            emulator.injectAlways(DENIED);
            keks.requireNoneRevoked(one, A_WHILE);
            assertThat(keks.told(OwnFault.class)).isNotEmpty().allMatch(OwnFault::controlKek);
            emulator.recover();
            one.get(0).until(KekState.ACTIVE, Duration.ofSeconds(12));
        }
    }

    @Test
    void oneCustomerWhoDeniesIsRevokedWhileTheOthersWork() {
        AwsKmsKey own = emulator.createKey();
        try (WatchedKeks keks = watched(EmulatedKms.kekId(own.arn()))) {
            List<Kek> all = added(keks, keys);
            emulator.injectAlways(DENIED.of(keys.get(0)));
            all.get(0).until(KekState.REVOKED, keks.monitor().boundOfDenials());
            keks.requireNoneRevoked(all.subList(1, 5), A_WHILE);
            assertThat(keks.told(OwnFault.class)).isEmpty();
        }
    }
}
