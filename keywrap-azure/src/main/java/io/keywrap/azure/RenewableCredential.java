package io.keywrap.azure;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.ClientCertificateCredentialBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Tries the certificates of an application until Entra accepts one, and stays with that one until Entra refuses it: while a renewal
 * is under way no failed sign-in stands in the customer's log but where a certificate is really gone.
 */
final class RenewableCredential implements TokenCredential {
    /** From when on a warning tells that it is time to renew, once a day. */
    static final int DAYS_TO_WARN = 30;

    private static final Logger LOG = LoggerFactory.getLogger(RenewableCredential.class);
    private static final Duration BETWEEN_WARNINGS = Duration.ofDays(1);

    private final Callable<ApplicationCertificates> source;
    private final Consumer<ClientCertificateCredentialBuilder> settings;
    private @Nullable ApplicationCertificates opened;
    private List<CertificateCredential> ranked = List.of();
    private @Nullable Instant warned;

    RenewableCredential(
            Callable<ApplicationCertificates> source, Consumer<ClientCertificateCredentialBuilder> settings) {
        this.source = source;
        this.settings = settings;
    }

    @Override
    public Mono<AccessToken> getToken(TokenRequestContext request) {
        return Mono.fromCallable(() -> getTokenSync(request)).subscribeOn(Schedulers.boundedElastic());
    }

    @Override
    public AccessToken getTokenSync(TokenRequestContext request) {
        List<CertificateCredential> tried = new ArrayList<>(known());
        Attempt attempt = new Attempt(request);
        AccessToken token = attempt.firstOf(tried);
        if (token == null) {
            List<CertificateCredential> others = new ArrayList<>(reopened());
            others.removeAll(tried);
            token = attempt.firstOf(others);
        }
        if (token == null) {
            throw attempt.refusal();
        }
        return token;
    }

    private synchronized List<CertificateCredential> known() {
        if (opened == null) {
            reopened();
        }
        warnOfTheEnd();
        return ranked;
    }

    /** The certificates as they are now. Those that are known keep their credentials, with the tokens in them, and their rank. */
    private synchronized List<CertificateCredential> reopened() {
        ApplicationCertificates certificates = open();
        if (opened == null || !certificates.isSameAs(opened)) {
            List<CertificateCredential> fresh = certificates.credentials(settings);
            List<CertificateCredential> next = new ArrayList<>(ranked);
            next.removeIf(one -> !contains(fresh, one));
            fresh.stream().filter(one -> !contains(ranked, one)).forEach(next::add);
            ranked = List.copyOf(next);
            opened = certificates;
        }
        return ranked;
    }

    private static boolean contains(List<CertificateCredential> all, CertificateCredential one) {
        return all.stream().anyMatch(other -> other.certificate().equals(one.certificate()));
    }

    private ApplicationCertificates open() {
        try {
            return source.call();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the certificates of the application cannot be opened", e);
        }
    }

    private synchronized void accepted(CertificateCredential one) {
        if (ranked.indexOf(one) > 0) {
            List<CertificateCredential> next = new ArrayList<>(ranked);
            next.remove(one);
            next.add(0, one);
            ranked = List.copyOf(next);
        }
    }

    private void warnOfTheEnd() {
        ApplicationCertificates known = opened;
        if (known == null || known.daysLeft() >= DAYS_TO_WARN) {
            return;
        }
        Instant now = known.now();
        if (warned == null || now.isAfter(warned.plus(BETWEEN_WARNINGS))) {
            warned = now;
            LOG.warn(
                    "the last certificate of application {} expires in {} days; to do: renew it, and have it uploaded",
                    known.current().application(),
                    known.daysLeft());
        }
    }

    /** One request for a token, with one certificate after the other. */
    private final class Attempt {
        private final TokenRequestContext request;
        private @Nullable RuntimeException refusal;

        Attempt(TokenRequestContext request) {
            this.request = request;
        }

        /** The token of the first certificate that is accepted; null if all are refused. */
        @Nullable
        AccessToken firstOf(List<CertificateCredential> credentials) {
            for (CertificateCredential one : credentials) {
                try {
                    AccessToken token = one.token(request);
                    accepted(one);
                    return token;
                } catch (RuntimeException e) {
                    if (!CredentialErrors.isRefusal(e)) {
                        throw e;
                    }
                    LOG.warn(
                            "Microsoft Entra refuses certificate {} ({})",
                            one.certificate(),
                            AzureFailure.entraCode(e));
                    refusal = e;
                }
            }
            return null;
        }

        RuntimeException refusal() {
            return refusal == null ? new IllegalStateException("there is no certificate") : refusal;
        }
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return "RenewableCredential";
    }
}
