package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;

/**
 * Wraps and unwraps DEKs under one KEK.
 *
 * <p><b>Security:</b> an implementation
 *
 * <ul>
 *   <li>binds the whole key context to the wrap, and refuses to unwrap with any other;
 *   <li>decides on the algorithm itself and refuses a wrap that names another;
 *   <li>never takes the KEK from the wrap: a wrap of another KEK is an {@link io.keywrap.InvalidWrappedDekException};
 *   <li>lets no key byte and no context value into a message, a log or a {@code toString}.
 * </ul>
 *
 * <p><b>Errors:</b> every failure is a {@link io.keywrap.KekException}; which one decides what callers do, so an outage
 * must never read as a revocation, nor a revocation as damaged data. A call makes at most one attempt, perhaps two:
 * retries are the stack's.
 *
 * <p><b>Thread safety:</b> thread-safe. Calls may block on the network, at most until their deadline.
 */
public interface KeyProvider extends AutoCloseable {
    /**
     * Which KEK this provider is bound to.
     *
     * @return its id
     */
    KekId kekId();

    /**
     * Wraps a DEK.
     *
     * @param dek the DEK; stays the caller's
     * @param keyContext the full key context
     * @param deadline when the call must be over
     * @return the wrap, with the DEK's id, this KEK's id and the version that was used
     * @throws io.keywrap.KekException if it failed
     */
    WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline);

    /**
     * Unwraps a DEK.
     *
     * @param wrapped what {@link #wrap} gave
     * @param keyContext the key context of the wrap
     * @param deadline when the call must be over
     * @return the DEK under the id of the wrap; the caller closes it
     * @throws io.keywrap.KekException if it failed
     */
    Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline);

    /**
     * Makes a new DEK; inside of the KMS where it can do so, else here.
     *
     * @param dekId the id of the new DEK, which the key context names too
     * @param keyContext the full key context
     * @param deadline when the call must be over
     * @return the DEK, which the caller closes, and its wrap
     * @throws io.keywrap.KekException if it failed
     */
    default Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
        Dek dek = Dek.random(dekId);
        try {
            return new Generated(dek, wrap(dek, keyContext, deadline));
        } catch (RuntimeException | Error e) {
            dek.close();
            throw e;
        }
    }

    /** Lets go of what the provider itself opened; a vendor's client stays its owner's. Harmless when repeated. */
    @Override
    void close();

    /**
     * A new DEK and its wrap.
     *
     * @param dek the DEK; whoever gets it closes it
     * @param wrapped its wrap
     */
    record Generated(Dek dek, WrappedDek wrapped) {}

    /**
     * Makes providers for the KEKs of one URI scheme.
     *
     * <p><b>Thread safety:</b> thread-safe.
     */
    interface Factory {
        /**
         * Which scheme.
         *
         * @return such as {@code keystore}
         */
        String scheme();

        /**
         * Makes a provider, without calling the KMS.
         *
         * @param kekId a KEK of this scheme, from configuration or a sealed record
         * @return a provider bound to it
         * @throws io.keywrap.KekConfigurationException if the rest of the id makes no sense in this scheme
         */
        KeyProvider create(KekId kekId);
    }
}
