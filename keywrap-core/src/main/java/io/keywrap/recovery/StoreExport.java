package io.keywrap.recovery;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.proof.SealedRecords;
import io.keywrap.proof.WrappedDeks;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeWriter;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All records of a store in one file: a portable envelope under the KEK of the seal, so that it is whole and genuine or
 * refused. Its plaintext is laid down in docs/format.md, "Store export".
 */
final class StoreExport {
    static final String KEYCHAIN_ID = SealedRecords.STORE_EXPORT_ID;
    private static final EncryptionContext OBJECT =
            EncryptionContext.of("format", KEYCHAIN_ID).with("version", "1");
    private static final byte[] MAGIC = {'K', 'W', 'S', 'X'};
    private static final int VERSION = 1;

    private StoreExport() {}

    /** Begins a file, which appears whole at the commit. */
    static Writer write(Path target, KeyProviders providers, KekId sealKek) throws IOException {
        return new Writer(cipher(providers, sealKek).writer(target, OBJECT));
    }

    /** With a DEK that is made for one export. */
    static EnvelopeCipher cipher(KeyProviders providers, KekId sealKek) {
        OneRecord store = new OneRecord();
        WrappedDeks deks = new WrappedDeks(providers);
        Owner owner =
                new Owner(KEYCHAIN_ID, EncryptionContext.empty(), List.of(new Recipient(Role.CONTROL, sealKek)), 0);
        new SealedRecords(store, providers, sealKek)
                .create(
                        KEYCHAIN_ID,
                        record -> record.portable(true)
                                .recipients(owner.recipients())
                                .deks(List.of(deks.create(owner, Usage.ENVELOPES))));
        return EnvelopeCipher.using(Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(sealKek))
                .build()
                .open(KEYCHAIN_ID));
    }

    /** Opens a file. What it gives is genuine, but only at its end is it known to be whole. */
    static Reader read(Path export, KeyProviders providers, KekId sealKek) throws IOException {
        requireExport(export, sealKek);
        EnvelopeCipher cipher =
                EnvelopeCipher.portable(providers, Set.of(sealKek)).withExpectedKeychain(KEYCHAIN_ID);
        InputStream file = new BufferedInputStream(Files.newInputStream(export));
        try {
            return new Reader(file, cipher.reader(file, OBJECT));
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /** Only to say what is wrong in the words of an export: nothing of the header is believed. */
    private static void requireExport(Path export, KekId sealKek) throws IOException {
        EnvelopeHeader header;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(export))) {
            header = EnvelopeHeader.read(in);
        }
        if (!header.keychainId().equals(KEYCHAIN_ID)) {
            throw new MalformedEnvelopeException(export + " is an envelope of keychain '" + header.keychainId()
                    + "' and no export of a store; to do: name an export");
        }
        List<KekId> keks = header.recipients().stream().map(WrappedDek::kekId).toList();
        if (!keks.contains(sealKek)) {
            throw new AuthenticationFailedException(
                    Check.DEK,
                    export + " is an export under KEK " + keks + " and not under " + sealKek
                            + "; to do: name the KEK of your seal, or find out who made the export");
        }
    }

    /** Writes one record after the other. Without a commit, nothing stays. */
    static final class Writer implements AutoCloseable {
        private final EnvelopeWriter envelope;
        private final DataOutputStream out;
        private long count;

        private Writer(EnvelopeWriter envelope) throws IOException {
            this.envelope = envelope;
            this.out = new DataOutputStream(envelope.stream());
            out.write(MAGIC);
            out.writeByte(VERSION);
        }

        void add(KeychainRecord record) throws IOException {
            byte[] encoded = record.toBytes();
            out.writeInt(encoded.length);
            out.write(encoded);
            count++;
        }

        boolean isEmpty() {
            return count == 0;
        }

        void commit() throws IOException {
            out.writeInt(0);
            out.writeLong(count);
            out.flush();
            envelope.commit();
        }

        @Override
        public void close() {
            envelope.close();
        }
    }

    /** Reads one record after the other. */
    static final class Reader implements AutoCloseable {
        private final InputStream file;
        private final DataInputStream in;
        private long count;

        /** Of a plaintext that was opened; also closes the file. */
        Reader(InputStream file, InputStream plaintext) throws IOException {
            this.file = file;
            this.in = new DataInputStream(new BufferedInputStream(plaintext));
            try {
                requireHead();
            } catch (IOException | RuntimeException | Error e) {
                in.close();
                throw e;
            }
        }

        private void requireHead() throws IOException {
            byte[] magic = in.readNBytes(MAGIC.length);
            int version = in.read();
            if (!Arrays.equals(magic, MAGIC) || version < 0) {
                throw malformed("it does not begin with KWSX");
            }
            if (version != VERSION) {
                throw new UnsupportedEnvelopeException("the export has version " + version + ", this release reads "
                        + VERSION + "; to do: use a newer release");
            }
        }

        /** The next record; empty at the end, which is then known to be the end. */
        Optional<KeychainRecord> next() throws IOException {
            try {
                int length = in.readInt();
                if (length == 0) {
                    requireEnd();
                    return Optional.empty();
                }
                if (length < 0 || length > KeychainRecord.MAX_BYTES) {
                    throw malformed("a record of it claims " + length + " bytes");
                }
                byte[] encoded = in.readNBytes(length);
                if (encoded.length < length) {
                    throw new EOFException();
                }
                count++;
                return Optional.of(KeychainRecord.parse(encoded));
            } catch (EOFException e) {
                throw malformed("it ends inside of a record");
            } catch (IllegalArgumentException e) {
                throw malformed("a record of it cannot be read: " + e.getMessage());
            }
        }

        private void requireEnd() throws IOException {
            if (in.readLong() != count) {
                throw malformed("it does not have as many records as it says");
            }
            if (in.read() >= 0) {
                throw malformed("something follows its end");
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
            file.close();
        }

        private static MalformedEnvelopeException malformed(String what) {
            return new MalformedEnvelopeException("this is no export of a store, though it is sealed as one: " + what
                    + "; to do: take another export");
        }
    }

    /** Keeps the keychain of one export while it is written; its DEK travels with the export. */
    private static final class OneRecord implements KeychainStore {
        private Optional<KeychainRecord> kept = Optional.empty();

        @Override
        public Optional<KeychainRecord> load(String keychainId) {
            return kept;
        }

        @Override
        public void create(KeychainRecord record) {
            kept = Optional.of(record);
        }

        @Override
        public void replace(KeychainRecord record, long expectedRevision) {
            throw new KeychainConflictException(record.keychainId());
        }

        @Override
        public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
            return List.of();
        }

        @Override
        public List<Unreadable> unreadable() {
            return List.of();
        }
    }
}
