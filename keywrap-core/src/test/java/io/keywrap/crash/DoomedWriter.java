package io.keywrap.crash;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KeychainConflictException;
import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A process that makes, rotates and uses keychains until it is killed. One thread changes keychains, another encrypts
 * under the same ones. What was committed is told on standard output in the lines of {@link Journal}, after the fact.
 */
final class DoomedWriter {
    private final TestTenant tenant;
    private final Path folder;
    private final String name;
    private final SplittableRandom random;
    private final List<Keychain> keychains = new CopyOnWriteArrayList<>();
    private volatile Keychain changing;

    private DoomedWriter(Path folder, String name, SplittableRandom random) {
        this.tenant = TestTenant.in(folder);
        this.folder = folder;
        this.name = name;
        this.random = random;
        Journal.SHARED.forEach(id -> keychains.add(tenant.keychains().open(id)));
        this.changing = keychains.get(0);
    }

    /** Arguments: the tenant's folder, a name that no other process has, a seed. */
    public static void main(String[] arguments) {
        // A thread that fails ends the process, with another exit code than a kill has.
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        });
        SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[2]));
        DoomedWriter writer = new DoomedWriter(Path.of(arguments[0]), arguments[1], random);
        Journal.tell(Journal.READY);
        SplittableRandom another = random.split();
        new Thread(() -> writer.encryptForEver(another)).start();
        writer.changeForEver();
    }

    private void changeForEver() {
        for (int step = 0; ; step++) {
            int kind = random.nextInt(8);
            if (kind < 2) {
                create(name + "-" + step);
                continue;
            }
            Keychain keychain = keychains.get(random.nextInt(keychains.size()));
            changing = keychain;
            Journal.tell(Journal.begin(Journal.CHANGE));
            try {
                if (kind < 6) {
                    rotate(keychain);
                } else if (kind == 6) {
                    adopt(keychain);
                } else {
                    lease(keychain);
                }
            } catch (KeychainConflictException e) {
                Journal.tell(Journal.CONFLICT);
            }
        }
    }

    private void create(String id) {
        Journal.tell(Journal.begin(Journal.CREATE));
        Keychain keychain = tenant.keychain(id);
        keychains.add(keychain);
        changing = keychain;
        Journal.tell(Journal.committed(keychain.record(), primary(keychain), "-"));
    }

    private static void rotate(Keychain keychain) {
        keychain.rotate();
        Journal.tell(Journal.committed(keychain.record(), primary(keychain), "-"));
    }

    private void adopt(Keychain keychain) {
        byte[] key = new byte[Dek.BYTES];
        random.nextBytes(key);
        String digest = Journal.digest(key);
        try (Dek existing = Dek.takeOwnershipOf(DekId.random(), key)) {
            DekId id = keychain.adopt(existing);
            Journal.tell(Journal.committed(keychain.record(), id, digest));
        }
    }

    /** The first lease for outside use is a commit. Shared keychains have one already. */
    private static void lease(Keychain keychain) {
        boolean first = keychain.record().primary(Usage.OUTSIDE).isEmpty();
        try (DekLease lease = keychain.primary()) {
            String digest = lease.withBytes(Journal::digest);
            Journal.tell(
                    first
                            ? Journal.committed(keychain.record(), lease.dekId(), digest)
                            : Journal.leased(keychain.id(), lease.dekId(), digest));
        }
    }

    private static DekId primary(Keychain keychain) {
        return keychain.record().primary(Usage.ENVELOPES).orElseThrow().id();
    }

    private void encryptForEver(SplittableRandom choice) {
        for (int step = 0; ; step++) {
            // Most of all the keychain that is being changed: none may get a DEK that is not committed yet.
            Keychain keychain = choice.nextInt(4) > 0 ? changing : keychains.get(choice.nextInt(keychains.size()));
            EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
            if (choice.nextInt(4) > 0) {
                String object = name + "-" + step;
                byte[] envelope =
                        cipher.encrypt(Journal.smallContentOf(object), EncryptionContext.of("object", object));
                Journal.tell(Journal.uploaded(object, envelope));
            } else {
                encrypt(cipher, name + "-" + step + Journal.ENVELOPE_SUFFIX);
            }
        }
    }

    private void encrypt(EnvelopeCipher cipher, String file) {
        Journal.tell(Journal.begin(Journal.ENCRYPT));
        try {
            cipher.encrypt(
                    new ByteArrayInputStream(Journal.contentOf(file)),
                    Journal.envelopes(folder).resolve(file),
                    EncryptionContext.of("object", file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Journal.tell(Journal.encrypted(file));
    }
}
