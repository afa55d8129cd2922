package io.keywrap.rewrap;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.proof.CarriedWraps;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.provider.KeyProviders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** DEKs that the envelopes carry under allowed KEKs, to be wrapped to KEKs that are named. */
final class CarriedDeks implements EnvelopeWraps {
    private final KeyProviders providers;
    private final CarriedWraps carried;
    private final List<KekId> recipients;
    private final Optional<String> keychainId;
    private final boolean renew;
    private final ProvenWraps proven;
    private final Map<KekId, Status> statuses = new ConcurrentHashMap<>();

    CarriedDeks(KeyProviders providers, Set<KekId> allowed, List<KekId> recipients) {
        this(providers, new CarriedWraps(providers, allowed), recipients, Optional.empty(), false);
    }

    private CarriedDeks(
            KeyProviders providers,
            CarriedWraps carried,
            List<KekId> recipients,
            Optional<String> keychainId,
            boolean renew) {
        this.providers = providers;
        this.carried = carried;
        this.recipients = List.copyOf(recipients);
        this.keychainId = keychainId;
        this.renew = renew;
        this.proven = new ProvenWraps(providers);
    }

    CarriedDeks expecting(String id) {
        return new CarriedDeks(providers, carried, recipients, Optional.of(id), renew);
    }

    CarriedDeks renewing() {
        return new CarriedDeks(providers, carried, recipients, keychainId, true);
    }

    @Override
    public DekLease open(Beginning old) {
        EnvelopeHeader header = old.header();
        if (!header.keychainId().equals(keychainId.orElse(header.keychainId()))) {
            throw new AuthenticationFailedException(
                    Check.KEYCHAIN,
                    "the envelope belongs to keychain '" + header.keychainId() + "' and not to '" + keychainId.get()
                            + "'; to do: leave it to those who re-wrap that one's, or find out how it came here");
        }
        if (header.recipients().isEmpty()) {
            throw new UnsupportedEnvelopeException("the envelope carries no wraps, since keychain '"
                    + header.keychainId() + "' holds them; to do: leave it as it is, and re-wrap the keychain in its"
                    + " store");
        }
        return carried.lease(header.dekId(), header.recipients(), old.keyContext());
    }

    @Override
    public List<WrappedDek> wanted(Beginning old, Dek dek) {
        List<WrappedDek> wraps = new ArrayList<>();
        for (KekId kekId : recipients) {
            wraps.add(there(old, kekId, dek).orElseGet(() -> proven.make(kekId, dek, old.keyContext())));
        }
        return wraps;
    }

    /** A wrap that the envelope has and that is good, so that a second run finds nothing to do. */
    private Optional<WrappedDek> there(Beginning old, KekId kekId, Dek dek) {
        return old.header().recipients().stream()
                .filter(wrap -> wrap.kekId().equals(kekId) && wrap.dekId().equals(dek.id()))
                .filter(wrap -> !renew || isCurrent(wrap))
                .filter(wrap -> isGood(wrap, old, dek))
                .findFirst();
    }

    private boolean isGood(WrappedDek wrap, Beginning old, Dek dek) {
        try {
            proven.require(wrap, dek, old.keyContext());
            return true;
        } catch (InvalidWrappedDekException e) {
            return false; // Damaged or forged: another one takes its place.
        }
    }

    /** Only what is known to be of the current version stays. */
    private boolean isCurrent(WrappedDek wrap) {
        Status status = statuses.computeIfAbsent(
                wrap.kekId(), kekId -> providers.provider(kekId).status(providers.foregroundDeadline()));
        return status.currentVersion().filter(wrap.kekVersion()::equals).isPresent();
    }
}
