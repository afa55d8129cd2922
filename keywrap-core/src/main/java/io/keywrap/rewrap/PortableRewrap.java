package io.keywrap.rewrap;

import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.KekId;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.crypto.Jca;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeMessage;
import io.keywrap.floe.FloeParameters;
import io.keywrap.keychain.Keychain;
import io.keywrap.proof.SealedRecords;
import io.keywrap.provider.KeyProviders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Replaces the wraps that portable envelopes carry, and no other byte of them.
 *
 * <pre>{@code
 * PortableRewrap rewrap = PortableRewrap.of(providers, keychain);
 * rewrap.rewrap(envelope);
 * }</pre>
 *
 * <p>The new wraps are those of the keychain's record ({@link #of}), or are made under KEKs that are named ({@link #to}). Those
 * that the envelope had are gone from it; they still open every other copy of it. Many envelopes under one DEK take the calls
 * of a KMS once: use one object for all of them, and a new one for the next run.
 *
 * <p><b>Security:</b> before anything is written, the DEK is unwrapped, the header is authenticated with it, and each new wrap
 * is unwrapped and compared with it; so an envelope whose wraps or header somebody has changed is refused or gets good wraps.
 * Of the payload, the last segment of a file is authenticated, which tells that its end is there, and nothing else. The
 * object context is not looked at, since no plaintext is released; readers go on asking for it. Re-wrapping cures no KEK and
 * no DEK that others know: encrypt anew under another DEK for that.
 *
 * <p><b>Errors:</b> as of {@code EnvelopeCipher}; whatever fails, the old envelope is as it was. A KEK that is revoked while the
 * payload is copied does not stop the copy: there is no plaintext in it, and the new wraps were proven before. To stop it,
 * interrupt the thread.
 *
 * <p><b>Thread safety:</b> thread-safe. Calls block on the KMS and on the file.
 *
 * <p><b>Source:</b> docs/format.md, "Envelope".
 */
public final class PortableRewrap {
    /** How much of an envelope's beginning is enough for {@link #header(byte[])}, in bytes. */
    public static final int START_BYTES = EnvelopeHeader.MAX_BYTES + FloeParameters.HEADER_BYTES;

    private final EnvelopeWraps wraps;
    private final Jca jca;
    private final EnvelopeFiles files;

    private PortableRewrap(EnvelopeWraps wraps, Jca jca, EnvelopeFiles files) {
        this.wraps = wraps;
        this.jca = jca;
        this.files = files;
    }

    /**
     * Gives the envelopes of a keychain the wraps that its sealed record has by now, as new envelopes get them: for when the
     * keychain was re-wrapped, or its recipients have changed. Envelopes whose wraps were damaged or taken away get them back.
     *
     * @param providers the KEKs of this JVM
     * @param keychain a portable keychain; its record is read again for each DEK that was not seen before
     * @return what does it, for envelopes of that keychain alone
     * @throws IllegalArgumentException if the keychain is not portable
     */
    public static PortableRewrap of(KeyProviders providers, Keychain keychain) {
        return with(providers, new KeychainDeks(providers, keychain));
    }

    /**
     * Wraps the DEKs of envelopes to other KEKs, without their keychain. Wraps under these KEKs that are there and good stay.
     *
     * <p><b>Security:</b> whoever can use one of the recipients opens the envelopes afterwards. So allow only KEKs of one owner at
     * a time, or say {@link #withExpectedKeychain}: an envelope of another tenant's that lies among them would else be opened to
     * these recipients too.
     *
     * @param providers the KEKs of this JVM
     * @param allowed the KEKs that may unwrap; an envelope's own list is never trusted
     * @param recipients the KEKs to wrap to, 1 to {@value EnvelopeHeader#MAX_RECIPIENTS}, in the place of all so far and in this
     *     order
     * @return what does it, for envelopes of any keychain under the allowed KEKs
     * @throws IllegalArgumentException if there are no recipients, too many, or one of them twice
     */
    public static PortableRewrap to(KeyProviders providers, Set<KekId> allowed, List<KekId> recipients) {
        if (recipients.isEmpty() || recipients.size() > EnvelopeHeader.MAX_RECIPIENTS) {
            throw new IllegalArgumentException("a portable envelope has 1 to " + EnvelopeHeader.MAX_RECIPIENTS
                    + " recipients, not " + recipients.size());
        }
        if (new HashSet<>(recipients).size() < recipients.size()) {
            throw new IllegalArgumentException("a KEK is a recipient twice: " + recipients);
        }
        return with(providers, new CarriedDeks(providers, allowed, recipients));
    }

