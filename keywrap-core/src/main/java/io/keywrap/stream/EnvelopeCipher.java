package io.keywrap.stream;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.file.AtomicFile;
import io.keywrap.floe.FloeParameters;
import io.keywrap.keychain.Keychain;
import io.keywrap.provider.KeyProviders;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Encrypts and decrypts envelopes: the third of the three things a user of keywrap learns.
 *
 * <pre>{@code
 * EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
 * cipher.encrypt(source, sink, EncryptionContext.of("object", "2026/11/accounts.csv"));
 * cipher.decrypt(envelope, target, EncryptionContext.of("object", "2026/11/accounts.csv"));
 * }</pre>
 *
 * <p><b>Security:</b> guarantees:
 *
 * <ul>
 *   <li>Only authenticated plaintext is released. When a call fails, everything it released before is void; files
 *       appear only whole.
 *   <li>An envelope opens only under its own keychain, and for the object context that the reader expects.
 *   <li>A source that breaks half-way leaves no valid envelope.
 * </ul>
 *
 * <p>Contexts, lengths and ids are authenticated, not hidden. A decrypted file is readable by its owner alone; a file
 * that is replaced keeps its permissions, and one that is a symbolic link is written where it leads.
 *
 * <p><b>Errors:</b> {@link io.keywrap.DataException} for the bytes, {@link io.keywrap.KekException} for the customer's
 * key, {@link io.keywrap.KeychainException} for the keychain; the caller's own {@link IOException}s pass unchanged.
 *
 * <p><b>Thread safety:</b> immutable and thread-safe; each call works in its caller's thread and may block on the KMS.
 *
 * <p><b>Source:</b> docs/format.md.
 */
public final class EnvelopeCipher {
    private final EnvelopeKeys keys;
    private final FloeParameters parameters;
    private final ContextMatch match;
    private final SegmentEngine engine = SequentialEngine.INSTANCE;

    private EnvelopeCipher(EnvelopeKeys keys, FloeParameters parameters, ContextMatch match) {
        this.keys = keys;
        this.parameters = parameters;
        this.match = match;
    }

    /**
     * Encrypts and decrypts with the DEKs of a keychain.
     *
     * @param keychain the keychain
     * @return a cipher with 64 KiB segments and {@link ContextMatch#CONTAINS}
     */
    public static EnvelopeCipher using(Keychain keychain) {
        return of(new KeychainKeys(keychain));
    }

    /**
     * Decrypts portable envelopes by the wraps that they carry; cannot encrypt.
     *
     * @param providers the KEKs of this JVM
     * @param allowedKeks the KEKs that may unwrap; an envelope's own list is never trusted
     * @return a cipher that accepts envelopes of any keychain under these KEKs
     */
    public static EnvelopeCipher portable(KeyProviders providers, Set<KekId> allowedKeks) {
        return of(new PortableKeys(providers, allowedKeks, Optional.empty()));
    }

    static EnvelopeCipher of(EnvelopeKeys keys) {
        FloeParameters parameters = FloeParameters.ofSegmentLength(FloeParameters.DEFAULT_SEGMENT_BYTES);
        return new EnvelopeCipher(keys, parameters, ContextMatch.CONTAINS);
    }

    /**
     * The same cipher for another segment length in new envelopes; all accepted lengths are read always.
     *
     * @param bytes 65,536 (the default), 262,144 or 1,048,576
     * @return a new cipher
     * @throws IllegalArgumentException if it is another length
     */
    public EnvelopeCipher withSegmentLength(int bytes) {
        return new EnvelopeCipher(keys, FloeParameters.ofSegmentLength(bytes), match);
    }

    /**
     * The same cipher with another rule for the object context of envelopes that it decrypts.
     *
     * @param rule the rule
     * @return a new cipher
     */
    public EnvelopeCipher withContextMatch(ContextMatch rule) {
        return new EnvelopeCipher(keys, parameters, rule);
    }

    /**
     * The same {@link #portable} cipher for envelopes of one keychain only.
     *
     * @param keychainId the keychain
     * @return a new cipher
     * @throws IllegalStateException if this cipher has a keychain, which is the expected one anyway
     */
    public EnvelopeCipher withExpectedKeychain(String keychainId) {
        if (!(keys instanceof PortableKeys portable)) {
            throw new IllegalStateException("this cipher has a keychain, and accepts no other keychain's envelopes");
        }
        return new EnvelopeCipher(portable.expecting(keychainId), parameters, match);
    }

    /**
     * Encrypts a stream.
     *
     * @param source the plaintext, read to its end; not closed
     * @param sink receives the envelope; flushed, not closed
     * @param objectContext what the object is
     * @return the header that was written
     * @throws IOException if source or sink fails; what was written is then no valid envelope
     */
    public EnvelopeHeader encrypt(InputStream source, OutputStream sink, EncryptionContext objectContext)
            throws IOException {
        try (OpenedEnvelope envelope = OpenedEnvelope.create(keys, objectContext, parameters)) {
            sink.write(envelope.headers());
            engine.encrypt(envelope, source, sink);
            sink.flush();
            return envelope.header();
        }
    }

