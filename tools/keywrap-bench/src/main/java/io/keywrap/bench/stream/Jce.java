package io.keywrap.bench.stream;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/** Who does AES-GCM in a JVM. */
enum Jce {
    /** Nobody. */
    NONE("none"),
    /** What every JDK has. */
    SUN_JCE("SunJCE"),
    /** The Amazon Corretto Crypto Provider, put before all others. */
    ACCP("ACCP"),
    /** The same, on the class path and no more: who knows it may use it. */
    ACCP_FOUND("ACCP");

    private static final String ACCP_CLASS = "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

    private final String label;

    Jce(String label) {
        this.label = label;
    }

    /** How tables name it. */
    String label() {
        return label;
    }

    boolean needsAccp() {
        return this == ACCP || this == ACCP_FOUND;
    }

    /** Sets this JVM up, and makes sure that it is as it says. */
    void install() throws ReflectiveOperationException, GeneralSecurityException {
        if (this == ACCP) {
            Class.forName(ACCP_CLASS).getMethod("install").invoke(null);
        }
        if (this == ACCP || this == SUN_JCE) {
            String found = Cipher.getInstance("AES/GCM/NoPadding").getProvider().getName();
            if (!found.equals(this == ACCP ? "AmazonCorrettoCryptoProvider" : "SunJCE")) {
                throw new IllegalStateException("AES-GCM is done by " + found);
            }
        }
    }
}
