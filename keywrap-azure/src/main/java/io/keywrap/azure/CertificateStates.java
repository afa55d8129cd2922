package io.keywrap.azure;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of an application, at most two, and which is which: the public part of what is kept, which is the object
 * context of the envelope with the private keys.
 *
 * @param current the one that is tried first
 * @param next one that was made to follow it; null if there is none, or if there is one before it
 * @param previous the one before it, still there to fall back to; null if there is none
 */
record CertificateStates(
        ApplicationCertificate current,
        @Nullable ApplicationCertificate next,
        @Nullable ApplicationCertificate previous) {
    private static final String FORMAT = "keywrap-azure-certificates";
    private static final String VERSION = "1";
    private static final int MOST_DER_BYTES = 2 * 1024;
    private static final Set<String> REQUIRED = Set.of("format", "version", "tenant", "client", "current");

    /** All, in the order of their keys. */
    List<ApplicationCertificate> all() {
        return Stream.of(current, next, previous).flatMap(Stream::ofNullable).toList();
    }

    /** Without those that have expired, as long as another one remains, which then is the current. */
    CertificateStates settled(Instant now) {
        List<ApplicationCertificate> valid =
                all().stream().filter(one -> !one.isExpired(now)).toList();
        if (valid.size() == all().size()) {
            return this;
        }
        return new CertificateStates(valid.isEmpty() ? current : valid.get(0), null, null);
    }

    CertificateStates withNext(ApplicationCertificate certificate) {
        return new CertificateStates(current, certificate, null);
    }

    /** With the next one as the current. */
    CertificateStates activated() {
        if (next == null) {
            throw new IllegalStateException("there is no next certificate; to do: renew first");
        }
        return new CertificateStates(/* current= */ next, /* next= */ null, /* previous= */ current);
    }

    /** Without the next or the previous one. */
    CertificateStates without(ApplicationCertificate certificate) {
        if (certificate.equals(current)) {
            throw new IllegalStateException(
                    "the current certificate cannot be removed; to do: activate the next one first");
        }
        if (!all().contains(certificate)) {
            throw new IllegalStateException("there is no such certificate here");
        }
        return new CertificateStates(current, null, null);
    }

    EncryptionContext toContext() {
        EncryptionContext context = EncryptionContext.of(Map.of(
                "format", FORMAT,
                "version", VERSION,
                "tenant", current.tenantId(),
                "client", current.clientId(),
                "current", base64(current)));
        if (next != null) {
            context = context.with("next", base64(next));
        }
        return previous == null ? context : context.with("previous", base64(previous));
    }

    private static String base64(ApplicationCertificate certificate) {
        return Base64.getEncoder().encodeToString(certificate.toDer());
    }

    /** Reads a claim: nothing of it is authenticated yet. */
    static CertificateStates parse(EncryptionContext context, Application expected) {
        Map<String, String> pairs = context.asMap();
        if (!FORMAT.equals(pairs.get("format"))) {
            throw new MalformedEnvelopeException(
                    "this is an envelope, and not one of application certificates; to do: name the right file");
        }
        if (!VERSION.equals(pairs.get("version"))) {
            throw new UnsupportedEnvelopeException("the application certificates have another version than " + VERSION
                    + "; to do: use a newer release");
        }
        boolean hasNext = pairs.containsKey("next");
        boolean hasPrevious = pairs.containsKey("previous");
        int size = REQUIRED.size() + (hasNext || hasPrevious ? 1 : 0);
        if (!pairs.keySet().containsAll(REQUIRED) || pairs.size() != size) {
            throw new MalformedEnvelopeException("the certificates lack something, or have something too much");
        }
        if (!expected.tenantId().equals(pairs.get("tenant"))
                || !expected.clientId().equals(pairs.get("client"))) {
            throw new AuthenticationFailedException(
                    Check.OBJECT_CONTEXT,
                    "the certificates are those of another application than " + expected
                            + "; to do: name the right file, tenant and client");
        }
        return new CertificateStates(
                certificate(expected, pairs, "current").orElseThrow(),
                certificate(expected, pairs, "next").orElse(null),
                certificate(expected, pairs, "previous").orElse(null));
    }

    private static Optional<ApplicationCertificate> certificate(
            Application application, Map<String, String> pairs, String state) {
        return Optional.ofNullable(pairs.get(state)).map(base64 -> {
            try {
                byte[] der = Base64.getDecoder().decode(base64);
                if (der.length > MOST_DER_BYTES) {
                    throw new MalformedEnvelopeException("the " + state + " certificate is too long");
                }
                return new ApplicationCertificate(application, (X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
            } catch (IllegalArgumentException | CertificateException e) {
                throw new MalformedEnvelopeException("the " + state + " certificate cannot be read");
            }
        });
    }
}
