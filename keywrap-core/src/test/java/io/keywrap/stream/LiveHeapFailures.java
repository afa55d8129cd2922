package io.keywrap.stream;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.KeywrapException;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.RecordForge;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** Whatever can go wrong while keys are in use. The exceptions stay reachable too. */
final class LiveHeapFailures extends LiveHeapScenario {
    LiveHeapFailures(Path folder) {
        super(folder);
    }

    @Override
    void run() throws IOException {
        Keychain keychain = keychain("tenant-1", spec -> {});
        EnvelopeCipher cipher = cipher(keychain);
        tampered(cipher);
        brokenWhileEncrypting(cipher);
        givenUp(cipher);
        leasesThatEndMeanwhile(keychain);
        forgedRecords();
    }

    private void tampered(EnvelopeCipher cipher) throws IOException {
        byte[] envelope = saved(cipher.encrypt(plaintext(), CONTEXT));
        int payload = 13 + ByteBuffer.wrap(envelope).getInt(5);
        for (int at : new int[] {payload + 20, payload + 73, payload + 74 + 40, envelope.length - 1}) {
            byte[] changed = envelope.clone();
            changed[at] ^= 1;
            saved(changed);
            for (Decrypting verb : Decrypting.values()) {
                failing(
                        KeywrapException.class,
                        () -> verb.decrypt(cipher, changed, CONTEXT, new Decrypting.Output(folder)));
            }
            // Not closed by its user: it has failed for good, and is expected to know nothing any more.
            failing(
                    Exception.class,
                    () -> kept(cipher.reader(new ByteArrayInputStream(changed), CONTEXT))
                            .readAllBytes());
            Path file = Files.write(folder.resolve("seekable"), changed);
            failing(
                    Exception.class,
                    () -> kept(cipher.channel(FileChannel.open(file), CONTEXT)).read(ByteBuffer.allocate(3 * FULL)));
        }
    }

    private void brokenWhileEncrypting(EnvelopeCipher cipher) throws IOException {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        failing(OddStreams.Broken.class, () -> cipher.encrypt(OddStreams.breakingAfter(plaintext()), sink, CONTEXT));
        saved(sink.toByteArray());
        ByteArrayOutputStream full = new ByteArrayOutputStream();
        failing(
                OddStreams.Broken.class,
                () -> cipher.encrypt(
                        new ByteArrayInputStream(plaintext()), OddStreams.fullAfter(70_000, full), CONTEXT));
        saved(full.toByteArray());
    }

    private void givenUp(EnvelopeCipher cipher) throws IOException {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        try (EnvelopeWriter writer = kept(cipher.writer(sink, CONTEXT))) {
            writer.stream().write(plaintext());
        }
        saved(sink.toByteArray());

        ByteArrayOutputStream full = new ByteArrayOutputStream();
        OutputStream breaking = OddStreams.fullAfter(70_000, full);
        // Not closed by its user either.
        EnvelopeWriter failed = kept(cipher.writer(breaking, CONTEXT));
        failing(OddStreams.Broken.class, () -> failed.stream().write(plaintext()));
        saved(full.toByteArray());

        byte[] envelope = saved(cipher.encrypt(plaintext(), CONTEXT));
        ByteArrayOutputStream fullAtTheEnd = new ByteArrayOutputStream();
        OutputStream tooSmall = OddStreams.fullAfter(envelope.length - 10, fullAtTheEnd);
        EnvelopeWriter uncommitted = kept(cipher.writer(tooSmall, CONTEXT));
        uncommitted.stream().write(plaintext());
        failing(OddStreams.Broken.class, uncommitted::commit);
        saved(fullAtTheEnd.toByteArray());

        try (InputStream reader = kept(cipher.reader(new ByteArrayInputStream(envelope), CONTEXT))) {
            reader.readNBytes(10);
        }
    }

    private void leasesThatEndMeanwhile(Keychain keychain) throws IOException {
        RecordingKeys keys = kept(new RecordingKeys(new KeychainKeys(keychain)));
        EnvelopeCipher cipher = EnvelopeCipher.of(keys);
        byte[] envelope = saved(cipher.encrypt(plaintext(), CONTEXT));
        InputStream reader = kept(cipher.reader(new ByteArrayInputStream(envelope), CONTEXT));
        reader.read();
        keys.leases.get(keys.leases.size() - 1).close();
        failing(IllegalStateException.class, reader::readAllBytes);
    }

    /** A record that is not sealed; a DEK that is another one than the record says; a wrap that was changed. */
    private void forgedRecords() {
        RecordForge forge = new RecordForge(tenant);
        keychain("unsealed", spec -> {});
        forge.edit("unsealed", next -> next);
        failing(KeychainSealBrokenException.class, () -> tenant.keychains().open("unsealed"));

        keychain("unproven", spec -> {});
        forgeDek(forge, "unproven", dek -> entry(dek, "00".repeat(32), dek.wraps()));
        keychain("damaged", spec -> {});
        forgeDek(
                forge,
                "damaged",
                dek -> entry(dek, dek.checkValue(), List.of(changed(dek.wraps().get(0)))));
        // Another process, in which nothing newer was seen.
        TestTenant another = kept(TestTenant.in(folder));
        for (String id : List.of("unproven", "damaged")) {
            Keychain keychain = kept(another.keychains().open(id));
            failing(InvalidWrappedDekException.class, () -> keychain.primary(Usage.ENVELOPES));
            failing(InvalidWrappedDekException.class, () -> cipher(keychain).encrypt(plaintext(), CONTEXT));
        }
    }

    private static void forgeDek(RecordForge forge, String id, UnaryOperator<DekEntry> change) {
        forge.editAsVendor(
                id, next -> next.deks(forge.read(id).deks().stream().map(change).toList()));
    }

    private static DekEntry entry(DekEntry dek, String checkValue, List<Wrap> wraps) {
        return new DekEntry(dek.id(), dek.usage(), State.PRIMARY, dek.createdAt(), checkValue, wraps);
    }

    private static Wrap changed(Wrap wrap) {
        byte[] bytes = wrap.wrapped().wrappedBytes();
        bytes[bytes.length - 1] ^= 1;
        WrappedDek before = wrap.wrapped();
        return new Wrap(
                wrap.role(), WrappedDek.builder(before.dekId(), before.kekId()).build(before.algorithm(), bytes));
    }

    private static void failing(Class<? extends Exception> how, Action action) {
        try {
            action.run();
        } catch (Exception e) {
            if (how.isInstance(e)) {
                kept(e);
                return;
            }
            throw new AssertionError("failed in another way", e);
        }
        throw new AssertionError("did not fail with " + how);
    }

    private interface Action {
        void run() throws Exception;
    }
}
