package io.keywrap;

import io.keywrap.KekException.Failure;
import io.keywrap.codec.Canonical;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * One DEK, wrapped under one KEK: DEK id, KEK id, KEK version, algorithm and bytes. Not secret.
 *
 * <p>It is stored as {@link #toBytes()} or, in a text column, as {@link #toText()}; both are canonical and open in every
 * later release.
 *
 * <p><b>Security:</b> a wrap proves nothing by itself: whoever may use the KEK, or has an RSA public key, can make one.
 * Trust comes from the record or envelope around it.
 *
 * <p><b>Shape and units:</b> at most {@value #MAX_BYTES} bytes encoded.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * <p><b>Source:</b> docs/format.md, "Wrapped DEK".
 */
public final class WrappedDek {
    /** Longest canonical encoding, in bytes. */
    public static final int MAX_BYTES = 8 * 1024;

    /** How the text form begins. */
    public static final String TEXT_PREFIX = "kwdek1.";

    private static final int FORMAT_VERSION = 1;
    private static final int MAX_KEK_VERSION_BYTES = 512;
    private static final int MAX_ALGORITHM_BYTES = 64;
    private static final int MAX_TEXT_CHARS = TEXT_PREFIX.length() + (MAX_BYTES * 4 + 2) / 3;

    private final DekId dekId;
    private final KekId kekId;
    private final String kekVersion;
    private final String algorithm;
    private final byte[] wrapped;
    private final byte[] encoded;
    private int hash; // Computed once; a race computes the same.

    private WrappedDek(Builder builder, String algorithm, byte[] wrapped) {
        this.dekId = builder.dekId;
        this.kekId = builder.kekId;
        this.kekVersion = builder.kekVersion;
        this.algorithm = algorithm;
        this.wrapped = wrapped;
        this.encoded = encode();
    }

    /**
     * Begins a wrap.
     *
     * @param dekId the DEK that is wrapped
     * @param kekId the KEK that wraps it
     * @return a builder
     */
    public static Builder builder(DekId dekId, KekId kekId) {
        return new Builder(dekId, kekId);
    }

    /**
     * Reads the canonical encoding.
     *
     * @param encoded what {@link #toBytes()} gave
     * @return the wrap
     * @throws InvalidWrappedDekException if these bytes are not exactly what {@link #toBytes()} gives for any wrap
     */
    public static WrappedDek parse(byte[] encoded) {
        if (encoded.length > MAX_BYTES) {
            throw malformed("it has " + encoded.length + " bytes, the limit is " + MAX_BYTES, null);
        }
        Canonical.Reader in = new Canonical.Reader(encoded);
        try {
            long version = in.unsigned("version", 1);
            if (version != FORMAT_VERSION) {
                throw unsupported(version);
            }
            DekId dekId = DekId.of(in.bytes("DEK id", DekId.BYTES));
            KekId kekId = KekId.of(in.text("KEK id", KekId.MAX_BYTES));
            Builder builder = builder(dekId, kekId).kekVersion(in.text("KEK version", MAX_KEK_VERSION_BYTES));
            WrappedDek wrap =
                    builder.build(in.text("algorithm", MAX_ALGORITHM_BYTES), in.sized("wrapped bytes", MAX_BYTES));
            in.end();
            return wrap;
        } catch (Canonical.Malformed | IllegalArgumentException e) {
            throw malformed(e.getMessage(), e);
        }
    }

    /**
     * Reads the text form.
     *
     * @param text what {@link #toText()} gave
     * @return the wrap
     * @throws InvalidWrappedDekException if this text is not exactly what {@link #toText()} gives for any wrap
     */
    public static WrappedDek parseText(String text) {
        if (text.length() > MAX_TEXT_CHARS || !text.startsWith(TEXT_PREFIX)) {
            throw malformed("the text does not begin with '" + TEXT_PREFIX + "' or is too long", null);
        }
        WrappedDek wrap;
        try {
            wrap = parse(Base64.getUrlDecoder().decode(text.substring(TEXT_PREFIX.length())));
        } catch (IllegalArgumentException e) {
            throw malformed("the text is not base64url", e);
        }
        if (!wrap.toText().equals(text)) {
            throw malformed("the text is not canonical base64url", null);
        }
        return wrap;
    }

    /**
     * Which DEK is wrapped.
     *
     * @return its id
     */
    public DekId dekId() {
        return dekId;
    }

    /**
     * Which KEK wraps it.
     *
     * @return its id
     */
    public KekId kekId() {
        return kekId;
    }

    /**
     * Which version of the KEK wraps it.
     *
     * @return the provider's name for the version, empty where its keys have none
     */
    public String kekVersion() {
        return kekVersion;
    }

    /**
     * How it is wrapped; a provider checks it against its own list and never obeys it.
     *
     * @return the provider's name for the algorithm
     */
    public String algorithm() {
        return algorithm;
    }

    /**
     * The wrapped key, in the provider's own form.
     *
     * @return a new array of 1 or more bytes
     */
    public byte[] wrappedBytes() {
        return wrapped.clone();
    }

    /**
     * The canonical encoding.
     *
     * @return a new array of at most {@value #MAX_BYTES} bytes
     */
    public byte[] toBytes() {
        return encoded.clone();
    }

    /**
     * The canonical encoding as text for a database column.
     *
     * @return {@value #TEXT_PREFIX} and unpadded base64url (RFC 4648, 5)
     */
    public String toText() {
        return TEXT_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(encoded);
    }

    private byte[] encode() {
        return new Canonical.Writer()
                .unsigned(FORMAT_VERSION, 1)
                .bytes(dekId.toBytes())
                .text(kekId.uri())
                .text(kekVersion)
                .text(algorithm)
                .sized(wrapped)
                .toBytes();
    }

    private static InvalidWrappedDekException unsupported(long version) {
        return new InvalidWrappedDekException(Failure.ofUnknownKek("a wrapped DEK cannot be read: it has version "
                        + version + ", this release reads " + FORMAT_VERSION)
                .operatorAction("use a newer release"));
    }

    private static InvalidWrappedDekException malformed(@Nullable String why, @Nullable Throwable cause) {
        return new InvalidWrappedDekException(Failure.ofUnknownKek("a wrapped DEK cannot be read: " + why)
                .operatorAction("restore the value from where it was stored; it was cut or changed")
                .cause(cause));
    }

    /**
     * Whether another wrap has the same encoding.
     *
     * @param other the other object
     * @return true if it has
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof WrappedDek that && Arrays.equals(encoded, that.encoded);
    }

    /**
     * A hash of the encoding.
     *
     * @return the hash
     */
    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = Arrays.hashCode(encoded);
            hash = known;
        }
        return known;
    }

    /**
     * Ids and algorithm, without the bytes.
     *
     * @return such as {@code WrappedDek[0f… under keystore:main#tenant-42, AES-256-GCM]}
     */
    @Override
    public String toString() {
        return "WrappedDek[" + dekId + " under " + kekId + ", " + algorithm + "]";
    }

    /** Collects what a wrap consists of. Not thread-safe. */
    public static final class Builder {
        private final DekId dekId;
        private final KekId kekId;
        private String kekVersion = "";

        private Builder(DekId dekId, KekId kekId) {
            this.dekId = dekId;
            this.kekId = kekId;
        }

        /**
         * Which version of the KEK wraps the DEK; none by default.
         *
         * @param version the provider's name for it, at most 512 UTF-8 bytes
         * @return this
         */
        public Builder kekVersion(String version) {
            requireLength("KEK version", version, 0, MAX_KEK_VERSION_BYTES);
            kekVersion = version;
            return this;
        }

        /**
         * Makes the wrap.
         *
         * @param algorithm the provider's name for the algorithm, 1 to 64 UTF-8 bytes
         * @param wrapped the wrapped key, 1 or more bytes, copied
         * @return the wrap
         * @throws IllegalArgumentException if the whole is over {@value WrappedDek#MAX_BYTES} bytes
         */
        public WrappedDek build(String algorithm, byte[] wrapped) {
            requireLength("algorithm", algorithm, 1, MAX_ALGORITHM_BYTES);
            if (wrapped.length == 0 || wrapped.length > MAX_BYTES) {
                throw new IllegalArgumentException("a wrapped key has 1 to " + MAX_BYTES + " bytes");
            }
            WrappedDek wrap = new WrappedDek(this, algorithm, wrapped.clone());
            if (wrap.encoded.length > MAX_BYTES) {
                throw new IllegalArgumentException("a wrapped DEK has at most " + MAX_BYTES + " bytes");
            }
            return wrap;
        }

        private static void requireLength(String field, String text, int least, int most) {
            int length = Canonical.utf8(text).length;
            if (length < least || length > most) {
                throw new IllegalArgumentException(
                        field + " has " + least + " to " + most + " UTF-8 bytes, this one has " + length);
            }
        }
    }
}
