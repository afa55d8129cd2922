package io.keywrap.rewrap;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Why a DEK needs a re-wrap, as its record tells: nothing is unwrapped, and no KMS is asked.
 *
 * <pre>{@code
 * Map<KekId, Status> statuses = Map.of(kek, providers.provider(kek).status(providers.foregroundDeadline()));
 * List<RewrapNeed> needs = RewrapNeed.of(keychain.record(), statuses, Instant.now());
 * }</pre>
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param dekId the DEK
 * @param reason why
 * @param kekId the KEK of the wrap that is there, or, for {@link Reason#MISSING_WRAP}, that is not
 * @param version the version of the wrap as it names it; empty if it names none, or is missing
 */
public record RewrapNeed(DekId dekId, Reason reason, KekId kekId, String version) {
    /** Why. */
    public enum Reason {
        /** It is wrapped in the role CONTROL or REPLICA under a KEK that is no such recipient. */
        OTHER_KEK,
        /** It is wrapped with another version of a KEK than the current one. */
        OLD_VERSION,
        /** A CONTROL or REPLICA recipient has not wrapped it. */
        MISSING_WRAP,
        /** Its wrap has another role than the recipient. */
        OTHER_ROLE,
        /** Its RETAINED wrap was to be kept until a time that is over. */
        RETAINED_OVER
    }

    /**
     * What the DEKs of a keychain need, by its own recipients.
     *
     * @param record the record, its seal checked
     * @param statuses what KEKs tell of themselves; without one nothing is known of a KEK's current version. A wrap that names
     *     no version is never told to be of an old one
     * @param now the present
     * @return the needs, in order of the DEKs; one for each wrap that is there and should be otherwise, or is missing
     */
    public static List<RewrapNeed> of(KeychainRecord record, Map<KekId, Status> statuses, Instant now) {
        return of(record, record.recipients(), statuses, now);
    }

    /**
     * What they would need if the keychain had other recipients.
     *
     * @param record the record, its seal checked
     * @param recipients the recipients to be
     * @param statuses as above
     * @param now the present
     * @return the needs
     */
    public static List<RewrapNeed> of(
            KeychainRecord record, List<Recipient> recipients, Map<KekId, Status> statuses, Instant now) {
        List<RewrapNeed> needs = new ArrayList<>();
        for (DekEntry entry : record.deks()) {
            if (entry.state() != State.DESTROYED) {
                for (Wrap wrap : entry.wraps()) {
                    reason(wrap, recipients, statuses, now)
                            .ifPresent(reason -> needs.add(new RewrapNeed(
                                    entry.id(),
                                    reason,
                                    wrap.wrapped().kekId(),
                                    wrap.wrapped().kekVersion())));
                }
                recipients.stream()
                        .filter(recipient -> recipient.role() != Role.RETAINED)
                        .filter(recipient -> entry.wrapUnder(recipient.kekId()).isEmpty())
                        .forEach(recipient ->
                                needs.add(new RewrapNeed(entry.id(), Reason.MISSING_WRAP, recipient.kekId(), "")));
            }
        }
        return needs;
    }

    private static Optional<Reason> reason(
            Wrap wrap, List<Recipient> recipients, Map<KekId, Status> statuses, Instant now) {
        KekId kekId = wrap.wrapped().kekId();
        Optional<Recipient> recipient =
                recipients.stream().filter(one -> one.kekId().equals(kekId)).findFirst();
        Role role = recipient.map(Recipient::role).orElse(Role.RETAINED);
        if (wrap.role() != role) {
            return Optional.of(role == Role.RETAINED ? Reason.OTHER_KEK : Reason.OTHER_ROLE);
        }
        if (role == Role.RETAINED) {
            boolean over = recipient
                    .flatMap(Recipient::until)
                    .filter(until -> !now.isBefore(until))
                    .isPresent();
            return over ? Optional.of(Reason.RETAINED_OVER) : Optional.empty();
        }
        Status status = statuses.getOrDefault(kekId, Status.unknown());
        return status.needsRewrap(wrap.wrapped()) ? Optional.of(Reason.OLD_VERSION) : Optional.empty();
    }
}
