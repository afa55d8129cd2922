package io.keywrap.provider;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a version of a KEK stands, for one operation, as this process has heard it from its KMS.
 *
 * <p><b>Thread safety:</b> immutable; it does not follow what happens later.
 */
public final class KekStanding {
    private final KekId kekId;
    private final String version;
    private final Operation operation;
    private final Place place;
    private final KekState state;
    private final Instant since;
    private final KekReach reach;
    private final Instant reachSince;
    private final @Nullable KekException refusal;
    private final @Nullable KekException outage;
    private final @Nullable KekException ownFailure;
    private final @Nullable Instant deletion;
    private final @Nullable Instant provenAt;
    private final Instant heardAt;

    KekStanding(HeardKek heard) {
        this.kekId = heard.name().kekId();
        this.version = heard.version;
        this.operation = heard.name().operation();
        this.place = heard.place;
        this.state = heard.state;
        this.since = heard.since;
        this.reach = heard.reach;
        this.reachSince = heard.reachSince;
        this.refusal = heard.refusal;
        this.outage = heard.outage;
        this.ownFailure = heard.ownFailure;
        this.deletion = heard.deletion;
        this.provenAt = heard.provenAt;
        this.heardAt = heard.heardAt;
    }

    /**
     * Which KEK.
     *
     * @return its id
     */
    public KekId kekId() {
        return kekId;
    }

    /**
     * Which version of it.
     *
     * @return for {@link Operation#UNWRAP} the version of the wraps, as in {@link io.keywrap.WrappedDek#kekVersion()}; for
     *     other operations, which are not asked for by version, the one that has last done it; empty where the KMS names none
     *     or it is not known
     */
    public String version() {
        return version;
    }

    /**
     * What it was asked for.
     *
     * @return the operation that the state is of; it says nothing of others
     */
    public Operation operation() {
        return operation;
    }

    /**
     * Where it is, and whose it is.
     *
     * @return the place
     */
    public Place place() {
        return place;
    }

    /**
     * What its owner has decided.
     *
     * @return the state
     */
    public KekState state() {
        return state;
    }

    /**
     * Since when.
     *
     * @return when the state was noticed, by this machine's clock
     */
    public Instant since() {
        return since;
    }

    /**
     * Whether it can be asked.
     *
     * @return the reach
     */
    public KekReach reach() {
        return reach;
    }

    /**
     * Since when.
     *
     * @return when the reach was noticed, by this machine's clock
     */
    public Instant reachSince() {
        return reachSince;
    }

    /**
     * Why it is not {@link KekState#ACTIVE}; of one that is, why it is not asked with success: its KMS does not answer, or the
     * last call failed for a reason of our own. It has the raw code of the KMS, its id of the call and what the operator can do,
     * and neither stack trace nor causes, see {@link KekException#withoutTrace}.
     *
     * @return the failure; empty if all is well
     */
    public Optional<KekException> cause() {
        return Optional.ofNullable(refusal)
                .or(() -> Optional.ofNullable(outage))
                .or(this::ownFailure);
    }

    /**
     * Why the last call that was answered failed, if that is our own doing: credentials, parameters, a wrap that is not of the
     * KEK. It changes neither state nor reach. Without stack trace and causes.
     *
     * @return the failure; empty if the last call was answered otherwise
     */
    public Optional<KekException> ownFailure() {
        return Optional.ofNullable(ownFailure);
    }

    /**
     * When a deletion that is pending becomes final.
     *
     * @return the instant; empty unless a deletion is pending, or was when last heard of, and its date known
     */
    public Optional<Instant> deletion() {
        return Optional.ofNullable(deletion);
    }

    /**
     * When it has last worked.
     *
     * @return when the last call that went well was sent; empty if none has since this process began
     */
    public Optional<Instant> provenAt() {
        return Optional.ofNullable(provenAt);
    }

    /**
     * When it was last heard of.
     *
     * @return when the last call ended, however it did
     */
    public Instant heardAt() {
        return heardAt;
    }

    /**
     * For people and logs.
     *
     * @return such as {@code KekStanding[aws-kms://… version "1", UNWRAP: REVOKED since 2026-01-01T00:00:00Z, ANSWERS]}
     */
    @Override
    public String toString() {
        return "KekStanding[" + kekId + " version \"" + version + "\", " + operation + ": " + state + " since " + since
                + ", " + reach + "]";
    }
}
