package io.keywrap.cli;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokSlots;
import io.keywrap.byok.TransportKeys;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.InMemoryKms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;

/** What the Java of docs/products.md finds there: a vendor's process, and what a customer has pasted, typed and uploaded. */
public abstract class ProductsDocBlock implements AutoCloseable {
    public final List<String> logged = new ArrayList<>();
    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
    protected final Path folder;
    protected final InMemoryKms kms = new InMemoryKms();
    protected final KekId vendorKek = kms.kek("vendor").id();
    protected final KekId customerKek = kms.kek("customer").id();
    protected final String account = kms.create(customerKek).place().owner();
    protected final KekId newKek = kms.kek("new").id();
    protected final FileKeychainStore store;
    protected final KeyProviders providers;
    protected final KeychainSeal seal = KeychainSeal.wrappedBy(vendorKek);
    protected final Keychains keychains;
    protected final EnvelopeCipher cipher;
    protected final ByokSlots slots;
    protected final TransportKeys transportKeys;
    protected final byte[] encryptedSecret;
    protected final String digest;
    protected final Dek another = Dek.random(DekId.random());
    protected final String typed = "revoke";
    protected final String role = "arn:aws:iam::444455556666:role/backup";
    protected final String arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    protected final String pasted = "\u201c" + arn + "\u201d\n";
    protected final String policyOfTheKey =
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Mine\",\"Effect\":\"Allow\","
                    + "\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}";
    protected final String tenantId = "33333333-3333-4333-8333-333333333333";
    protected final String clientId = "66666666-6666-4666-8666-666666666666";
    protected final Path source;
    protected final Path target;

    protected ProductsDocBlock(Path folder) throws IOException, GeneralSecurityException {
        this.folder = folder;
        source = Files.writeString(folder.resolve("accounts.csv"), "id,name\n1,acme\n");
        target = folder.resolve("accounts.csv.kwrp");
        store = FileKeychainStore.open(folder.resolve("keychains"));
        ByokKms byok = ByokKms.builder(store, vendorKek).build();
        providers = KeyProviders.builder().register(kms).register(byok).build();
        onShutdown(kms);
        onShutdown(providers);
        onShutdown(byok);
        slots = byok.slots(providers);
        keychains = Keychains.builder(store, providers).seal(seal).build();
        cipher = EnvelopeCipher.using(keychains.create("tenant", spec -> spec.control(customerKek)));
        transportKeys = TransportKeys.builder(cipher).region("us-east-1").create();
        byte[] secret = new byte[Dek.BYTES];
        secret[0] = 1;
        encryptedSecret = encrypted(secret);
        digest = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(secret));
    }

    /** As the script for customers encrypts. */
    private byte[] encrypted(byte[] secret) throws GeneralSecurityException {
        String base64 = transportKeys.current().toPem().replaceAll("-----.*?-----|\\s", "");
        PublicKey key = KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(
                Cipher.ENCRYPT_MODE,
                key,
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        return oaep.doFinal(secret);
    }

    /** What a product closes when it ends, the last first. */
    protected final void onShutdown(AutoCloseable resource) {
        toClose.push(resource);
    }

    @Override
    public final void close() throws IOException {
        try {
            for (AutoCloseable resource : toClose) {
                resource.close();
            }
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    protected final void log(Object line) {
        logged.add(line.toString());
    }

    /** All blocks of the page, one after the other. */
    public abstract void run() throws Exception;
}
