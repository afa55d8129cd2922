package io.keywrap.heap;

import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Wrap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Every key that a process had which used a tenant: learnt afterwards from store, key store and envelopes, by the rules
 * of docs/format.md.
 */
public final class TenantSecrets {
    private static final int WRAP_SALT_BYTES = 32;
    private static final int MESSAGE_KEY_BYTES = 48;

    private final TestTenant tenant;
    private final List<Secret> secrets = new ArrayList<>();
    private final Map<String, byte[]> deks = new HashMap<>();

    private TenantSecrets(TestTenant tenant) {
        this.tenant = tenant;
    }

    /**
     * The keys of all keychains and of the envelopes in a folder.
     *
     * @return DEKs, seal keys, the keys derived from KEKs that wrap them, message keys and segment keys
     */
    public static List<Secret> of(TestTenant tenant, Path envelopes) throws IOException, GeneralSecurityException {
        TenantSecrets found = new TenantSecrets(tenant);
        for (String id : tenant.store().list(KeychainFilter.all(), Optional.empty(), 100)) {
            found.addKeychain(tenant.store().load(id).orElseThrow());
        }
        try (Stream<Path> files = Files.list(envelopes)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".kwrp")).toList()) {
                found.addEnvelope(file);
            }
        }
        return found.secrets;
    }

    /** The KEKs themselves, which are the key store's. */
    public static List<Secret> keks(TestTenant tenant) throws IOException, GeneralSecurityException {
        List<Secret> keks = new ArrayList<>();
        for (KekId kekId : List.of(TestTenant.VENDOR, TestTenant.CUSTOMER)) {
            keks.add(Secret.of("KEK " + kekId, kek(tenant, kekId)));
        }
        return keks;
    }

    private void addKeychain(KeychainRecord record) throws IOException, GeneralSecurityException {
        String id = record.keychainId();
        WrappedDek sealKey = record.sealKey();
        addWrapKey(sealKey);
        secrets.add(
                Secret.of("seal key of " + id, unwrapped(sealKey, EncryptionContext.ofSealKey(id, sealKey.dekId()))));
        for (DekEntry entry : record.deks()) {
            for (Wrap wrap : entry.wraps()) {
                addWrapKey(wrap.wrapped());
                addDek(id, wrap.wrapped(), EncryptionContext.ofDek(id, entry.id(), record.keyContext()));
            }
        }
    }

    private void addDek(String keychainId, WrappedDek wrapped, EncryptionContext context) {
        try {
            byte[] dek = unwrapped(wrapped, context);
            deks.put(wrapped.dekId().hex(), dek);
            secrets.add(Secret.of("DEK " + wrapped.dekId() + " of " + keychainId, dek));
        } catch (InvalidWrappedDekException e) {
            // Nobody has unwrapped it, then.
        }
    }

    private byte[] unwrapped(WrappedDek wrapped, EncryptionContext context) {
        try (Dek dek = tenant.providers()
                .provider(wrapped.kekId())
                .unwrap(wrapped, context, tenant.providers().foregroundDeadline())) {
            return dek.withBytes(byte[]::clone);
        }
    }

    /** What opens a wrap without the KEK. */
    private void addWrapKey(WrappedDek wrapped) throws IOException, GeneralSecurityException {
        byte[] salt = Arrays.copyOf(wrapped.wrappedBytes(), WRAP_SALT_BYTES);
        byte[] key = expand(kek(tenant, wrapped.kekId()), 32, ascii("keywrap-keystore-wrap"), salt);
        secrets.add(Secret.of("key of the wrap of " + wrapped.dekId(), key));
    }

    private void addEnvelope(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            EnvelopeHeader header = EnvelopeHeader.read(in);
            byte[] parametersAndIv = in.readNBytes(42);
            byte[] aad = header.associatedData();
            if (!deks.containsKey(header.dekId().hex())) {
                // An export of the store is an envelope of a keychain of its own, which no store has.
                WrappedDek wrapped = header.recipients().get(0);
                addWrapKey(wrapped);
                String id = header.keychainId();
                addDek(id, wrapped, EncryptionContext.ofDek(id, header.dekId(), header.keyContext()));
            }
            byte[] dek = deks.get(header.dekId().hex());
            byte[] message = expand(dek, MESSAGE_KEY_BYTES, parametersAndIv, ascii("MESSAGE_KEY:"), aad);
            byte[] first = ByteBuffer.allocate(12).put(ascii("DEK:")).array();
            String name = " of " + file.getFileName();
            secrets.add(Secret.of("message key" + name, message));
            secrets.add(Secret.of("segment key" + name, expand(message, 32, parametersAndIv, first, aad)));
        }
    }

    private static byte[] kek(TestTenant tenant, KekId kekId) throws IOException, GeneralSecurityException {
        KeyStore keyStore = KeyStore.getInstance(tenant.keyStore().toFile(), TestTenant.password());
        String alias = kekId.uri().substring(kekId.uri().indexOf('#') + 1);
        return keyStore.getKey(alias, TestTenant.password()).getEncoded();
    }

    /** HKDF-Expand of at most one block of SHA-384: T(1) = HMAC(key, info | 01). */
    private static byte[] expand(byte[] key, int length, byte[]... info) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA384");
        mac.init(new SecretKeySpec(key, "HmacSHA384"));
        for (byte[] part : info) {
            mac.update(part);
        }
        return Arrays.copyOf(mac.doFinal(new byte[] {1}), length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
