package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;

/**
 * What a {@link KeyProvider} also implements whose KMS can re-wrap: the same DEK under another KEK, or under the current
 * version of its own, while the plaintext DEK never leaves the KMS.
 *
 * <p>It is optional. Providers that come from {@link KeyProviders} have it all, and support no target where the KMS
 * cannot:
 *
 * <pre>{@code
 * if (providers.provider(wrapped.kekId()) instanceof ServerSideRewrap kms && kms.supports(target)) {
 *     WrappedDek moved = kms.rewrap(wrapped, target, keyContext, deadline);
 * }
 * }</pre>
 *
 * <p><b>Security:</b> the old wrap is opened with the provider's own KEK and the whole key context, as by
 * {@link KeyProvider#unwrap}, and the new one is bound to the same key context. Nobody has seen the DEK that was moved, so
 * unwrap the result and compare its check value before the old wrap is given up.
 *
 * <p><b>Thread safety:</b> as of {@link KeyProvider}.
 */
public interface ServerSideRewrap {
    /**
     * Whether this KMS can re-wrap to a KEK, without calling it.
     *
     * @param target the KEK to be; the provider's own is one too
     * @return true if {@link #rewrap} may be called with it
     */
    boolean supports(KekId target);

    /**
     * Re-wraps a DEK inside of the KMS.
     *
     * @param wrapped a wrap under the provider's KEK; it stays valid
     * @param target a KEK that is supported
     * @param keyContext the key context of the wrap, of the old and the new one
     * @param deadline when the call must be over
     * @return the same DEK, wrapped under the target with its current version
     * @throws IllegalArgumentException if the target is not supported
     * @throws io.keywrap.KekException if it failed; its KEK is the one that failed where the KMS tells which, else the
     *     provider's own
     */
    WrappedDek rewrap(WrappedDek wrapped, KekId target, EncryptionContext keyContext, Deadline deadline);
}
