package io.keywrap.stream;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KeywrapException;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Workbench;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeMessage;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeMessage.Segments;
import io.keywrap.floe.FloeParameters;
import io.keywrap.stream.EnvelopeCipher.Inspection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An envelope whose header is made or authenticated, and the keys of its payload. Closing wipes them. */
final class OpenedEnvelope implements AutoCloseable {
    private final EnvelopeHeader header;
    private final FloeMessage message;
    private final DekLease lease;

    private OpenedEnvelope(EnvelopeHeader header, FloeMessage message, DekLease lease) {
        this.header = header;
        this.message = message;
        this.lease = lease;
        lease.onClose(message::close);
    }

    /** Starts a new envelope. */
    static OpenedEnvelope create(EnvelopeKeys keys, EncryptionContext objectContext, FloeParameters parameters) {
        EnvelopeKeys.NewEnvelope fresh = keys.forWriting();
        DekLease lease = fresh.lease();
        try {
            EnvelopeHeader header = fresh.header().withObjectContext(objectContext);
            byte[] aad = header.associatedData();
            Workbench bench = benchOf(lease);
            FloeMessage message =
                    lease.withBytes(dek -> FloeMessage.startEncryption(new Keyed(dek, aad), parameters, bench));
            return new OpenedEnvelope(header, message, lease);
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    /** Opens an envelope by the headers at its beginning, in the order in which a reader must check them. */
    static OpenedEnvelope open(EnvelopeKeys keys, ExpectedContext expected, InputStream envelope) throws IOException {
        Optional<EnvelopeHeader> known = keys.known();
        EnvelopeHeader header = known.isPresent()
                ? EnvelopeHeader.read(envelope, known.get(), expected.pairs())
                : EnvelopeHeader.read(envelope);
        byte[] floeHeader = FloeParameters.readHeader(envelope);
        expected.require(header.objectContext());
        DekLease lease = keys.forReading(header);
        try {
            byte[] aad = header.associatedData();
            Workbench bench = benchOf(lease);
            FloeMessage message =
                    lease.withBytes(dek -> FloeMessage.startDecryption(new Keyed(dek, aad), floeHeader, bench));
            OpenedEnvelope opened = new OpenedEnvelope(header, message, lease);
            keys.authenticated(header);
            return opened;
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    /** Envelopes under one DEK hand their ciphers on for as long as it is leased. */
    private static Workbench benchOf(DekLease lease) {
        return lease.shared(
                Workbench.class, () -> Jca.of(lease.cryptoProvider()).workbench());
    }

    /** What a file claims. */
    static Inspection inspect(Path envelope) throws IOException {
        FileVerbs.requireRegular(envelope);
        try (InputStream source = Files.newInputStream(envelope)) {
            EnvelopeHeader header = EnvelopeHeader.read(source);
            FloeParameters parameters = FloeParameters.parse(FloeParameters.readHeader(source));
            long payload = Files.size(envelope) - header.toBytes().length - FloeParameters.HEADER_BYTES;
            return new Inspection(header, parameters.segmentBytes(), parameters.plaintextLength(payload));
        }
    }

    EnvelopeHeader header() {
        return header;
    }

    FloeParameters parameters() {
        return message.parameters();
    }

    /** Everything that stands in front of the segments. */
    byte[] headers() {
        byte[] first = header.toBytes();
        byte[] second = message.header();
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** A cipher for the segments, for one thread. */
    Segments segments() {
        return message.segments();
    }

    /** Checks that the DEK may still be used; called for every segment. */
    void ensureUsable() {
        lease.ensureUsable();
    }

    /** Says what is to be done when the lease ends because the DEK may not be used any more. */
    void onEnd(Runnable action) {
        lease.onEnd(action);
    }

    /** From now on the lease ends with its KEK, whatever the policy is. */
    void endWithKek() {
        lease.endWithKek();
    }

    /** Why the DEK may not be used any more; null if it may, or if the envelope was closed. */
    @Nullable
    KeywrapException whyEnded() {
        try {
            lease.ensureUsable();
        } catch (KeywrapException e) {
            return e;
        } catch (IllegalStateException e) { // It was closed.
            return null;
        }
        return null;
    }

    /** Wipes the keys of an envelope that its user has not closed yet. Harmless when repeated. */
    void wipe() {
        lease.wipe();
    }

    /** Wipes the keys. Harmless when repeated. */
    @Override
    public void close() {
        lease.close();
    }
}
