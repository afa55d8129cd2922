package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import java.security.Provider;
import java.time.Instant;
import java.util.Optional;

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
 * retries are the stack's. An interrupted thread stays interrupted; the call does its work, or fails as one that was not
 * answered.
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

    /**
     * Asks the KMS about the KEK itself, without using it. Needs a permission beyond wrap and unwrap in most clouds, so
     * nothing that encrypts or decrypts depends on it.
     *
     * @param deadline when the call must be over
     * @return what the KMS tells; {@link Status#unknown()} by default
     * @throws io.keywrap.KekException if the KEK cannot be used, just as {@link #wrap} would, or may not be asked about
     */
    default Status status(Deadline deadline) {
        return Status.unknown();
    }

    /**
     * Where the KEK is, and whose it is, as its id tells: what becomes unreachable together, and who withdraws it.
     *
     * @return the place; by default the KEK has both to itself
     */
    default Place place() {
        return Place.of(kekId());
    }

    /**
     * Lets go of what the provider itself opened; a vendor's client stays its owner's. Harmless when repeated. To wrap,
     * unwrap or generate afterwards is an {@link IllegalStateException}: it says nothing about the KEK.
     */
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
     * Where a KEK is, and whose it is.
     *
     * @param service what fails together, such as {@code aws-kms/eu-central-1}; one of a few, not of one for each KEK
     * @param owner who withdraws it, such as the account, in words of its scheme; KEKs of one owner are withdrawn together,
     *     those of many owners hardly ever
     */
    record Place(String service, String owner) {
        /**
         * Of a KEK of which nothing more is known.
         *
         * @param kekId the KEK
         * @return its scheme, and itself
         */
        public static Place of(KekId kekId) {
            return new Place(kekId.scheme(), kekId.uri());
        }
    }

    /**
     * What a KMS tells about a KEK that can be used. One that cannot is told by the exception instead.
     *
     * <p><b>Thread safety:</b> immutable.
     */
    final class Status {
        private static final Status UNKNOWN = new Status(Optional.empty(), Optional.empty());

        private final Optional<String> currentVersion;
        private final Optional<Instant> expires;

        private Status(Optional<String> currentVersion, Optional<Instant> expires) {
            this.currentVersion = currentVersion;
            this.expires = expires;
        }

        /**
         * Of a KMS that tells nothing, or whose keys have no versions.
         *
         * @return the status
         */
        public static Status unknown() {
            return UNKNOWN;
        }

        /**
         * Of a KEK with versions.
         *
         * @param version the one that new wraps are made with, as in {@link WrappedDek#kekVersion()}
         * @return the status
         */
        public static Status ofVersion(String version) {
            return new Status(Optional.of(version), Optional.empty());
        }

        /**
         * The same of a KEK whose end is known: its validity ends, or it is going to be destroyed.
         *
         * @param instant when
         * @return a new status
         */
        public Status withExpires(Instant instant) {
            return new Status(currentVersion, Optional.of(instant));
        }

        /**
         * When the KEK ends.
         *
         * @return when its validity ends or it is going to be destroyed; empty if no such day is known
         */
        public Optional<Instant> expires() {
            return expires;
        }

        /**
         * Which version new wraps are made with.
         *
         * @return the provider's name for it; empty if it is not known
         */
        public Optional<String> currentVersion() {
            return currentVersion;
        }

        /**
         * Whether the KEK was rotated since a wrap was made.
         *
         * @param wrapped a wrap under this KEK
         * @return true if it is known to be made with another version than the current one; a wrap without a version is
         *     of a KMS that did not tell, so nothing is known
         */
        public boolean needsRewrap(WrappedDek wrapped) {
            return currentVersion
                    .filter(version -> !wrapped.kekVersion().isEmpty() && !version.equals(wrapped.kekVersion()))
                    .isPresent();
        }

        /**
         * The version.
         *
         * @return such as {@code Status[current version 3]}
         */
        @Override
        public String toString() {
            return "Status[current version " + currentVersion.orElse("unknown")
                    + expires.map(day -> ", expires " + day).orElse("") + "]";
        }
    }

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

        /**
         * Makes a provider that does its own cryptography, if it does any, by one provider of the JCA alone. For factories
         * whose KEKs are used in this JVM; those of a KMS need not care.
         *
         * @param kekId a KEK of this scheme, from configuration or a sealed record
         * @param cryptoProvider the provider that the user named
         * @return a provider bound to the KEK
         * @throws io.keywrap.KekConfigurationException if the rest of the id makes no sense in this scheme
         */
        default KeyProvider create(KekId kekId, Provider cryptoProvider) {
            return create(kekId);
        }
    }
}