    /**
     * Encrypts a channel.
     *
     * @param source the plaintext from its present position to its end; blocking, not closed
     * @param sink receives the envelope; blocking, not closed
     * @param objectContext what the object is
     * @return the header that was written
     * @throws IOException if source or sink fails; what was written is then no valid envelope
     */
    public EnvelopeHeader encrypt(ReadableByteChannel source, WritableByteChannel sink, EncryptionContext objectContext)
            throws IOException {
        return encrypt(ChannelStreams.from(source), ChannelStreams.to(sink), objectContext);
    }

    /**
     * Encrypts a file.
     *
     * @param source the plaintext
     * @param target the envelope's file, which appears whole or not at all; an older one is replaced
     * @param objectContext what the object is
     * @return the header that was written
     * @throws IOException if a file cannot be read or written, or both are the same; the target is then as it was
     */
    public EnvelopeHeader encrypt(Path source, Path target, EncryptionContext objectContext) throws IOException {
        requireDifferent(source, target);
        try (InputStream in = Files.newInputStream(source)) {
            return encrypt(in, target, objectContext);
        }
    }

    /**
     * Encrypts a stream to a file.
     *
     * @param source the plaintext, read to its end; not closed
     * @param target the envelope's file, which appears whole or not at all; an older one is replaced
     * @param objectContext what the object is
     * @return the header that was written
     * @throws IOException if the source cannot be read or the file not written; the target is then as it was
     */
    public EnvelopeHeader encrypt(InputStream source, Path target, EncryptionContext objectContext) throws IOException {
        return toFile(AtomicFile.replacing(target), sink -> encrypt(source, sink, objectContext));
    }

    /**
     * Encrypts bytes.
     *
     * @param plaintext the plaintext; stays the caller's
     * @param objectContext what the object is
     * @return the envelope, a new array
     */
    public byte[] encrypt(byte[] plaintext, EncryptionContext objectContext) {
        try (OpenedEnvelope envelope = OpenedEnvelope.create(keys, objectContext, parameters)) {
            return InMemory.encrypt(envelope, plaintext);
        }
    }

    /**
     * Starts an envelope that is written piecemeal.
     *
     * @param sink receives the envelope; not closed
     * @param objectContext what the object is
     * @return the writer, to be committed and closed
     * @throws IOException if the sink fails
     */
    public EnvelopeWriter writer(OutputStream sink, EncryptionContext objectContext) throws IOException {
        return EnvelopeWriter.start(OpenedEnvelope.create(keys, objectContext, parameters), sink, null);
    }

    /**
     * Starts an envelope that is written piecemeal to a file.
     *
     * @param target the envelope's file, which appears whole at the commit; an older one is replaced
     * @param objectContext what the object is
     * @return the writer, to be committed and closed
     * @throws IOException if the file cannot be written
     */
    public EnvelopeWriter writer(Path target, EncryptionContext objectContext) throws IOException {
        OpenedEnvelope envelope = OpenedEnvelope.create(keys, objectContext, parameters);
        AtomicFile file;
        try {
            file = AtomicFile.replacing(target);
        } catch (IOException | RuntimeException e) {
            envelope.close();
            throw e;
        }
        return EnvelopeWriter.start(envelope, ChannelStreams.to(file.channel()), file);
    }

    /**
     * Decrypts a stream.
     *
     * @param envelope the envelope, read to its end, since nothing may follow it; not closed
     * @param sink receives authenticated plaintext, void if the call fails; flushed, not closed
     * @param expected the expected object context
     * @return the authenticated header
     * @throws IOException if source or sink fails
     */
    public EnvelopeHeader decrypt(InputStream envelope, OutputStream sink, EncryptionContext expected)
            throws IOException {
        try (OpenedEnvelope opened = open(envelope, expected)) {
            engine.decrypt(opened, envelope, sink);
            sink.flush();
            return opened.header();
        }
    }

    /**
     * Decrypts a channel.
     *
     * @param envelope the envelope from its present position to its end; blocking, not closed
     * @param sink receives authenticated plaintext, void if the call fails; blocking, not closed
     * @param expected the expected object context
     * @return the authenticated header
     * @throws IOException if source or sink fails
     */
    public EnvelopeHeader decrypt(ReadableByteChannel envelope, WritableByteChannel sink, EncryptionContext expected)
            throws IOException {
        return decrypt(ChannelStreams.from(envelope), ChannelStreams.to(sink), expected);
    }

