package io.keywrap.azure;

import com.azure.core.credential.TokenCredential;
import com.azure.identity.ClientCertificateCredentialBuilder;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TimeSource;
import io.keywrap.azure.CertificateFile.Origin;
import io.keywrap.azure.CertificateIssuer.Issued;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an application proves itself with to Microsoft Entra: key pairs that the vendor makes and keeps, and certificates that the
 * customer uploads to the application.
 *
 * <pre>{@code
 * ApplicationCertificates made = ApplicationCertificates.builder(EnvelopeCipher.using(vendorKeychain))
 *         .tenantId(tenantId).clientId(clientId).create();
 * made.save(file);                                 // encrypted
 * String download = made.current().toPem();        // for the customer to upload
 * }</pre>
 *
 * <p><b>States:</b> there is always a {@link #current()} certificate, and beside it at most one more: the {@link #next()}, which
 * {@link #renew()} makes, or, once {@link #activate()} has put that in the place of the current one, the {@link #previous()}.
 * A {@link #credential credential} uses whichever of them Entra accepts, so that it does not matter in which order the customer
 * uploads the new certificate, removes the old one, and the vendor activates. Nothing but {@link #without} takes a certificate
 * away that has not expired, so a renewal locks nobody out.
 *
 * <p><b>Security:</b> a private key is stored encrypted alone, in an envelope that binds tenant, client and certificates; it is
 * decrypted for as long as a call takes, and its arrays are wiped after it. Two things keep copies that cannot be wiped: the JVM's
 * own key objects, until they are collected, and the credentials of azure-identity, for as long as they live. The keychain of the
 * cipher should be under a KEK of the vendor's, and must not need the credential that is kept under it.
 *
 * <p><b>Shape and units:</b> RSA keys of 3,072 bits, certificates of about 1.1 KB; an envelope of under 10 KB.
 *
 * <p><b>Errors:</b> those of {@link EnvelopeCipher}. A key that does not belong to its certificate is a
 * {@link MalformedEnvelopeException}, another tenant or client an
 * {@link io.keywrap.AuthenticationFailedException}.
 *
 * <p><b>Thread safety:</b> immutable; changes give a new object, which is lost unless it is saved. Calls block on the KMS of the
 * keychain.
 *
 * <p><b>Source:</b> docs/guides/azure-certificates.md; X.509 (RFC 5280), PKCS#8 (RFC 5958), client assertions (RFC 7523).
 */
public final class ApplicationCertificates {
    private final Setup setup;
    private final CertificateStates states;
    private final byte[] sealed;
    private final Origin origin;

    private ApplicationCertificates(Setup setup, CertificateStates states, byte[] sealed, Origin origin) {
        this.setup = setup;
        this.states = states;
        this.sealed = sealed;
        this.origin = origin;
    }

    private record Setup(
            CertificateEnvelope envelope,
            Application application,
            Duration validity,
            TimeSource time,
            CertificateIssuer issuer) {}

    /**
     * Begins to make or open certificates.
     *
     * @param cipher encrypts the private keys, under a keychain of the vendor's
     * @return a builder
     */
    public static Builder builder(EnvelopeCipher cipher) {
        return new Builder(cipher);
    }

    /**
     * The certificate that is tried first.
     *
     * @return the certificate
     */
    public ApplicationCertificate current() {
        return states.current();
    }

    /**
     * The certificate that was made to follow the current one.
     *
     * @return the certificate; empty if there is none
     */
    public Optional<ApplicationCertificate> next() {
        return Optional.ofNullable(states.next());
    }

    /**
     * The certificate before the current one, which is still there to fall back to.
     *
     * @return the certificate; empty if there is none
     */
    public Optional<ApplicationCertificate> previous() {
        return Optional.ofNullable(states.previous());
    }

    /**
     * How long there is a certificate that is valid, uploaded or not: when this gets low, it is time to renew.
     *
     * @return whole days until the last one expires, rounded down; negative once it has
     */
    public long daysLeft() {
        Instant now = setup.time.now();
        return states.all().stream()
                .mapToLong(certificate -> certificate.daysLeft(now))
                .max()
                .orElseThrow();
    }

    /**
     * Makes a next certificate, of the same application, beside the current one. Those that have expired are dropped.
     *
     * @return with the next certificate, to be saved before the customer gets it
     * @throws IllegalStateException if there are two already: taking one away unasked could lock the vendor out
     */
    public ApplicationCertificates renew() {
        Instant now = setup.time.now();
        CertificateStates settled = states.settled(now);
        if (settled.all().size() > 1) {
            throw new IllegalStateException(
                    "there are two certificates already, and taking one away could lock you out; to do:"
                            + " wait until one expires, or activate the next one, if there is one, and remove the previous one");
        }
        Issued issued = setup.issuer.issue(setup.application, now, setup.validity);
        try {
            return changed(settled.withNext(issued.certificate()), issued);
        } finally {
            Arrays.fill(issued.key(), (byte) 0);
        }
    }

    /**
     * Puts the next certificate in the place of the current one, which stays to fall back to. Only needed to remove that one
     * before it expires; a credential finds out by itself what Entra accepts.
     *
     * @return with the next certificate as the current, to be saved
     * @throws IllegalStateException if there is no next one
     */
    public ApplicationCertificates activate() {
        return changed(states.activated(), null);
    }

    /**
     * Takes the next or the previous certificate away, with its private key.
     *
     * <p><b>Security:</b> if it is the only one that the customer has uploaded, the vendor is locked out until another one is.
     *
     * @param certificate the certificate
     * @return without it, to be saved
     * @throws IllegalStateException if it is the current one, or none of these
     */
    public ApplicationCertificates without(ApplicationCertificate certificate) {
        return changed(states.without(certificate), null);
    }

    private ApplicationCertificates changed(CertificateStates to, @Nullable Issued issued) {
        try (PrivateKeys keys = setup.envelope.open(states, sealed)) {
            List<byte[]> kept = to.all().stream()
                    .map(certificate -> issued != null && certificate.equals(issued.certificate())
                            ? issued.key()
                            : keys.get(states.all().indexOf(certificate)))
                    .toList();
            return new ApplicationCertificates(
                    setup, to, setup.envelope.seal(to, kept), origin.and(states.toContext()));
        }
    }

    /**
     * The certificates and their encrypted private keys, for a store of the caller's. Replace them there only if they are still
     * what this was made from.
     *
     * @return an envelope, a new array
     */
    public byte[] toBytes() {
        return sealed.clone();
    }

    /**
     * Writes them to a file, whole or not at all. Nothing is replaced but what these were made from: after {@code create()} the
     * file must be missing, after a change it must have what was opened. What is there already is not written again.
     *
     * @param file the file; a hidden file for the lock stays beside it
     * @throws java.nio.file.FileAlreadyExistsException if there is another file
     * @throws java.nio.file.FileSystemException if the file has other certificates by now
     * @throws IOException if it cannot be written; the file is as it was
     */
    public void save(Path file) throws IOException {
        CertificateFile.write(file, states.toContext(), origin, () -> setup.envelope.write(states, sealed, file));
    }

    /**
     * A credential of azure-identity for the application, which never touches the disk. See the other method for one that goes
     * on after a renewal.
     *
     * @param settings on top of {@link AzureKms#tune}: authority, HTTP client, {@code additionallyAllowedTenants}; is given the
     *     builder of each certificate, and may not keep it
     * @return the credential, thread-safe
     */
    public TokenCredential credential(Consumer<ClientCertificateCredentialBuilder> settings) {
        return credential(() -> this, settings);
    }

    /**
     * A credential of azure-identity for the application, which never touches the disk and follows renewals.
     *
     * <p>A certificate that Entra accepts is used until Entra refuses it; then the others are tried, and, if none is accepted,
     * the source is asked again. An outage is not taken for a refusal. The last refusal is thrown as it came.
     *
     * <p><b>Security:</b> no token is cached on disk and no body logged, whatever the settings say, and only the tenant of the
     * application is asked for tokens unless they say otherwise. From the first token on azure-identity keeps the private keys in
     * memory; see docs/guides/azure-certificates.md.
     *
     * @param source opens the certificates from where they are kept; called for the first token, and after refusals
     * @param settings as above
     * @return the credential, thread-safe
     */
    public static TokenCredential credential(
            Callable<ApplicationCertificates> source, Consumer<ClientCertificateCredentialBuilder> settings) {
        return new RenewableCredential(
                Objects.requireNonNull(source, "source"), Objects.requireNonNull(settings, "settings"));
    }

    /** One credential for each certificate, in the order in which they are to be tried. */
    List<CertificateCredential> credentials(Consumer<ClientCertificateCredentialBuilder> settings) {
        try (PrivateKeys keys = setup.envelope.open(states, sealed)) {
            List<ApplicationCertificate> all = states.all();
            return all.stream()
                    .map(certificate ->
                            CertificateCredential.of(certificate, keys.get(all.indexOf(certificate)), settings))
                    .toList();
        }
    }

    boolean isSameAs(ApplicationCertificates other) {
        return states.equals(other.states);
    }

    Instant now() {
        return setup.time.now();
    }

    /**
     * Which certificates.
     *
     * @return application and certificates; no key
     */
    @Override
    public String toString() {
        return "ApplicationCertificates" + states.all();
    }

    /** How certificates are made or opened. Not thread-safe. */
    public static final class Builder {
        /** Longest validity of a certificate, in days. */
        public static final int MAX_VALIDITY_DAYS = 730;

        private final EnvelopeCipher cipher;
        private @Nullable String tenantId;
        private @Nullable String clientId;
        private int validityDays = 365;
        private TimeSource time = TimeSource.system();
        private Supplier<KeyPair> keyPairs = CertificateIssuer::keyPair;

        private Builder(EnvelopeCipher cipher) {
            this.cipher = Objects.requireNonNull(cipher, "cipher");
        }

        /**
         * The tenant that the application is registered in. Required.
         *
         * @param uuid the directory (tenant) id that the Azure portal shows
         * @return this
         * @throws IllegalArgumentException if it is no UUID
         */
        public Builder tenantId(String uuid) {
            tenantId = Application.requireUuid("tenant id", uuid);
            return this;
        }

        /**
         * The application. Required.
         *
         * @param uuid the application (client) id that the Azure portal shows
         * @return this
         * @throws IllegalArgumentException if it is no UUID
         */
        public Builder clientId(String uuid) {
            clientId = Application.requireUuid("client id", uuid);
            return this;
        }

        /**
         * How long new certificates are valid, from now on.
         *
         * @param days 1 to {@value #MAX_VALIDITY_DAYS}; 365 by default. A customer's policies for applications may allow less
         * @return this
         * @throws IllegalArgumentException if it is out of these limits
         */
        public Builder validityDays(int days) {
            if (days < 1 || days > MAX_VALIDITY_DAYS) {
                throw new IllegalArgumentException(
                        "a certificate is valid for 1 to " + MAX_VALIDITY_DAYS + " days, not " + days);
            }
            validityDays = days;
            return this;
        }

        /**
         * The time. The machine's by default.
         *
         * @param source the time source
         * @return this
         */
        public Builder time(TimeSource source) {
            time = Objects.requireNonNull(source, "source");
            return this;
        }

        /** For tests: making keys takes long. */
        Builder keyPairs(Supplier<KeyPair> other) {
            keyPairs = other;
            return this;
        }

        /**
         * Makes a first key pair and its certificate. Takes about a second.
         *
         * @return the certificates, to be saved before the customer gets one
         * @throws IllegalStateException if tenant or client are missing
         */
        public ApplicationCertificates create() {
            Setup setup = setup();
            Issued issued = setup.issuer.issue(setup.application, time.now(), setup.validity);
            try {
                CertificateStates states = new CertificateStates(issued.certificate(), null, null);
                return new ApplicationCertificates(
                        setup, states, setup.envelope.seal(states, List.of(issued.key())), Origin.NONE);
            } finally {
                Arrays.fill(issued.key(), (byte) 0);
            }
        }

        /**
         * Opens what {@link ApplicationCertificates#toBytes()} gave, and proves each key with its certificate.
         *
         * @param sealed the envelope, at most 128 KiB; stays the caller's
         * @return the certificates
         * @throws IllegalStateException if tenant or client are missing
         */
        public ApplicationCertificates open(byte[] sealed) {
            Setup setup = setup();
            byte[] own = sealed.clone();
            CertificateStates states = CertificateEnvelope.statesOf(own, setup.application);
            setup.envelope.open(states, own).close();
            return new ApplicationCertificates(setup, states, own, Origin.of(states.toContext()));
        }

        /**
         * Opens a file that {@link ApplicationCertificates#save} wrote, and proves each key with its certificate.
         *
         * @param file the file
         * @return the certificates
         * @throws IOException if it cannot be read
         * @throws IllegalStateException if tenant or client are missing
         */
        public ApplicationCertificates open(Path file) throws IOException {
            return open(CertificateFile.read(file));
        }

        private Setup setup() {
            if (tenantId == null || clientId == null) {
                throw new IllegalStateException("set tenantId and clientId");
            }
            return new Setup(
                    new CertificateEnvelope(cipher),
                    new Application(tenantId, clientId),
                    Duration.ofDays(validityDays),
                    time,
                    new CertificateIssuer(keyPairs));
        }
    }
}