    private static PortableRewrap with(KeyProviders providers, EnvelopeWraps wraps) {
        return new PortableRewrap(wraps, Jca.of(providers.cryptoProvider()), EnvelopeFiles.ofDefaults());
    }

    /**
     * The same for envelopes of one keychain only.
     *
     * @param keychainId the keychain
     * @return a new object
     * @throws IllegalStateException if this was made of a keychain, which is the expected one anyway
     */
    public PortableRewrap withExpectedKeychain(String keychainId) {
        return new PortableRewrap(carried().expecting(keychainId), jca, files);
    }

    /**
     * The same, but wraps that are there stay only if they are known to be of the current version of their KEK, which its
     * provider is asked for once. For KEKs that were rotated, whose old versions shall go.
     *
     * @return a new object
     * @throws IllegalStateException if this was made of a keychain: its re-wrap renews the wraps of its record
     */
    public PortableRewrap withRenewal() {
        return new PortableRewrap(carried().renewing(), jca, files);
    }

    private CarriedDeks carried() {
        if (wraps instanceof CarriedDeks carried) {
            return carried;
        }
        throw new IllegalStateException("the keychain's record says which wraps its envelopes get");
    }

    /**
     * The same, but files keep their times of modification. By default they have a new one, so that whatever copies files by
     * their times copies the new wraps too.
     *
     * @return a new object
     */
    public PortableRewrap withTimesKept() {
        return new PortableRewrap(wraps, jca, files.keepingTimes());
    }

    /**
     * The same, which says how far it is in files.
     *
     * @param listener is given how many bytes more of the payload were copied
     * @return a new object
     */
    public PortableRewrap withProgress(LongConsumer listener) {
        return new PortableRewrap(wraps, jca, files.telling(listener));
    }

    /**
     * Re-wraps a file in place. It is written anew beside the old one, whose name it takes in one step, with its permissions,
     * owner and group; ACLs and extended attributes are lost, and another hard link goes on naming the old envelope. A symbolic
     * link is followed. Nobody else may write the file meanwhile: what is seen to have changed is left alone.
     *
     * @param envelope the envelope; left alone if it has the wanted wraps already
     * @return its header by now
     * @throws IOException if the file cannot be read or written, has changed meanwhile, or would get another owner; it is then
     *     as it was
     */
    public Rewrapped rewrap(Path envelope) throws IOException {
        return files.inPlace(envelope, this::rewrapped);
    }

    /**
     * Re-wraps a file to another file.
     *
     * @param envelope the envelope, which stays as it is
     * @param target the new envelope's file, which appears whole or not at all; with the permissions of the envelope, or those of
     *     an older file that it replaces
     * @return its header
     * @throws IOException if a file cannot be read or written, both are the same, or the envelope has changed meanwhile; the target
     *     is then as it was
     */
    public Rewrapped rewrap(Path envelope, Path target) throws IOException {
        return files.toAnother(envelope, target, this::rewrapped);
    }

    /**
     * Makes the new header of an envelope that is not a file here, such as an object in a bucket. The new envelope is this
     * header and then the old one from {@link Rewrapped#payloadOffset()} on. That its payload is complete is not looked at.
     *
     * @param envelope the envelope, from its beginning; at most {@value #START_BYTES} bytes are read; not closed
     * @return the new header
     * @throws IOException if reading fails
     */
    public Rewrapped header(InputStream envelope) throws IOException {
        return rewrapped(Beginning.read(envelope), message -> {});
    }

