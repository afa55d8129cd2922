package io.keywrap.onboarding;

import io.keywrap.Deadline;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether a customer's KEK will do, before anything is encrypted under it: one report with what to do about each thing
 * that is not as it should be.
 *
 * <pre>{@code
 * PreflightReport report = Preflight.of(AwsKms.factory())
 *         .regions(Set.of("eu-west-1"))
 *         .keyContext(EncryptionContext.of("tenant", "acme"))
 *         .build()
 *         .check(kekId);
 * }</pre>
 *
 * <p>It takes a factory, and not the providers of a running product: what a key answers that nobody uses yet is no news
 * of a KEK that was withdrawn, and is not repeated from memory. It is run where the product runs, with its credentials,
 * once for each principal.
 *
 * <p>Permissions are found out without using them where the KMS has a way to; then a DEK that nothing is encrypted with is
 * wrapped, unwrapped, and refused with three other key contexts, if the caller may. The customer sees these calls in
 * their log, with the keychain {@value #KEYCHAIN} in the key context, one of them perhaps as denied.
 *
 * <p><b>Security:</b> nothing is left behind: the DEK is wiped, its wrap is dropped, nothing is stored, nothing at the customer's
 * is changed.
 *
 * <p><b>Thread safety:</b> immutable; {@link #check} calls the KMS and blocks, for each call at most as long as
 * {@link Builder#budget}.
 */
public final class Preflight {
    /** The keychain that the key contexts of a preflight name. */
    public static final String KEYCHAIN = "keywrap-preflight";

    /** What no key context of a product has. */
    private static final String NONE = "keywrap-preflight";

    final KeyProvider.Factory factory;
    final Set<String> regions;
    final @Nullable String owner;
    final EncryptionContext pairs;
    final @Nullable Set<KekOperation> operations;
    final Duration slow;
    final TimeSource time;
    private final Duration budget;

    private Preflight(Builder builder) {
        this.factory = builder.factory;
        this.regions = new TreeSet<>(builder.regions);
        this.owner = builder.owner;
        this.pairs = builder.pairs;
        this.operations = builder.operations;
        this.slow = builder.slow;
        this.time = builder.time;
        this.budget = builder.budget;
    }

    /**
     * Begins a preflight for the KEKs of one cloud.
     *
     * @param factory its factory, with the clients and credentials of the product
     * @return a builder
     */
    public static Builder of(KeyProvider.Factory factory) {
        return new Builder(factory);
    }

    /**
     * Looks at one KEK.
     *
     * @param kekId the KEK
     * @return what was found out; also a KEK that cannot be used or reached is a report and not an exception
     */
    public PreflightReport check(KekId kekId) {
        return new PreflightRun(this, kekId).run();
    }

    /** With other values, which is all that a condition may look at; without any pairs, with one. */
    static EncryptionContext ofAnotherTenant(EncryptionContext pairs) {
        Map<String, String> others = new TreeMap<>(pairs.asMap());
        others.replaceAll((name, value) -> value.equals(NONE) ? NONE + "-2" : NONE);
        return others.isEmpty() ? EncryptionContext.of(NONE, NONE) : EncryptionContext.of(others);
    }

    Deadline deadline() {
        return Deadline.after(budget, time);
    }

    /** Options of {@link Preflight}. Not thread-safe. */
    public static final class Builder {
        private final KeyProvider.Factory factory;
        private Set<String> regions = Set.of();
        private @Nullable String owner;
        private EncryptionContext pairs = EncryptionContext.empty();
        private @Nullable Set<KekOperation> operations;
        private Duration budget = Duration.ofSeconds(10);
        private Duration slow = Duration.ofSeconds(1);
        private TimeSource time = TimeSource.system();

        private Builder(KeyProvider.Factory factory) {
            this.factory = factory;
        }

        /**
         * The rule of the data centre; any by default.
         *
         * @param allowed Regions of AWS, locations of Google Cloud, or clouds of Azure such as {@code azure.net}; empty allows all
         * @return this
         */
        public Builder regions(Set<String> allowed) {
            regions = Set.copyOf(allowed);
            return this;
        }

        /**
         * Whose the key has to be; anybody's by default.
         *
         * @param expected an account of AWS (12 digits), a project of Google Cloud as the KEK names it, or the host of a
         *     vault
         * @return this
         */
        public Builder owner(String expected) {
            owner = expected;
            return this;
        }

        /**
         * The tenant's pairs of the key context, which policies may decide by; none by default.
         *
         * @param tenantPairs the pairs, as the keychains of the tenant have them
         * @return this
         * @throws IllegalArgumentException if they leave no room for keywrap's own pairs, or have a reserved key
         */
        public Builder keyContext(EncryptionContext tenantPairs) {
            for (EncryptionContext asked : List.of(tenantPairs, ofAnotherTenant(tenantPairs))) {
                EncryptionContext.ofDek(KEYCHAIN + "-2", DekId.of(new byte[DekId.BYTES]), asked);
            }
            pairs = tenantPairs;
            return this;
        }

        /**
         * What the principal that is calling has to be allowed: a permission for anything else need not be there, and is a
         * warning if it is, unless it only reads the state. By default it wraps and unwraps, and whether it can read the state
         * and re-wrap is worth a warning.
         *
         * @param role its role
         * @param more its other roles
         * @return this
         */
        public Builder roles(PolicyRole role, PolicyRole... more) {
            Set<KekOperation> all = EnumSet.copyOf(role.operations());
            for (PolicyRole other : more) {
                all.addAll(other.operations());
            }
            operations = all;
            return this;
        }

        /**
         * How long a call may take; 10 seconds by default.
         *
         * @param limit more than zero
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder budget(Duration limit) {
            budget = positive(limit);
            return this;
        }

        /**
         * How long a call may take without a warning; 1 second by default.
         *
         * @param limit more than zero
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder slowAbove(Duration limit) {
            slow = positive(limit);
            return this;
        }

        private static Duration positive(Duration limit) {
            if (limit.isZero() || limit.isNegative()) {
                throw new IllegalArgumentException("a limit is more than zero: " + limit);
            }
            return limit;
        }

        /**
         * The clocks to go by; those of the system by default.
         *
         * @param source the time source
         * @return this
         */
        public Builder time(TimeSource source) {
            time = source;
            return this;
        }

        /**
         * Makes the preflight, without calling anybody.
         *
         * @return the preflight
         */
        public Preflight build() {
            return new Preflight(this);
        }
    }
}
