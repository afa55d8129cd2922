package io.keywrap.stream;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TestTenant;
import io.keywrap.heap.DumpedProcess;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.recovery.EnvelopeSource;
import io.keywrap.recovery.StoreRecovery;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * What a process does before its heap is dumped. Whatever it had in its hands stays reachable, closed or not, so that
 * the dump shows what closed objects hold on to.
 */
abstract class LiveHeapScenario {
    static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");
    static final int FULL = 65_536 - 32;

    private static final List<Object> KEPT = Collections.synchronizedList(new ArrayList<>());

    final Path folder;
    final TestTenant tenant;
    private int envelopes;

    LiveHeapScenario(Path folder) {
        this.folder = folder;
        this.tenant = kept(TestTenant.in(folder));
    }

    /** Where envelopes are kept. */
    static Path envelopes(Path folder) {
        return folder.resolve("envelopes");
    }

    /** Runs a scenario to its end and stands still; the arguments are its name and the folder. */
    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        Path folder = Path.of(arguments[1]);
        Files.createDirectories(envelopes(folder));
        LiveHeapScenario scenario = switch (arguments[0]) {
            case "used" -> new Used(folder);
            case "revoked" -> new LiveHeapRevoked(folder);
            case "failed" -> new LiveHeapFailures(folder);
            case "open" -> new LiveHeapControls(folder);
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        scenario.run();
        DumpedProcess.standStill();
    }

    abstract void run() throws IOException, GeneralSecurityException;

    static <T> T kept(T object) {
        KEPT.add(object);
        return object;
    }

    /** A cipher whose leases stay reachable. */
    static EnvelopeCipher cipher(Keychain keychain) {
        return kept(EnvelopeCipher.of(kept(new RecordingKeys(new KeychainKeys(kept(keychain))))));
    }

    Keychain keychain(String id, Consumer<Keychains.Spec> more) {
        return kept(tenant.keychain(id, more));
    }

    /** Keeps an envelope, whole or not, so that its keys can be derived. */
    byte[] saved(byte[] envelope) {
        try {
            Files.write(envelopes(folder).resolve(envelopes++ + ".kwrp"), envelope);
            return envelope;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] plaintext() {
        byte[] bytes = new byte[2 * FULL + 1];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    /** Every verb, every use of a DEK, and an orderly end. */
    private static final class Used extends LiveHeapScenario {
        Used(Path folder) {
            super(folder);
        }

        @Override
        void run() throws IOException, GeneralSecurityException {
            Keychain keychain = keychain("tenant-1", spec -> spec.keyContext("tenant", "acme"));
            throughEveryVerb(keychain);
            withObjectsKept(cipher(keychain));
            outside(keychain("outside", spec -> {}));
            keychain.rotate();
            throughEveryVerb(kept(tenant.keychains().open("tenant-1")));
            portable();
            recovery();
            tenant.providers().close();
        }

        private void throughEveryVerb(Keychain keychain) throws IOException {
            EnvelopeCipher cipher = cipher(keychain);
            for (Encrypting verb : Encrypting.values()) {
                Path place = Files.createTempDirectory(folder, "verb");
                byte[] envelope = saved(verb.encrypt(cipher, plaintext(), CONTEXT, place));
                for (Decrypting back : Decrypting.values()) {
                    back.decrypt(cipher, envelope, CONTEXT, new Decrypting.Output(folder));
                }
            }
        }

        private void withObjectsKept(EnvelopeCipher cipher) throws IOException {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            try (EnvelopeWriter writer = kept(cipher.writer(sink, CONTEXT))) {
                kept(writer.stream()).write(plaintext());
                for (int length = 1; length < 5; length++) { // Records under a held lease hand their ciphers on.
                    byte[] record = saved(cipher.encrypt(new byte[length], CONTEXT));
                    cipher.decrypt(record, CONTEXT);
                }
                writer.commit();
            }
            byte[] envelope = saved(sink.toByteArray());
            try (InputStream reader = kept(cipher.reader(new ByteArrayInputStream(envelope), CONTEXT))) {
                reader.readAllBytes();
            }
            Path file = Files.write(folder.resolve("seekable"), envelope);
            try (SeekableByteChannel channel = kept(cipher.channel(FileChannel.open(file), CONTEXT))) {
                channel.position(FULL).read(ByteBuffer.allocate(10));
            }
            try (EnvelopeView view = kept(cipher.view(file, CONTEXT));
                    EnvelopeView other = kept(view.view())) {
                other.read(ByteBuffer.allocate(10));
            }
            byWorkers(kept(cipher.withParallelism(3)), file);
        }

        /** Enough for workers to take part, in files and in streams. */
        private void byWorkers(EnvelopeCipher cipher, Path file) throws IOException {
            Path large = Files.write(folder.resolve("large"), new byte[30 * FULL]);
            cipher.encrypt(large, file, CONTEXT);
            cipher.decrypt(file, large, CONTEXT);
            byte[] envelope = saved(Files.readAllBytes(file));
            cipher.decrypt(new ByteArrayInputStream(envelope), OutputStream.nullOutputStream(), CONTEXT);
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            cipher.encrypt(new ByteArrayInputStream(new byte[30 * FULL]), sink, CONTEXT);
            saved(sink.toByteArray());
        }

        /** As a user does it whose format is his own: the ciphers go out of scope, the keys and leases need not. */
        private void outside(Keychain keychain) throws GeneralSecurityException {
            try (DekLease lease = kept(keychain.primary())) {
                SecretKey key = kept(lease.secretKey());
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(Cipher.ENCRYPT_MODE, key);
                cipher.doFinal(new byte[1000]);
                Mac mac = Mac.getInstance("HmacSHA384");
                mac.init(key);
                mac.doFinal(new byte[1000]);
            }
            byte[] bytes = new byte[Dek.BYTES];
            new SecureRandom().nextBytes(bytes);
            try (Dek existing = kept(Dek.takeOwnershipOf(DekId.random(), bytes))) {
                DekId id = keychain.adopt(existing);
                kept(keychain.lease(id)).close();
            }
        }

        private void recovery() throws IOException {
            StoreRecovery recovery = kept(
                    StoreRecovery.of(tenant.store(), tenant.providers(), KeychainSeal.wrappedBy(TestTenant.VENDOR)));
            Path export = envelopes(folder).resolve("export.kwrp");
            kept(recovery.exportTo(export));
            kept(recovery.check(LiveHeapScenario::kept));
            kept(recovery.compareWith(export, LiveHeapScenario::kept));
            kept(recovery.importFrom(export, LiveHeapScenario::kept));
            List<EnvelopeSource> sources =
                    List.of(EnvelopeSource.of(envelopes(folder).resolve("0.kwrp")));
            kept(recovery.checkEnvelopes(sources, LiveHeapScenario::kept));
        }

        private void portable() throws IOException {
            Keychain keychain = keychain("portable", Keychains.Spec::portable);
            byte[] envelope = saved(cipher(keychain).encrypt(plaintext(), CONTEXT));
            Set<KekId> allowed = Set.of(TestTenant.CUSTOMER);
            EnvelopeCipher alone = kept(EnvelopeCipher.portable(tenant.providers(), allowed));
            for (Decrypting verb : Decrypting.values()) {
                verb.decrypt(alone, envelope, CONTEXT, new Decrypting.Output(folder));
            }
        }
    }
}
