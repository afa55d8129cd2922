package io.keywrap.byok;

import io.keywrap.crypto.Jca;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The public half of a transport key: what a customer downloads to encrypt a key for the upload.
 *
 * <p><b>Shape and units:</b> RSA, 4,096 bits, used with OAEP, SHA-256 and MGF1 with SHA-256 (RFC 8017, 7.1); about 800 bytes of PEM.
 *
 * <p><b>Security:</b> nothing in it is secret, but whoever exchanges it on its way to the customer learns the key that is
 * encrypted with it. Give it over TLS, to whom you have authenticated, and the {@link #fingerprint()} over a second channel.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class TransportKey {
    private static final int LINE = 64;

    private final String region;
    private final Instant created;
    private final byte[] spki;

    TransportKey(String region, Instant created, byte[] spki) {
        this.region = region;
        this.created = created;
        this.spki = spki.clone();
    }

    /**
     * Which region's key it is.
     *
     * @return the region
     */
    public String region() {
        return region;
    }

    /**
     * When it was made.
     *
     * @return the time, in whole seconds
     */
    public Instant created() {
        return created;
    }

    /**
     * The key as a file for the customer (RFC 7468, 13).
     *
     * @return one block {@code PUBLIC KEY} of SubjectPublicKeyInfo (RFC 5280, 4.1.2.7)
     */
    public String toPem() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(spki)
                + "\n-----END PUBLIC KEY-----\n";
    }

    /**
     * What the scripts show of it too, for the customer to compare: the SHA-256 digest of its SubjectPublicKeyInfo in DER.
     *
     * @return 64 lower-case hexadecimal digits
     */
    public String fingerprint() {
        return HexFormat.of().formatHex(Jca.platform().sha256(spki));
    }

    byte[] spki() {
        return spki.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TransportKey key
                && region.equals(key.region)
                && created.equals(key.created)
                && Arrays.equals(spki, key.spki);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(spki);
    }

    /**
     * Region, age and fingerprint.
     *
     * @return such as {@code TransportKey[eu-west-1, 2026-11-28T20:00:00Z, 862b…]}
     */
    @Override
    public String toString() {
        return "TransportKey[" + region + ", " + created + ", " + fingerprint() + "]";
    }
}
