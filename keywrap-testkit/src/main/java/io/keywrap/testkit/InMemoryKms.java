package io.keywrap.testkit;

import io.keywrap.Deadline;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * A KMS in memory, as strict as a cloud's, with KEKs named {@code memory:<name>}.
 *
 * <pre>{@code
 * InMemoryKms kms = new InMemoryKms(time);
 * InMemoryKek customer = kms.kek("customer");
 * KeyProviders providers = KeyProviders.builder().register(kms).time(time).build();
 * customer.disable();
 * }</pre>
 *
 * <p>It stands for one KMS of one customer: register it with several {@code KeyProviders} where a test plays several JVMs.
 * A KEK is there from the first call of {@link #kek} on; to the provider of any other it was never found.
 *
 * <p><b>Security:</b> AES-256-GCM with a random IV, the canonical key context as associated data, one key a version. For
 * tests alone: the keys are in the memory of the JVM.
 *
 * <p><b>Thread safety:</b> thread-safe. Never blocks, never sleeps.
 */
public final class InMemoryKms implements KeyProvider.Factory, TestKms {
    /** The scheme of these KEKs. */
    public static final String SCHEME = "memory";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,126}");

    private final Map<KekId, InMemoryKek> keks = new ConcurrentHashMap<>();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final TimeSource time;
    private volatile boolean rewraps;

    /** Makes a KMS without KEKs, on the clocks of this machine. */
    public InMemoryKms() {
        this(TimeSource.system());
    }

    /**
     * Makes a KMS without KEKs.
     *
     * @param time the clocks that its deletion dates go by, and that slow answers move if it is a {@link ManualTime}
     */
    public InMemoryKms(TimeSource time) {
        this.time = time;
    }

    /**
     * The KEK of a name, made at the first call.
     *
     * @param name 1 to 127 letters, digits, dots, underscores, slashes and hyphens
     * @return the control plane of {@code memory:<name>}
     */
    public InMemoryKek kek(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not the name of a KEK in memory: '" + name + "'");
        }
        return keks.computeIfAbsent(KekId.of(SCHEME + ":" + name), id -> new InMemoryKek(id, time));
    }

    /**
     * Whether this KMS re-wraps by itself, between any of its KEKs, as AWS KMS does; by default not, as most do.
     *
     * @param byItself true if it shall
     * @return this
     */
    public InMemoryKms serverSideRewrap(boolean byItself) {
        rewraps = byItself;
        return this;
    }

    boolean rewraps() {
        return rewraps;
    }

    @Override
    public InMemoryKek createKek() {
        return kek("kek-" + made.incrementAndGet());
    }

    @Override
    public KekId unknownKek() {
        return KekId.of(SCHEME + ":never/made");
    }

    @Override
    public KeyProvider.Factory factory() {
        return this;
    }

    @Override
    public TimeSource time() {
        return time;
    }

    @Override
    public void advance(Duration duration) {
        if (!(time instanceof ManualTime manual)) {
            throw Skipped.because("the clock of this KMS cannot be moved: give it a ManualTime");
        }
        manual.advance(duration);
    }

    /**
     * The scheme.
     *
     * @return {@value #SCHEME}
     */
    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public KeyProvider create(KekId kekId) {
        String name = kekId.uri().substring(kekId.scheme().length() + 1);
        if (!kekId.scheme().equals(SCHEME) || !NAME.matcher(name).matches()) {
            throw new KekConfigurationException(
                    Failure.of(kekId, "not a KEK id of a KMS in memory").operatorAction("write it as memory:<name>"));
        }
        return new InMemoryKeyProvider(kekId, this);
    }

    /** Wipes the keys of all KEKs, which are then deleted for good. Harmless when repeated. */
    @Override
    public void close() {
        keks.values().forEach(InMemoryKek::delete);
    }

    Optional<InMemoryKek> find(KekId kekId) {
        return Optional.ofNullable(keks.get(kekId));
    }

    /** The id of the next call, as the log of a cloud has one. */
    String nextRequestId() {
        return "memory-" + requests.incrementAndGet();
    }

    /** A call arrives. */
    Arrival arrive(Deadline deadline) {
        synchronized (time) { // A ManualTime stands still meanwhile.
            return new Arrival(time.nanoTime(), deadline.remaining());
        }
    }

    /** Lets the time of an answer pass, from the arrival of its call on: others may wait for theirs in the same time. */
    void elapse(Arrival arrival, Duration duration) {
        if (time instanceof ManualTime manual) {
            manual.advanceTo(arrival.nanos() + duration.toNanos());
        }
    }

    /**
     * How many KEKs there are.
     *
     * @return such as {@code InMemoryKms[2 KEKs]}
     */
    @Override
    public String toString() {
        return "InMemoryKms[" + keks.size() + " KEKs]";
    }

    /**
     * When a call arrived.
     *
     * @param nanos on the clock of the KMS
     * @param left how much time its deadline left it
     */
    record Arrival(long nanos, Duration left) {
        boolean tooLate() {
            return left.isZero();
        }
    }
}
