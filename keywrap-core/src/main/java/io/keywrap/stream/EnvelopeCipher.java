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
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/**
 * Encrypts and decrypts envelopes: the third of the three things a user of keywrap learns.
 *
 * <p><b>Security:</b> only authenticated plaintext is released. When a call fails, everything it released before is void;
 * files appear only whole. An envelope opens only under its own keychain, and for the object context that the reader
 * expects. A source that breaks half-way leaves no valid envelope. Contexts, lengths and ids are authenticated, not hidden.
 * A decrypted file is readable by its owner alone; one that is replaced keeps its permissions, and one that is a symbolic
 * link is written where it leads.
 *
 * <p><b>Errors:</b> {@link io.keywrap.DataException} for the bytes, {@link io.keywrap.KekException} for the customer's
 * key, {@link io.keywrap.KeychainException} for the keychain; the caller's own {@link IOException}s pass unchanged.
 *
 * <p><b>Thread safety:</b> immutable and thread-safe. Each call works in its caller's thread and may block on the KMS. In
 * large files and streams other threads help, but a caller's streams and channels are used by the caller's thread alone. Only
 * when a call ends because the KEK was revoked, and waits in one of them, another thread interrupts it, and closes that one.
 */
public final class EnvelopeCipher {
    private final EnvelopeKeys keys;
    private final CipherOptions options;

