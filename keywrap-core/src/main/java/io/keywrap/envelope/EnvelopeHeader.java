package io.keywrap.envelope;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.codec.Canonical;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header of an envelope: whose DEK encrypted it, in which contexts, and, if it is portable, that DEK's wraps.
 *
 * <p><b>Security:</b> a header that was only read is a claim. {@code EnvelopeCipher} authenticates the bound part before
 * it reads any data; the recipients are never authenticated, since a re-wrap may replace them.
 *
 * <p><b>Shape and units:</b> magic {@code KWRP} ‖ version 1 ‖ u32 length of the bound part ‖ u32 length of the recipients
 * part ‖ both parts; at most {@value #MAX_BYTES} bytes in all. Reading and writing again gives the same bytes.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * <p><b>Source:</b> docs/format.md, "Header".
 */
public final class EnvelopeHeader {
    /** Longest header, in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    /** Most wraps in a header. */
    public static final int MAX_RECIPIENTS = 16;

    /** Length of magic, version and the two lengths, in bytes. */
    public static final int FIXED_BYTES = 13;

    static final byte[] MAGIC = {'K', 'W', 'R', 'P'};
    static final int VERSION = 1;
    private static final byte[] NONE = new byte[0];

    /** Of a bound part whose key context is short enough, as is clear without encoding what was bound to the wraps. */
    private static final int SHORT_BYTES = EncryptionContext.MAX_KEY_CONTEXT_BYTES - 64;

    private final String keychainId;
    private final DekId dekId;
    private final EncryptionContext keyContext;
    private final EncryptionContext objectContext;
    private final List<WrappedDek> recipients;
    private final byte[] bound;
    private final byte[] wraps;

    /** Length of what stands in the bound part before the object context. */
    private final int objectContextAt;

    private EnvelopeHeader(Builder builder) {
        this.keychainId = builder.keychainId;
        this.dekId = builder.dekId;
        this.keyContext = HeaderBytes.requireUsers(builder.keyContext);
        this.objectContext = HeaderBytes.requireUsers(builder.objectContext);
        this.recipients = builder.recipients;
        byte[] object = objectContext.toBytes();
        this.bound = boundPart(object);
        this.objectContextAt = bound.length - 2 - object.length;
        this.wraps = recipientsPart();
    }

    /** Of the same DEK as a known header, and with its recipients. */
    private EnvelopeHeader(EnvelopeHeader known, EncryptionContext objectContext, byte[] object) {
        this.keychainId = known.keychainId;
        this.dekId = known.dekId;
        this.keyContext = known.keyContext;
        this.objectContext = HeaderBytes.requireUsers(objectContext);
        this.recipients = known.recipients;
        this.objectContextAt = known.objectContextAt;
        this.bound = Arrays.copyOf(known.bound, objectContextAt + 2 + object.length);
        bound[objectContextAt] = (byte) (object.length >>> 8);
        bound[objectContextAt + 1] = (byte) object.length;
        System.arraycopy(object, 0, bound, objectContextAt + 2, object.length);
        this.wraps = known.wraps;
    }

    /**
     * Begins a header.
     *
     * @param keychainId the keychain of the DEK
     * @param dekId the DEK that encrypts the payload
     * @return a builder
     * @throws IllegalArgumentException if the keychain id breaks its rules
     */
    public static Builder builder(String keychainId, DekId dekId) {
        return new Builder(Canonical.requireKeychainId(keychainId), dekId);
    }

    /**
     * Reads a header from the beginning of an envelope, and nothing after it.
     *
     * @param envelope the envelope; stays the caller's
     * @return the header, not authenticated
     * @throws MalformedEnvelopeException if this is no envelope or its header is not canonical
     * @throws UnsupportedEnvelopeException if it has another version
     * @throws TruncatedEnvelopeException if it ends inside of the header
     * @throws IOException if reading fails
     */
    public static EnvelopeHeader read(InputStream envelope) throws IOException {
        return parse(HeaderBytes.bytes(envelope));
    }

    /**
     * As {@link #read(InputStream)}, only faster where a header is as it is likely to be: equal bytes need no parsing again.
     * What is accepted, and what is refused with what message, is the same.
     *
     * @param envelope the envelope; stays the caller's
     * @param known a header of the DEK that this one is likely to have
     * @param likely the object context that it is likely to have
     * @return the header, not authenticated
     * @throws MalformedEnvelopeException as {@link #read(InputStream)}
     * @throws UnsupportedEnvelopeException as {@link #read(InputStream)}
     * @throws TruncatedEnvelopeException as {@link #read(InputStream)}
     * @throws IOException if reading fails
     */
    public static EnvelopeHeader read(InputStream envelope, EnvelopeHeader known, EncryptionContext likely)
            throws IOException {
        byte[] header = HeaderBytes.bytes(envelope);
        @Nullable EnvelopeHeader same = known.sameDek(header, likely);
        return same == null ? parse(header) : same;
    }

    /**
     * Takes a header that has this one's DEK and key context, where both have no recipients; its length was checked.
     *
     * @return null if it is any other, or not canonical
     */
    private @Nullable EnvelopeHeader sameDek(byte[] header, EncryptionContext likely) {
        int objectAt = FIXED_BYTES + objectContextAt + 2;
        int length = header.length - objectAt;
        if (wraps.length != 0
                || likely.hasReservedPairs()
                || length < 0
                || length > EncryptionContext.MAX_BYTES
                || HeaderBytes.number(header, MAGIC.length + 1, 4) != header.length - FIXED_BYTES
                || HeaderBytes.number(header, objectAt - 2, 2) != length
                || !Arrays.equals(header, FIXED_BYTES, objectAt - 2, bound, 0, objectContextAt)) {
            return null;
        }
        byte[] object = likely.toBytes();
        if (Arrays.equals(header, objectAt, header.length, object, 0, object.length)) {
            return new EnvelopeHeader(this, likely, object);
        }
        try {
            EncryptionContext other = EncryptionContext.parse(Arrays.copyOfRange(header, objectAt, header.length));
            return new EnvelopeHeader(this, other, other.toBytes());
        } catch (IllegalArgumentException e) {
            return null; // Let the parser say what is wrong.
        }
    }

    /**
     * The same header for another object.
     *
     * @param pairs what the object is
     * @return a new header
     * @throws IllegalArgumentException if it is over {@value #MAX_BYTES} bytes, or a pair is reserved
     */
    public EnvelopeHeader withObjectContext(EncryptionContext pairs) {
        return new EnvelopeHeader(this, pairs, pairs.toBytes()).requireFits();
    }

    private EnvelopeHeader requireFits() {
        int length = FIXED_BYTES + bound.length + wraps.length;
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException("a header has at most " + MAX_BYTES + " bytes, this one has " + length);
        }
        return this;
    }

    /**
     * Reads a header that is there whole.
     *
     * @param header exactly the header's bytes
     * @return the header, not authenticated
     * @throws MalformedEnvelopeException if it is not canonical, or something follows
     * @throws UnsupportedEnvelopeException if it has another version
     * @throws TruncatedEnvelopeException if it is cut
     */
    public static EnvelopeHeader parse(byte[] header) {
        int rest = HeaderBytes.restLength(header);
        if (header.length < FIXED_BYTES + rest) {
            throw HeaderBytes.cut();
        }
        try {
            Canonical.Reader in = new Canonical.Reader(header);
            in.bytes("magic and version", MAGIC.length + 1);
            int boundLength = in.limited("bound part length", 4, MAX_BYTES);
            int recipientsLength = in.limited("recipients part length", 4, MAX_BYTES);
            byte[] bound = in.bytes("bound part", boundLength);
            byte[] recipients = in.bytes("recipients part", recipientsLength);
            in.end();
            return parseBound(bound).recipients(parseRecipients(recipients)).build();
        } catch (Canonical.Malformed | IllegalArgumentException | InvalidWrappedDekException e) {
            throw HeaderBytes.malformed(e.getMessage());
        }
    }

    private static Builder parseBound(byte[] bound) throws Canonical.Malformed {
        Canonical.Reader in = new Canonical.Reader(bound);
        String keychainId = in.keychainId();
        DekId dekId = DekId.of(in.bytes("DEK id", DekId.BYTES));
        byte[] keyContext = in.sized("key context", EncryptionContext.MAX_KEY_CONTEXT_BYTES);
        byte[] objectContext = in.sized("object context", EncryptionContext.MAX_BYTES);
        in.end();
        return builder(keychainId, dekId)
                .keyContext(EncryptionContext.parse(keyContext))
                .objectContext(EncryptionContext.parse(objectContext));
    }

    private static List<WrappedDek> parseRecipients(byte[] part) throws Canonical.Malformed {
        Canonical.Reader in = new Canonical.Reader(part);
        List<WrappedDek> recipients = new ArrayList<>();
        while (in.remaining() > 0) {
            if (recipients.size() == MAX_RECIPIENTS) {
                throw new Canonical.Malformed("it has more than " + MAX_RECIPIENTS + " recipients");
            }
            recipients.add(WrappedDek.parse(in.sized("recipient", WrappedDek.MAX_BYTES)));
        }
        return recipients;
    }

    /**
     * Which keychain the DEK belongs to.
     *
     * @return its id
     */
    public String keychainId() {
        return keychainId;
    }

    /**
     * Which DEK encrypts the payload.
     *
     * @return its id
     */
    public DekId dekId() {
        return dekId;
    }

    /**
     * The tenant's own pairs of the key context at the time of writing.
     *
     * @return the pairs, without the reserved ones
     */
    public EncryptionContext keyContext() {
        return keyContext;
    }

    /**
     * What the object is.
     *
     * @return the pairs
     */
    public EncryptionContext objectContext() {
        return objectContext;
    }

    /**
     * The wraps of the DEK that travel with a portable envelope.
     *
     * @return 0 to {@value #MAX_RECIPIENTS} wraps, never authenticated
     */
    public List<WrappedDek> recipients() {
        return recipients;
    }

    /**
     * The associated data of the payload: magic ‖ version ‖ bound part.
     *
     * @return a new array
     */
    public byte[] associatedData() {
        byte[] data = Arrays.copyOf(MAGIC, MAGIC.length + 1 + bound.length);
        data[MAGIC.length] = VERSION;
        System.arraycopy(bound, 0, data, MAGIC.length + 1, bound.length);
        return data;
    }

    /**
     * The header as it is written.
     *
     * @return a new array of at most {@value #MAX_BYTES} bytes
     */
    public byte[] toBytes() {
        return ByteBuffer.allocate(FIXED_BYTES + bound.length + wraps.length)
                .put(MAGIC)
                .put((byte) VERSION)
                .putInt(bound.length)
                .putInt(wraps.length)
                .put(bound)
                .put(wraps)
                .array();
    }

    private byte[] boundPart(byte[] object) {
        return new Canonical.Writer()
                .text(keychainId)
                .bytes(dekId.toBytes())
                .sized(keyContext.toBytes())
                .sized(object)
                .toBytes();
    }

    private byte[] recipientsPart() {
        if (recipients.isEmpty()) {
            return NONE;
        }
        Canonical.Writer out = new Canonical.Writer();
        recipients.forEach(wrap -> out.sized(wrap.toBytes()));
        return out.toBytes();
    }

    /**
     * Ids and the keys of the contexts, without values.
     *
     * @return such as {@code EnvelopeHeader[keychain tenant-42, DEK 0f…, …]}
     */
    @Override
    public String toString() {
        return "EnvelopeHeader[keychain " + keychainId + ", DEK " + dekId + ", key context " + keyContext
                + ", object context " + objectContext + ", " + recipients.size() + " recipients]";
    }

    /** Collects what a header consists of. Not thread-safe. */
    public static final class Builder {
        private final String keychainId;
        private final DekId dekId;
        private EncryptionContext keyContext = EncryptionContext.empty();
        private EncryptionContext objectContext = EncryptionContext.empty();
        private List<WrappedDek> recipients = List.of();

        private Builder(String keychainId, DekId dekId) {
            this.keychainId = keychainId;
            this.dekId = dekId;
        }

        /**
         * The tenant's own pairs; none by default.
         *
         * @param pairs the pairs, at most 2 KiB encoded together with keywrap's own
         * @return this
         */
        public Builder keyContext(EncryptionContext pairs) {
            keyContext = pairs;
            return this;
        }

        /**
         * What the object is; no pairs by default.
         *
         * @param pairs the pairs
         * @return this
         */
        public Builder objectContext(EncryptionContext pairs) {
            objectContext = pairs;
            return this;
        }

        /**
         * The wraps that travel along; none by default.
         *
         * @param wraps at most {@value EnvelopeHeader#MAX_RECIPIENTS} wraps, copied
         * @return this
         */
        public Builder recipients(List<WrappedDek> wraps) {
            if (wraps.size() > MAX_RECIPIENTS) {
                throw new IllegalArgumentException("an envelope has at most " + MAX_RECIPIENTS + " recipients");
            }
            recipients = List.copyOf(wraps);
            return this;
        }

        /**
         * Makes the header.
         *
         * @return the header
         * @throws IllegalArgumentException if it is over {@value EnvelopeHeader#MAX_BYTES} bytes, a pair is reserved, or
         *     its key context is over its limit with keywrap's own pairs
         */
        public EnvelopeHeader build() {
            EnvelopeHeader header = new EnvelopeHeader(this);
            if (header.bound.length > SHORT_BYTES) {
                // No DEK can have been wrapped with a longer key context, so such a header is not read either.
                EncryptionContext.ofDek(keychainId, dekId, keyContext);
            }
            return header.requireFits();
        }
    }
}
