package io.keywrap.stream;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.crypto.StubProvider;
import io.keywrap.crypto.StubProvider.Flaw;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.EnvelopeSource;
import io.keywrap.recovery.StoreRecovery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A process in which the first provider of the JVM is watched, and another one, which is not installed, is named: it uses
 * everything, and then says how often each of them was used.
 */
final class OneProviderScenario {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");

    private OneProviderScenario() {}

    /** Says {@code <uses of the one that is named> <uses of the first one>}; the argument is a folder. */
    public static void main(String[] arguments) throws IOException {
        StubProvider watched = new StubProvider("Watched", Flaw.TAKES_IVS);
        Security.insertProviderAt(watched, 1);
        Path folder = Path.of(arguments[0]);
        TestTenant.in(folder).keychain("seen").record();
        if (watched.keyings() == 0 || watched.draws() == 0) {
            throw new AssertionError("the watch sees nothing");
        }
        StubProvider named = new StubProvider("Named");
        int keys = watched.keyings();
        int draws = watched.draws();
        run(TestTenant.in(folder, options -> arguments[1].equals("named") ? options.cryptoProvider(named) : options));
        System.out.println("USES " + (named.keyings() + named.draws()) + " "
                + (watched.keyings() - keys + watched.draws() - draws));
    }

    private static void run(TestTenant tenant) throws IOException {
        Path folder = Files.createDirectories(tenant.storeFolder().resolveSibling("work"));
        try (KeyProviders providers = tenant.providers()) {
            byte[] plaintext = new byte[100_000];
            for (boolean portable : new boolean[] {false, true}) {
                Keychain keychain = tenant.keychain("k" + portable, spec -> {
                    if (portable) {
                        spec.portable();
                    }
                });
                EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
                for (Encrypting verb : Encrypting.values()) {
                    verb.encrypt(cipher, plaintext, CONTEXT, folder);
                }
                byte[] envelope = cipher.encrypt(plaintext, CONTEXT);
                for (Decrypting verb : Decrypting.values()) {
                    verb.decrypt(cipher, envelope, CONTEXT, new Decrypting.Output(folder));
                }
                keychain.rotate();
                outside(keychain);
                Files.write(folder.resolve(portable + ".kwrp"), cipher.encrypt(plaintext, CONTEXT));
            }
            byte[] carried = Files.readAllBytes(folder.resolve("true.kwrp"));
            EnvelopeCipher.portable(providers, Set.of(TestTenant.CUSTOMER)).decrypt(carried, CONTEXT);
            wrapOnly(tenant);
            recovery(tenant, folder);
        }
    }

    private static void outside(Keychain keychain) {
        keychain.primary().close();
        byte[] existing = new byte[Dek.BYTES];
        Arrays.fill(existing, (byte) keychain.id().length());
        // What the product itself makes is the product's.
        DekId id = DekId.of(Arrays.copyOf(existing, DekId.BYTES));
        try (Dek dek = Dek.takeOwnershipOf(id, existing);
                DekLease lease = keychain.lease(keychain.adopt(dek))) {
            lease.ensureUsable();
        }
    }

    private static void wrapOnly(TestTenant tenant) {
        Keychains agents = Keychains.builder(tenant.store(), tenant.providers())
                .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                .wrapOnly()
                .build();
        EnvelopeCipher.using(agents.open("kfalse")).encrypt(new byte[10], CONTEXT);
    }

    private static void recovery(TestTenant tenant, Path folder) throws IOException {
        StoreRecovery recovery =
                StoreRecovery.of(tenant.store(), tenant.providers(), KeychainSeal.wrappedBy(TestTenant.VENDOR));
        Path export = folder.resolve("export.kwrp");
        recovery.exportTo(export);
        recovery.check(finding -> {});
        recovery.importFrom(export, finding -> {});
        List<EnvelopeSource> envelopes = List.of(EnvelopeSource.of(folder.resolve("true.kwrp")));
        recovery.checkEnvelopes(envelopes, finding -> {});
        recovery.rebuild(Map.of("ktrue", Set.of(TestTenant.CUSTOMER)), envelopes, finding -> {});
    }
}
