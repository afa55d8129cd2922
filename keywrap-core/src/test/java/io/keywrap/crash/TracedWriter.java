package io.keywrap.crash;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process that opens a new store and takes a few steps in it, each told once it is done; it is traced, not killed. */
final class TracedWriter {
    static final List<String> KEYCHAINS = List.of("tenant-0", "tenant-1", "tenant-2");

    private TracedWriter() {}

    /** Argument: the tenant's folder. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        TestTenant tenant = TestTenant.in(folder);
        for (String id : KEYCHAINS) {
            Keychain keychain = tenant.keychain(id);
            tell(keychain);
            encrypt(keychain, folder, id + "-first");
            keychain.rotate();
            tell(keychain);
            encrypt(keychain, folder, id + "-second");
            try (Dek existing = Dek.random(DekId.random())) {
                String digest = existing.withBytes(Journal::digest);
                DekId adopted = keychain.adopt(existing);
                Journal.tell(Journal.committed(keychain.record(), adopted, digest));
            }
        }
    }

    private static void tell(Keychain keychain) {
        DekId primary = keychain.record().primary(Usage.ENVELOPES).orElseThrow().id();
        Journal.tell(Journal.committed(keychain.record(), primary, "-"));
    }

    private static void encrypt(Keychain keychain, Path folder, String name) throws IOException {
        String file = name + Journal.ENVELOPE_SUFFIX;
        EnvelopeCipher.using(keychain)
                .encrypt(
                        new ByteArrayInputStream(Journal.contentOf(file)),
                        Journal.envelopes(folder).resolve(file),
                        EncryptionContext.of("object", file));
        Journal.tell(Journal.encrypted(file));
    }
}
