package io.keywrap.proof;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.Deadline;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProviders;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Leases DEKs by the wraps that travel with what they encrypted, under KEKs that the caller allows.
 *
 * <p>Such wraps are not authenticated: one that does not unwrap may be damaged, so the next one is tried. The first that
 * unwraps has to be held against something that commits to the key.
 *
 * <p><b>Thread safety:</b> immutable and thread-safe.
 */
public final class CarriedWraps {
    private final KeyProviders providers;
    private final Set<KekId> allowed;

    /**
     * Of envelopes that these KEKs may open.
     *
     * @param providers the KEKs; stay the caller's
     * @param allowed those that may unwrap
     */
    public CarriedWraps(KeyProviders providers, Set<KekId> allowed) {
        this.providers = providers;
        this.allowed = Set.copyOf(allowed);
    }

    /**
     * Leases a DEK.
     *
     * @param dekId the DEK
     * @param carried the wraps that were found, of which those of other DEKs and under other KEKs are left alone
     * @param keyContext its key context
     * @return what the first wrap that unwraps gives, to be closed; not proven
     * @throws AuthenticationFailedException if no wrap is under an allowed KEK, or none of those unwraps
     * @throws KekException if a KEK cannot be used
     */
    public DekLease lease(DekId dekId, List<WrappedDek> carried, EncryptionContext keyContext) {
        Deadline deadline = providers.foregroundDeadline();
        List<WrappedDek> candidates = carried.stream()
                .filter(wrapped ->
                        allowed.contains(wrapped.kekId()) && wrapped.dekId().equals(dekId))
                .toList();
        KekException first = null;
        for (int i = 0; i < candidates.size(); i++) {
            // Each one has its share of the time that is left, so that the next one is reached at all.
            Deadline share = deadline.within(deadline.remaining().dividedBy(candidates.size() - i));
            try {
                return providers.lease(candidates.get(i), keyContext, share);
            } catch (InvalidWrappedDekException e) {
                first = first == null ? e : first;
            } catch (KekException e) {
                first = preferred(first, e);
                if (!e.retryable()) {
                    throw e;
                }
            }
        }
        throw refusal(first);
    }

    private RuntimeException refusal(@Nullable KekException first) {
        if (first == null) {
            return new AuthenticationFailedException(
                    Check.DEK,
                    "the envelope carries no wrap of its DEK under an allowed KEK; to do: name the KEK that it was made"
                            + " for, or open it with its keychain");
        }
        if (!(first instanceof InvalidWrappedDekException)) {
            return first;
        }
        AuthenticationFailedException refusal = new AuthenticationFailedException(
                Check.DEK,
                "the envelope's wraps of its DEK do not unwrap under " + allowed
                        + ": they or the header were changed;"
                        + " to do: restore the envelope from another copy, or open it with its keychain");
        refusal.addSuppressed(first);
        return refusal;
    }

    /** A KEK out of reach says more than a wrap that did not unwrap. */
    private static KekException preferred(@Nullable KekException first, KekException next) {
        return first == null || first instanceof InvalidWrappedDekException ? next : first;
    }
}
