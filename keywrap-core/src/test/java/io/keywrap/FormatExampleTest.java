package io.keywrap;

import static io.keywrap.Grammar.ascii;
import static io.keywrap.Grammar.concat;
import static io.keywrap.Grammar.counting;
import static io.keywrap.Grammar.sized;
import static io.keywrap.Grammar.text;
import static io.keywrap.Grammar.u16;
import static io.keywrap.Grammar.u32;
import static io.keywrap.Grammar.u64;
import static io.keywrap.Grammar.u8;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DocPages.Block;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.stream.EnvelopeCipher;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/**
 * The example bytes of docs/format.md, composed from its grammar by code that shares nothing with the product, and read
 * by the product.
 */
class FormatExampleTest {
    private static final byte[] KEK = counting(0x00, 32);
    private static final byte[] DEK = counting(0x20, 32);
    private static final byte[] DEK_ID = counting(0x40, 16);
    private static final byte[] SALT = counting(0x50, 32);
    private static final byte[] WRAP_IV = counting(0x70, 12);
    private static final byte[] FLOE_IV = counting(0x80, 32);
    private static final byte[] SEGMENT_IV = counting(0xA0, 12);
    private static final KekId KEK_ID = KekId.of("keystore:main#customer");
    private static final EncryptionContext TENANT = EncryptionContext.of("tenant", "acme");
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "a.csv");

    private static final byte[] KEY_CONTEXT = concat(
            u16(3),
            text("kw:dek"),
            text(HexFormat.of().formatHex(DEK_ID)),
            text("kw:keychain"),
            text("tenant-42"),
            text("tenant"),
            text("acme"));

    @Test
    void keyContextIsTheDocumentedOne() {
        assertThat(hex("context")).isEqualTo(KEY_CONTEXT);
        assertThat(EncryptionContext.ofDek("tenant-42", DekId.of(DEK_ID), TENANT)
                        .toBytes())
                .isEqualTo(KEY_CONTEXT);
    }

    @Test
    void wrappedDekIsTheDocumentedOne() throws Exception {
        assertThat(hex("wrap")).isEqualTo(wrap());
        WrappedDek parsed = WrappedDek.parseText(block("text", "wrap").content().strip());
        assertThat(parsed.toBytes()).isEqualTo(wrap());
        assertThat(parsed.toText())
                .isEqualTo("kwdek1." + Base64.getUrlEncoder().withoutPadding().encodeToString(wrap()));
    }

    @Test
    void checkValueIsTheDocumentedOne() throws Exception {
        assertThat(hex("check-value")).isEqualTo(expand(DEK, concat(ascii("keywrap-check"), DEK_ID), 32));
    }

    @Test
    void envelopeIsTheDocumentedOne() throws Exception {
        byte[] bound = concat(
                text("tenant-42"),
                DEK_ID,
                sized(concat(u16(1), text("tenant"), text("acme"))),
                sized(concat(u16(1), text("object"), text("a.csv"))));
        byte[] recipients = sized(wrap());
        byte[] header = concat(ascii("KWRP"), u8(1), u32(bound.length), u32(recipients.length), bound, recipients);
        byte[] aad = concat(ascii("KWRP"), u8(1), bound);
        byte[] prefix = concat(u8(0), u8(0), u32(65_536), u32(32), FLOE_IV);
        byte[] tag = expand(DEK, concat(prefix, ascii("HEADER_TAG:"), aad), 32);
        byte[] messageKey = expand(DEK, concat(prefix, ascii("MESSAGE_KEY:"), aad), 48);
        byte[] segmentKey = expand(messageKey, concat(prefix, ascii("DEK:"), u64(0), aad), 32);
        byte[] sealed = gcm(segmentKey, SEGMENT_IV, ascii("hello, keywrap\n"), concat(u64(0), u8(1)));
        byte[] segment = concat(u32(4 + 12 + sealed.length), SEGMENT_IV, sealed);

        assertThat(hex("envelope")).isEqualTo(concat(header, prefix, tag, segment));
    }

    @Test
    void documentedEnvelopeOpensWithItsKek() throws Exception {
        byte[] envelope = hex("envelope");
        try (KeyProviders providers = providers()) {
            EnvelopeCipher cipher = EnvelopeCipher.portable(providers, Set.of(KEK_ID));
            assertThat(cipher.decrypt(envelope, OBJECT)).isEqualTo("hello, keywrap\n".getBytes(StandardCharsets.UTF_8));
        }
        EnvelopeHeader header = EnvelopeHeader.parse(Arrays.copyOf(envelope, 13 + 64 + 164));
        assertThat(header.keychainId()).isEqualTo("tenant-42");
        assertThat(header.keyContext()).isEqualTo(TENANT);
        assertThat(header.recipients()).containsExactly(WrappedDek.parse(hex("wrap")));
    }

    private static KeyProviders providers() throws Exception {
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        keyStore.load(null, null);
        keyStore.setEntry(
                "customer",
                new KeyStore.SecretKeyEntry(new SecretKeySpec(KEK, "AES")),
                new KeyStore.PasswordProtection(TestTenant.password()));
        return KeyProviders.builder()
                .register(Keystores.builder()
                        .keyStore("main", keyStore, TestTenant::password)
                        .build())
                .build();
    }

    private static byte[] wrap() throws GeneralSecurityException {
        byte[] wrapKey = expand(KEK, concat(ascii("keywrap-keystore-wrap"), SALT), 32);
        return concat(
                u8(1),
                DEK_ID,
                text("keystore:main#customer"),
                text(""),
                text("HKDF-SHA384-AES-256-GCM"),
                sized(SALT, WRAP_IV, gcm(wrapKey, WRAP_IV, DEK, KEY_CONTEXT)));
    }

    /** HKDF-Expand-SHA-384 for outputs of one block. */
    private static byte[] expand(byte[] key, byte[] info, int length) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA384");
        mac.init(new SecretKeySpec(key, "HmacSHA384"));
        mac.update(info);
        return Arrays.copyOf(mac.doFinal(u8(1)), length);
    }

    private static byte[] gcm(byte[] key, byte[] iv, byte[] plaintext, byte[] aad) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
        cipher.updateAAD(aad);
        return cipher.doFinal(plaintext);
    }

    /** The bytes of a block: the first word of each line. */
    private static byte[] hex(String name) {
        StringBuilder digits = new StringBuilder();
        block("hex", name).content().lines().forEach(line -> digits.append(line.split(" ", 2)[0]));
        return HexFormat.of().parseHex(digits);
    }

    private static Block block(String language, String name) {
        return DocPages.blocks(DocPages.root().resolve("docs/format.md")).stream()
                .filter(block ->
                        block.language().equals(language) && block.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
