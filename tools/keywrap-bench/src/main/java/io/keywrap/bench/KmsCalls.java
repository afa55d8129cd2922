package io.keywrap.bench;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CryptoMaterialsManager;
import com.google.crypto.tink.Aead;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.InMemoryKeychainStore;
import io.keywrap.testkit.ManualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * Counts the calls of a KMS for an hour of work: many small objects of many tenants, each really encrypted, on a clock that
 * moves on with every object. Prints a table.
 */
final class KmsCalls {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final byte[] OBJECT = LocalKms.random(64);
    private static final long SEED = 42;

    private KmsCalls() {}

    /** Arguments: objects (1,000,000) and tenants (1,000). */
    public static void main(String[] arguments) {
        int objects = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        int tenants = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000;
        System.out.printf("%,d objects of %,d tenants in an hour, deadline %s%n", objects, tenants, DEADLINE);
        for (Load load : List.of(Load.even(objects, tenants), Load.skewed(objects, tenants))) {
            System.out.printf("%s: %,d DEKs in use, counted once for each deadline%n", load.name(), load.inUse());
            subjects().forEach((name, subject) -> {
                Counted counted = count(load, subject);
                System.out.printf(
                        "  %-44s %,10d calls, %8.3f each, and %,d to begin with%n",
                        name, counted.calls(), counted.each(), counted.before());
            });
        }
    }

    /** Who is counted. */
    static Map<String, BiFunction<LocalKms, Load.Clock, Subject>> subjects() {
        Map<String, BiFunction<LocalKms, Load.Clock, Subject>> subjects = new LinkedHashMap<>();
        subjects.put("keywrap", KmsCalls::keywrap);
        subjects.put("AWS Encryption SDK with its cache", (kms, clock) -> aws(kms, clock, true));
        subjects.put("AWS Encryption SDK without its cache", (kms, clock) -> aws(kms, clock, false));
        subjects.put("Tink KmsEnvelopeAead", (kms, clock) -> tink(kms));
        return subjects;
    }

    static Counted count(Load load, BiFunction<LocalKms, Load.Clock, Subject> making) {
        LocalKms kms = new LocalKms();
        ManualTime time = ManualTime.startingAt(Instant.parse("2026-01-01T00:00:00Z"));
        Subject subject = making.apply(kms, new Load.Clock(time, load.tenants()));
        long before = kms.calls();
        Duration step = HOUR.dividedBy(load.order().length);
        for (int tenant : load.order()) {
            subject.encrypt(tenant);
            time.advance(step);
        }
        long calls = kms.calls() - before;
        return new Counted(calls, (double) calls / load.inUse(), before);
    }

    private static Subject keywrap(LocalKms kms, Load.Clock clock) {
        KekId vendor = KekId.of("local:vendor");
        KeyProviders providers = KeyProviders.builder()
                .register(LocalKeyProvider.factory(kms))
                .cacheDeadline(DEADLINE)
                .time(clock.time())
                .executor(Runnable::run)
                .build();
        Keychains keychains = Keychains.builder(new InMemoryKeychainStore(), providers)
                .seal(KeychainSeal.wrappedBy(vendor))
                .build();
        List<EnvelopeCipher> ciphers = IntStream.range(0, clock.tenants())
                .mapToObj(i -> EnvelopeCipher.using(
                        keychains.create("tenant-" + i, spec -> spec.control(KekId.of("local:customer-" + i)))))
                .toList();
        EncryptionContext context = EncryptionContext.of("object", "2026/11/accounts.csv");
        return tenant -> ciphers.get(tenant).encrypt(OBJECT, context);
    }

    private static Subject aws(LocalKms kms, Load.Clock clock, boolean cached) {
        AwsCrypto sdk = Peers.awsUnsigned();
        // The SDK asks the wall clock too: it must never find an entry old.
        SimulatedAgeCache cache = new SimulatedAgeCache(10_000, clock.time(), DEADLINE);
        List<CryptoMaterialsManager> materials = IntStream.range(0, clock.tenants())
                .mapToObj(i -> new LocalMasterKey("customer-" + i, kms))
                .map(key -> cached ? Peers.awsCached(key, cache, Duration.ofDays(1)) : Peers.awsUncached(key))
                .toList();
        return tenant -> sdk.encryptData(materials.get(tenant), OBJECT, Map.of("tenant", "tenant-" + tenant));
    }

    private static Subject tink(LocalKms kms) {
        Aead aead = Peers.tinkEnvelope(kms);
        return tenant -> Peers.encrypted(aead, OBJECT, ("tenant-" + tenant).getBytes(StandardCharsets.UTF_8));
    }

    /** Encrypts an object of a tenant. */
    interface Subject {
        void encrypt(int tenant);
    }

    /**
     * What was counted.
     *
     * @param calls in the hour
     * @param each for each DEK in use and each deadline
     * @param before to set everything up
     */
    record Counted(long calls, double each, long before) {}

    /**
     * Which tenants' objects come in which order.
     *
     * @param name what is special
     * @param order the tenants, one for each object
     * @param tenants how many there are
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Load(String name, int[] order, int tenants) {
        /** Every tenant as often as every other, at random. */
        static Load even(int objects, int tenants) {
            Random random = new Random(SEED);
            return new Load(
                    "evenly",
                    IntStream.generate(() -> random.nextInt(tenants))
                            .limit(objects)
                            .toArray(),
                    tenants);
        }

        /** The n-th tenant has a share of 1/n. */
        static Load skewed(int objects, int tenants) {
            double[] upTo = new double[tenants];
            double sum = 0;
            for (int i = 0; i < tenants; i++) {
                sum += 1.0 / (i + 1);
                upTo[i] = sum;
            }
            Random random = new Random(SEED);
            double all = sum;
            return new Load(
                    "a few tenants have most",
                    IntStream.generate(() -> place(upTo, random.nextDouble() * all))
                            .limit(objects)
                            .toArray(),
                    tenants);
        }

        private static int place(double[] upTo, double value) {
            int found = Arrays.binarySearch(upTo, value);
            return Math.min(upTo.length - 1, found < 0 ? -found - 1 : found);
        }

        /** In how many spans of a deadline's length which tenants had objects. */
        long inUse() {
            Set<Long> spans = new HashSet<>();
            long deadlines = HOUR.dividedBy(DEADLINE);
            for (int i = 0; i < order.length; i++) {
                spans.add(i * deadlines / order.length * tenants + order[i]);
            }
            return spans.size();
        }

        /**
         * What subjects are made for.
         *
         * @param time the clock of the hour
         * @param tenants how many there are
         */
        record Clock(TimeSource time, int tenants) {}
    }
}