    /**
     * As {@link #header(InputStream)}.
     *
     * @param start the first {@value #START_BYTES} bytes of the envelope, or all of it if it is shorter; stays the caller's
     * @return the new header
     */
    public Rewrapped header(byte[] start) {
        try {
            return header(new ByteArrayInputStream(start));
        } catch (IOException e) {
            throw new UncheckedIOException("arrays do not fail", e);
        }
    }

    private Rewrapped rewrapped(Beginning old, EnvelopeFiles.Check more) throws IOException {
        if (old.header().keychainId().equals(SealedRecords.STORE_EXPORT_ID)) {
            throw new UnsupportedEnvelopeException(
                    "it is an export of a store, whose records need the KEK of their seal too;"
                            + " to do: keep that KEK as long as the export, or export the store anew");
        }
        try (DekLease lease = wraps.open(old)) {
            try (FloeMessage message = old.proven(lease, jca)) {
                more.check(message);
            }
            Rewrapped header = new Rewrapped(old, wanted(old, lease));
            // What is going to be written opens, as far as its bytes say.
            new Beginning(EnvelopeHeader.parse(header.toBytes()), old.floeHeader())
                    .proven(lease, jca)
                    .close();
            return header;
        }
    }

    private EnvelopeHeader wanted(Beginning old, DekLease lease) {
        EnvelopeHeader header = old.header();
        try (Dek dek = lease.withBytes(key -> Dek.takeOwnershipOf(header.dekId(), key.clone(), jca.named()))) {
            return EnvelopeHeader.builder(header.keychainId(), header.dekId())
                    .keyContext(header.keyContext())
                    .objectContext(header.objectContext())
                    .recipients(wraps.wanted(old, dek))
                    .build();
        }
    }

    /**
     * The header of a portable envelope with other wraps, proven to open its payload.
     *
     * <p><b>Thread safety:</b> immutable.
     */
    public static final class Rewrapped {
        private final EnvelopeHeader header;
        private final byte[] bytes;
        private final int payloadOffset;
        private final boolean changed;

        Rewrapped(Beginning old, EnvelopeHeader header) {
            byte[] before = old.header().toBytes();
            this.header = header;
            this.bytes = header.toBytes();
            this.payloadOffset = before.length;
            this.changed = !Arrays.equals(before, bytes);
        }

        /**
         * The header.
         *
         * @return the header, whose bound part is authenticated
         */
        public EnvelopeHeader header() {
            return header;
        }

        /**
         * The header as it is written, in the place of the first {@link #payloadOffset()} bytes of the old envelope.
         *
         * @return a new array of at most {@value EnvelopeHeader#MAX_BYTES} bytes
         */
        public byte[] toBytes() {
            return bytes.clone();
        }

        /**
         * Where the payload begins in the old envelope: everything from there on is copied byte for byte.
         *
         * @return the offset in bytes
         */
        public int payloadOffset() {
            return payloadOffset;
        }

        /**
         * Whether the old envelope had other wraps; if not, there is nothing to copy.
         *
         * @return false if it has the same bytes
         */
        public boolean changed() {
            return changed;
        }

        /**
         * How long the new envelope is.
         *
         * @param oldLength length of the old envelope in bytes
         * @return bytes
         * @throws IllegalArgumentException if the old envelope would have no payload
         */
        public long lengthOf(long oldLength) {
            if (oldLength <= payloadOffset) {
                throw new IllegalArgumentException("an envelope whose payload begins at " + payloadOffset
                        + " is longer than " + oldLength + " bytes");
            }
            return Math.addExact(oldLength - payloadOffset, bytes.length);
        }

        /**
         * The header, without values of its contexts.
         *
         * @return such as {@code Rewrapped[EnvelopeHeader[…], changed]}
         */
        @Override
        public String toString() {
            return "Rewrapped[" + header + ", " + (changed ? "changed" : "unchanged") + "]";
        }
    }
}
