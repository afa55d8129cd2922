package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.StateChanged;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekMonitor;
import io.keywrap.store.FileKeychainStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How long a running monitor takes, by the clock on the wall, to notice that KEKs are withdrawn, and that they are back. */
@Tag("endurance")
class TimeToRevokeEnduranceTest {
    private static final int KEYS = 20;
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAY_BACK = Duration.ofSeconds(42);
    private static final String DENY_EVERYBODY = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\","
            + "\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}";

    @TempDir
    Path folder;

    /** When each KEK came into each state; guarded by itself. */
    private final Map<String, Long> seen = new ConcurrentHashMap<>();

    private record Key(KekId id, Runnable disable, Runnable enable, Runnable deny) {}

    enum Cloud {
        AWS,
        GOOGLE,
        AZURE;

        private Key key(ThreeClouds clouds) {
            return switch (this) {
                case AWS -> inAws(clouds.aws.createKey());
                case GOOGLE -> inGoogle(clouds.gcp.createKey());
                case AZURE -> inAzure(clouds.azure, clouds.azure.createKey());
            };
        }
    }

    private static Key inAws(AwsKmsKey key) {
        return new Key(KekId.of("aws-kms://" + key.arn()), key::disable, key::enable, () -> key.policy(DENY_EVERYBODY));
    }

    private static Key inGoogle(GcpKmsKey key) {
        return new Key(
                KekId.of("gcp-kms://" + key.name()),
                () -> key.primary().disable(),
                () -> key.primary().enable(),
                () -> key.deny("cloudkms.cryptoKeyVersions.useToDecrypt"));
    }

    private static Key inAzure(AzureKeyVaultEmulator vault, AzureKey key) {
        return new Key(
                KekId.of("azure-kms://" + key.id()),
                key::disable,
                key::enable,
                () -> vault.deny(AzureDenial.rbac().of(key)));
    }

    @ParameterizedTest
    @EnumSource
    void isWithinTheBound(Cloud cloud) throws Exception {
        try (ThreeClouds clouds = new ThreeClouds()) {
            KeyProviders providers = clouds.process(options -> options.listener(this::heard));
            Keychains keychains = clouds.keychains(folder, providers);
            List<Key> keys =
                    IntStream.range(0, KEYS).mapToObj(n -> cloud.key(clouds)).toList();
            for (int n = 0; n < KEYS; n++) {
                KekId control = keys.get(n).id();
                keychains.create("tenant-" + n, spec -> spec.control(control));
            }
            try (KekMonitor monitor = KekMonitor.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                    .seal(KeychainSeal.wrappedBy(KekId.of("aws-kms://" + clouds.seal.arn())))
                    .interval(INTERVAL, INTERVAL)
                    .build()) {
                monitor.start();
                measure("first canary", keys, "asked", key -> {}, Duration.ofSeconds(30));
                List<Key> disabled = keys.subList(0, KEYS / 2);
                List<Key> denied = keys.subList(KEYS / 2, KEYS);
                measure(
                        cloud + " disabled",
                        disabled,
                        "REVOKED",
                        key -> key.disable().run(),
                        monitor.bound());
                measure(
                        cloud + " enabled",
                        disabled,
                        "ACTIVE",
                        key -> key.enable().run(),
                        LONGEST_WAY_BACK);
                measure(cloud + " denied", denied, "REVOKED", key -> key.deny().run(), monitor.boundOfDenials());
            }
        }
    }

    private void heard(KekEvent event) {
        if (event instanceof StateChanged change && change.after().operation() == Operation.UNWRAP) {
            see(change.kekId(), change.after().state().name());
        } else if (event instanceof CallEnded call && call.operation() == Operation.UNWRAP) {
            see(call.kekId(), "asked");
        }
    }

    private void see(KekId kekId, String what) {
        synchronized (seen) {
            seen.putIfAbsent(kekId + " " + what, System.nanoTime());
            seen.notifyAll();
        }
    }

    private interface Act {
        void on(Key key);
    }

    private void measure(String name, List<Key> keys, String state, Act act, Duration bound) throws Exception {
        long[] millis = new long[keys.size()];
        long[] from = new long[keys.size()];
        for (int n = 0; n < from.length; n++) {
            synchronized (seen) {
                from[n] = System.nanoTime();
                act.on(keys.get(n));
            }
        }
        for (int n = 0; n < from.length; n++) {
            String wanted = keys.get(n).id() + " " + state;
            long until = from[n] + bound.toNanos();
            synchronized (seen) {
                while (!seen.containsKey(wanted)) {
                    long left = (until - System.nanoTime()) / 1_000_000;
                    assertThat(left)
                            .as(name + " " + wanted + " within " + bound)
                            .isPositive();
                    seen.wait(left);
                }
                millis[n] = Math.max(0, seen.get(wanted) - from[n]) / 1_000_000;
            }
        }
        Arrays.sort(millis);
        System.out.printf(
                "| %s | %d | %.1f s | %.1f s | %.1f s | %d s |%n",
                name,
                millis.length,
                millis[0] / 1e3,
                millis[millis.length / 2] / 1e3,
                millis[millis.length - 1] / 1e3,
                bound.toSeconds());
    }
}