    /**
     * Decrypts a file.
     *
     * @param envelope the envelope
     * @param target the plaintext's file, which appears whole and authenticated or not at all; an older one is replaced
     * @param expected the expected object context
     * @return the authenticated header
     * @throws IOException if a file cannot be read or written, or both are the same; the target is then as it was
     */
    public EnvelopeHeader decrypt(Path envelope, Path target, EncryptionContext expected) throws IOException {
        requireDifferent(envelope, target);
        try (InputStream in = Files.newInputStream(envelope)) {
            return decrypt(in, target, expected);
        }
    }

    /**
     * Decrypts a stream to a file.
     *
     * @param envelope the envelope, read to its end, since nothing may follow it; not closed
     * @param target the plaintext's file, which appears whole and authenticated or not at all; an older one is replaced
     * @param expected the expected object context
     * @return the authenticated header
     * @throws IOException if the source cannot be read or the file not written; the target is then as it was
     */
    public EnvelopeHeader decrypt(InputStream envelope, Path target, EncryptionContext expected) throws IOException {
        return toFile(AtomicFile.replacingInPrivate(target), sink -> decrypt(envelope, sink, expected));
    }

    /**
     * Decrypts bytes.
     *
     * @param envelope the envelope; stays the caller's
     * @param expected the expected object context
     * @return the plaintext, a new array
     */
    public byte[] decrypt(byte[] envelope, EncryptionContext expected) {
        return InMemory.decrypt(envelope, source -> open(source, expected));
    }

    /**
     * Gives the plaintext of an envelope as a stream.
     *
     * <p>Each segment is authenticated before it is given; that nothing is missing is known only at the end. So treat
     * what was read as void if the stream fails, or was not read to its end. Failures are {@link IOException}s that carry
     * the {@link io.keywrap.KeywrapException} as their cause.
     *
     * @param envelope the envelope; not closed
     * @param expected the expected object context
     * @return the plaintext, to be closed
     * @throws IOException if the source fails
     */
    public InputStream reader(InputStream envelope, EncryptionContext expected) throws IOException {
        return new EnvelopeInputStream(open(envelope, expected), envelope);
    }

    /**
     * Reads an envelope at random.
     *
     * <p>The end is authenticated first, so {@code size()} is the true length of the plaintext; every other segment is
     * authenticated when it is read. Failures are {@link IOException}s that carry the {@link io.keywrap.KeywrapException}.
     *
     * @param envelope the envelope, from its beginning; used from now on by the channel alone, and closed with it
     * @param expected the expected object context
     * @return a read-only channel for one thread at a time, to be closed; it cannot be written or truncated
     * @throws IOException if the source fails
     */
    public SeekableByteChannel channel(SeekableByteChannel envelope, EncryptionContext expected) throws IOException {
        envelope.position(0);
        return EnvelopeChannel.open(open(ChannelStreams.from(envelope), expected), envelope);
    }

    /**
     * Reads what an envelope's file says of itself, without any key.
     *
     * @param envelope the envelope
     * @return what it claims, none of it authenticated
     * @throws IOException if the file cannot be read
     */
    public static Inspection inspect(Path envelope) throws IOException {
        try (InputStream source = Files.newInputStream(envelope)) {
            EnvelopeHeader header = EnvelopeHeader.read(source);
            FloeParameters parameters = FloeParameters.parse(OpenedEnvelope.readFloeHeader(source));
            long payload = Files.size(envelope) - header.toBytes().length - FloeParameters.HEADER_BYTES;
            return new Inspection(header, parameters.segmentBytes(), parameters.plaintextLength(payload));
        }
    }

    private OpenedEnvelope open(InputStream envelope, EncryptionContext expected) throws IOException {
        return OpenedEnvelope.open(keys, new ExpectedContext(expected, match), envelope);
    }

    private static void requireDifferent(Path source, Path target) throws IOException {
        if (Files.exists(target) && Files.isSameFile(source, target)) {
            throw new IOException("source and target are the same file: " + source);
        }
    }

    private static EnvelopeHeader toFile(AtomicFile target, Transfer transfer) throws IOException {
        try (AtomicFile file = target) {
            EnvelopeHeader header = transfer.run(ChannelStreams.to(file.channel()));
            file.commit();
            return header;
        }
    }

    /** One of the stream verbs, with a source of its own. */
    private interface Transfer {
        EnvelopeHeader run(OutputStream sink) throws IOException;
    }

    /** How an envelope's object context must match the expected one. */
    public enum ContextMatch {
        /** Every expected pair is there; an empty expectation accepts an empty context only. */
        CONTAINS,
        /** The same pairs, no more. */
        EXACT,
        /** Whatever the envelope says; for tools that restore without knowing what. */
        ANY
    }

    /**
     * What an envelope claims, none of it authenticated.
     *
     * @param header its header
     * @param segmentLength its encrypted segment length in bytes
     * @param plaintextLength the length of its plaintext in bytes, going by the file's length
     */
    public record Inspection(EnvelopeHeader header, int segmentLength, long plaintextLength) {}
}