    private EnvelopeCipher(EnvelopeKeys keys, CipherOptions options) {
        this.keys = keys;
        this.options = options;
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
     * Decrypts portable envelopes by the wraps that they carry; cannot encrypt. Ends when a KEK is revoked.
     *
     * @param providers the KEKs of this JVM
     * @param allowedKeks the KEKs that may unwrap; an envelope's own list is never trusted
     * @return a cipher that accepts envelopes of any keychain under these KEKs
     */
    public static EnvelopeCipher portable(KeyProviders providers, Set<KekId> allowedKeks) {
        return of(new PortableKeys(providers, allowedKeks, Optional.empty()));
    }

    static EnvelopeCipher of(EnvelopeKeys keys) {
        return new EnvelopeCipher(keys, CipherOptions.ofDefaults());
    }

    /**
     * The same cipher for another segment length in new envelopes; all accepted lengths are read always.
     *
     * @param bytes 65,536 (the default), 262,144 or 1,048,576
     * @return a new cipher
     * @throws IllegalArgumentException if it is another length
     */
    public EnvelopeCipher withSegmentLength(int bytes) {
        return new EnvelopeCipher(keys, options.with(FloeParameters.ofSegmentLength(bytes)));
    }

    /**
     * The same cipher with another rule for the object context of envelopes that it decrypts.
     *
     * @param rule the rule
     * @return a new cipher
     */
    public EnvelopeCipher withContextMatch(ContextMatch rule) {
        return new EnvelopeCipher(keys, options.with(rule));
    }

    /**
     * The same cipher with another number of threads at work on one stream, channel or file.
     *
     * @param threads 1 to 256, the caller's included; 4 by default, or as many as there are processors if those are fewer
     * @return a new cipher
     */
    public EnvelopeCipher withParallelism(int threads) {
        return new EnvelopeCipher(keys, options.withThreads(threads));
    }

    /**
     * The same cipher with other threads beside the caller's: daemon threads that all ciphers share by default.
     *
     * @param executor any; never waited for; where it gives no thread, the caller's does the work alone
     * @return a new cipher
     */
    public EnvelopeCipher withExecutor(Executor executor) {
        return new EnvelopeCipher(keys, options.withExecutor(executor));
    }

    /**
     * The same cipher, which says how far it is in streams, channels and files.
     *
     * @param listener is given how many bytes more of the source are done, in large files by several threads at once
     * @return a new cipher
     */
    public EnvelopeCipher withProgress(LongConsumer listener) {
        return new EnvelopeCipher(keys, options.withProgress(listener));
    }

    /**
     * The same cipher with another number of decrypted segments that a {@link EnvelopeView} or a channel keeps.
     *
     * @param segments 1 to 1,024; 4 by default
     * @return a new cipher
     */
    public EnvelopeCipher withCachedSegments(int segments) {
        return new EnvelopeCipher(keys, options.withCachedSegments(segments));
    }

    /**
     * The same {@link #portable} cipher for envelopes of one keychain only.
     *
     * @param keychainId the keychain
     * @return a new cipher
     * @throws IllegalStateException if this cipher has a keychain, which is the expected one anyway
     */
    public EnvelopeCipher withExpectedKeychain(String keychainId) {
        return new EnvelopeCipher(keys.expecting(keychainId), options);
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
        try (OpenedEnvelope envelope = create(objectContext)) {
            return StreamEngine.encrypt(envelope, source, sink, options.workers());
        }
    }

    /**
     * Encrypts a channel.
     *
     * @param source the plaintext from its present position to its end; blocking, not closed
     * @param sink receives the envelope; blocking, another channel than the source if that is a file's; not closed
     * @param objectContext what the object is
     * @return the header that was written
     * @throws IOException if source or sink fails; what was written is then no valid envelope
     */
    public EnvelopeHeader encrypt(ReadableByteChannel source, WritableByteChannel sink, EncryptionContext objectContext)
            throws IOException {
        return encrypt(ChannelStreams.from(source, sink), ChannelStreams.to(sink), objectContext);
    }

    /**
     * Encrypts a file.
     *
     * @param source the plaintext; of one that grows meanwhile, a beginning; one that becomes shorter is an error
     * @param target the envelope's file, which appears whole or not at all; an older one is replaced
     * @param objectContext what the object is
     * @return the header that was written
     * @throws IOException if a file cannot be read or written, or both are the same; the target is then as it was
     */
    public EnvelopeHeader encrypt(Path source, Path target, EncryptionContext objectContext) throws IOException {
        return FileVerbs.encrypt(source, target, () -> create(objectContext), options.workers());
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
        return FileVerbs.toFile(
                AtomicFile.replacing(target), file -> encrypt(source, ChannelStreams.to(file), objectContext));
    }

    /**
     * Encrypts bytes.
     *
     * @param plaintext the plaintext; stays the caller's
     * @param objectContext what the object is
     * @return the envelope, a new array
     */
    public byte[] encrypt(byte[] plaintext, EncryptionContext objectContext) {
        try (OpenedEnvelope envelope = create(objectContext)) {
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
        return EnvelopeWriter.start(create(objectContext), sink);
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
        return EnvelopeWriter.start(create(objectContext), target);
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
            return StreamEngine.decrypt(opened, envelope, sink, options.workers());
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
        return decrypt(ChannelStreams.from(envelope, sink), ChannelStreams.to(sink), expected);
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
        return FileVerbs.decrypt(envelope, target, source -> open(source, expected), options.workers());
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
        return FileVerbs.toFile(
                AtomicFile.replacingInPrivate(target), file -> decrypt(envelope, ChannelStreams.to(file), expected));
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
        return EnvelopeInputStream.of(open(envelope, expected), envelope);
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
        return EnvelopeView.open(RangeSource.of(envelope), in -> open(in, expected), options.cachedSegments());
    }

    /**
     * Reads an envelope at random, for any number of threads; as {@link #channel}.
     *
     * @param envelope the envelope's file; each view has a handle of its own
     * @param expected the expected object context
     * @return the first view
     * @throws IOException if the file cannot be read
     */
    public EnvelopeView view(Path envelope, EncryptionContext expected) throws IOException {
        return EnvelopeView.open(envelope, in -> open(in, expected), options.cachedSegments());
    }

    /**
     * Reads an envelope at random wherever it is, such as in an object store; as {@link #channel}. Opening reads the
     * header and the last segment.
     *
     * @param envelope the envelope; used as long as there are views
     * @param length its length in bytes
     * @param expected the expected object context
     * @return the first view
     * @throws IOException if the reader fails, or gives too little or too much
     */
    public EnvelopeView view(EnvelopeView.RangeReader envelope, long length, EncryptionContext expected)
            throws IOException {
        return EnvelopeView.open(RangeSource.of(envelope, length), in -> open(in, expected), options.cachedSegments());
    }

    /**
     * Reads what an envelope's file says of itself, without any key.
     *
     * @param envelope the envelope
     * @return what it claims, none of it authenticated
     * @throws IOException if the file cannot be read
     */
    public static Inspection inspect(Path envelope) throws IOException {
        return OpenedEnvelope.inspect(envelope);
    }

    private OpenedEnvelope create(EncryptionContext objectContext) {
        return OpenedEnvelope.create(keys, objectContext, options.parameters());
    }

    private OpenedEnvelope open(InputStream envelope, EncryptionContext expected) throws IOException {
        return OpenedEnvelope.open(keys, new ExpectedContext(expected, options.match()), envelope);
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
