package io.keywrap.crypto;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds suites that pass their test. */
final class Suites {
    private static final Logger LOG = LoggerFactory.getLogger(Suites.class);

    private Suites() {}

    /** The providers of this JVM in their configured order, without those that fail. */
    static Suite ofThisJvm() {
        SecureRandom random = new SecureRandom();
        try {
            // The JCA finds the same ones, and need not load those behind them, which is a good part of a fresh JVM's
            // start.
            Suite found = Suite.of(
                    Cipher.getInstance(Suite.AES_GCM).getProvider(),
                    Mac.getInstance(Suite.HMAC_SHA_384).getProvider(),
                    MessageDigest.getInstance(Suite.SHA_256).getProvider(),
                    random);
            SelfTest.pass(found);
            return found;
        } catch (GeneralSecurityException | RuntimeException | LinkageError e) {
            LOG.debug("the preferred crypto providers cannot be used", e);
            return first(List.of(Security.getProviders()), random);
        }
    }

    /** The first of some providers that do AES-GCM, and the first that do HMAC, of all that pass the test together. */
    static Suite first(List<Provider> installed, SecureRandom random) {
        List<Provider> hmacs = offering(installed, p -> Mac.getInstance(Suite.HMAC_SHA_384, p));
        List<Provider> digests = offering(installed, p -> MessageDigest.getInstance(Suite.SHA_256, p));
        List<String> failures = new ArrayList<>();
        for (Provider gcm : offering(installed, p -> Cipher.getInstance(Suite.AES_GCM, p))) {
            for (Provider hmac : hmacs) {
                for (Provider digest : digests) {
                    Suite suite = Suite.of(gcm, hmac, digest, random);
                    try {
                        SelfTest.pass(suite);
                        return suite;
                    } catch (GeneralSecurityException e) {
                        String failure =
                                gcm.getName() + ", " + hmac.getName() + ", " + digest.getName() + ": " + e.getMessage();
                        LOG.warn("crypto providers are not used, as they fail their self-test: {}", failure, e);
                        failures.add(failure);
                    }
                }
            }
        }
        throw new ProviderException("no installed provider does AES-256-GCM, HMAC-SHA-384 and SHA-256 as it should;"
                + " to do: look at the order of providers in java.security. " + failures);
    }

    /**
     * A provider that does everything alone. The JDK's own is split in two: SunJCE has its randomness and digests from SUN.
     *
     * @throws ProviderException if it does not offer everything, or fails the test
     */
    static Suite of(Provider provider) {
        Provider rest = provider.getName().equals("SunJCE") ? Security.getProvider("SUN") : provider;
        try {
            Suite suite = Suite.ofOne(provider, rest, random(rest));
            SelfTest.pass(suite);
            return suite;
        } catch (GeneralSecurityException e) {
            throw new ProviderException(
                    "the crypto provider " + provider.getName() + " cannot be used: " + e.getMessage()
                            + "; to do: configure it, or name another one, which does AES-256-GCM, HMAC-SHA-384, SHA-256"
                            + " and randomness",
                    e);
        }
    }

    /** The random source that a provider means to be used. */
    static SecureRandom random(Provider provider) throws GeneralSecurityException {
        SecureRandom first = new SecureRandom();
        if (Suite.same(first.getProvider(), provider)) {
            return first;
        }
        TreeSet<String> names = provider.getServices().stream()
                .filter(service -> service.getType().equals("SecureRandom"))
                .map(Provider.Service::getAlgorithm)
                .collect(Collectors.toCollection(TreeSet::new));
        if (names.isEmpty()) {
            throw new GeneralSecurityException("it has no SecureRandom");
        }
        String name = names.contains("DEFAULT") ? "DEFAULT" : names.first();
        return SecureRandom.getInstance(name, provider);
    }

    private static List<Provider> offering(List<Provider> installed, Attempt attempt) {
        return installed.stream().filter(attempt::works).toList();
    }

    private interface Attempt {
        Object make(Provider provider) throws GeneralSecurityException;

        default boolean works(Provider provider) {
            try {
                make(provider);
                return true;
            } catch (GeneralSecurityException | RuntimeException | LinkageError e) {
                return false;
            }
        }
    }
}
