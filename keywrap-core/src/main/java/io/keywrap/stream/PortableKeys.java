package io.keywrap.stream;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.Deadline;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.provider.KeyProviders;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The DEKs that portable envelopes carry, under KEKs that the caller allows.
 *
 * <p>The recipients are not authenticated: a wrap that does not unwrap may be damaged, so the next one is tried. The
 * first that unwraps is held against the header's tag, which commits to the key.
 */
final class PortableKeys implements EnvelopeKeys {
    private final KeyProviders providers;
    private final Set<KekId> allowed;
    private final Optional<String> keychainId;

    PortableKeys(KeyProviders providers, Set<KekId> allowed, Optional<String> keychainId) {
        this.providers = providers;
        this.allowed = Set.copyOf(allowed);
        this.keychainId = keychainId;
    }

    @Override
    public PortableKeys expecting(String id) {
        return new PortableKeys(providers, allowed, Optional.of(id));
    }

    @Override
    public NewEnvelope forWriting() {
        throw new IllegalStateException("a cipher for portable envelopes only decrypts; to encrypt, use a keychain");
    }

    @Override
    public DekLease forReading(EnvelopeHeader header) {
        if (!header.keychainId().equals(keychainId.orElse(header.keychainId()))) {
            throw new AuthenticationFailedException(
                    Check.KEYCHAIN,
                    "the envelope belongs to keychain '" + header.keychainId() + "' and not to '" + keychainId.get()
                            + "'; to do: find out why it was presented as this one's");
        }
        EncryptionContext context = EncryptionContext.ofDek(header.keychainId(), header.dekId(), header.keyContext());
        Deadline deadline = providers.foregroundDeadline();
        List<WrappedDek> candidates = header.recipients().stream()
                .filter(wrapped ->
                        allowed.contains(wrapped.kekId()) && wrapped.dekId().equals(header.dekId()))
                .toList();
        KekException first = null;
        for (int i = 0; i < candidates.size(); i++) {
            WrappedDek wrapped = candidates.get(i);
            // Each one has its share of the time that is left, so that the next one is reached at all.
            Deadline share = deadline.within(deadline.remaining().dividedBy(candidates.size() - i));
            try {
                return providers.lease(wrapped, context, share);
            } catch (InvalidWrappedDekException e) {
                first = first == null ? e : first;
            } catch (KekException e) {
                first = preferred(first, e);
                if (!e.retryable()) {
                    throw e;
                }
            }
        }
        if (first instanceof InvalidWrappedDekException) {
            AuthenticationFailedException refusal = new AuthenticationFailedException(
                    Check.DEK,
                    "the envelope's wraps of its DEK do not unwrap under " + allowed
                            + ": they or the header were changed;"
                            + " to do: restore the envelope from another copy, or open it with its keychain");
            refusal.addSuppressed(first);
            throw refusal;
        }
        if (first != null) {
            throw first;
        }
        throw new AuthenticationFailedException(
                Check.DEK,
                "the envelope carries no wrap of its DEK under an allowed KEK; to do: name the KEK that it was made"
                        + " for, or open it with its keychain");
    }

    /** A KEK out of reach says more than a wrap that did not unwrap. */
    private static KekException preferred(@Nullable KekException first, KekException next) {
        return first == null || first instanceof InvalidWrappedDekException ? next : first;
    }
}
