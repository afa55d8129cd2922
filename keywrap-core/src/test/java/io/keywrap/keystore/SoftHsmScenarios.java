package io.keywrap.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.time.Duration;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What SoftHsmKeystoreTest runs, each in a process of its own; a failed assertion ends the process with an error. */
final class SoftHsmScenarios {
    static final String DONE = "the scenario was played to its end";

    private static final KekId KEK = KekId.of("keystore:hsm#customer");
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme-secretive");

    private final Path folder;
    private final SoftHsmToken token = SoftHsmToken.open();
    private final Keystores keystores = Keystores.builder()
            .keyStore("hsm", token.keyStore(), () -> new char[0])
            .build();
    private final KeyProvider provider = keystores.create(KEK);
    private final Dek dek = Dek.random(DekId.random());

    private SoftHsmScenarios(Path folder) throws Exception {
        this.folder = folder;
        token.generate("customer", 256);
    }

    /** The folder, and the scenario's name. */
    public static void main(String[] args) throws Exception {
        new SoftHsmScenarios(Path.of(args[0])).play(Scenario.valueOf(args[1]));
        System.out.println(DONE);
    }

    enum Scenario {
        A_WRAP_IS_UNWRAPPED_AGAIN,
        A_WRAP_IS_PLAIN_AES_GCM_OF_THE_TOKEN,
        ANOTHER_CONTEXT_IS_REFUSED,
        EVERY_CHANGED_BYTE_AND_LENGTH_IS_REFUSED,
        ANOTHER_ALGORITHM_IS_REFUSED,
        A_WRAP_OF_VERSION_1_OPENS,
        A_KEYCHAIN_AND_ITS_ENVELOPES_WORK,
        A_MISSING_ALIAS_IS_NOT_FOUND,
        A_KEY_OF_ANOTHER_KIND_IS_REFUSED,
        A_TOKEN_THAT_IS_LOGGED_OUT_IS_OUT_OF_REACH_AND_COMES_BACK,
        A_KEY_TAKEN_OUT_OF_THE_KEY_STORE_IS_NOT_FOUND
    }

    private void play(Scenario scenario) throws Exception {
        switch (scenario) {
            case A_WRAP_IS_UNWRAPPED_AGAIN -> unwraps();
            case A_WRAP_IS_PLAIN_AES_GCM_OF_THE_TOKEN -> isPlainAesGcm();
            case ANOTHER_CONTEXT_IS_REFUSED -> refusesContext();
            case EVERY_CHANGED_BYTE_AND_LENGTH_IS_REFUSED -> refusesChanges();
            case ANOTHER_ALGORITHM_IS_REFUSED -> refusesAlgorithm();
            case A_WRAP_OF_VERSION_1_OPENS -> opensGolden();
            case A_KEYCHAIN_AND_ITS_ENVELOPES_WORK -> servesAKeychain();
            case A_MISSING_ALIAS_IS_NOT_FOUND -> missesAlias();
            case A_KEY_OF_ANOTHER_KIND_IS_REFUSED -> refusesKind();
            case A_TOKEN_THAT_IS_LOGGED_OUT_IS_OUT_OF_REACH_AND_COMES_BACK -> comesBack();
            case A_KEY_TAKEN_OUT_OF_THE_KEY_STORE_IS_NOT_FOUND -> missesRemovedKey();
            default -> throw new AssertionError(scenario);
        }
    }

    private void unwraps() throws Exception {
        Key key = token.keyStore().getKey("customer", null);
        assertThat(key.getEncoded()).as("the key stays inside").isNull();
        WrappedDek wrapped = wrap();
        assertThat(wrapped.algorithm()).isEqualTo("AES-256-GCM");
        assertThat(wrapped.wrappedBytes()).hasSize(60).isNotEqualTo(wrap().wrappedBytes());
        assertUnwraps(wrapped);
    }

    private void isPlainAesGcm() throws Exception {
        byte[] bytes = wrap().wrappedBytes();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", token.provider());
        Key key = token.keyStore().getKey("customer", null);
        cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, bytes, 0, 12));
        cipher.updateAAD(CONTEXT.toBytes());
        assertThat(cipher.doFinal(bytes, 12, 48)).isEqualTo(dek.withBytes(byte[]::clone));
    }

    private void refusesContext() {
        WrappedDek wrapped = wrap();
        assertInvalid(() -> provider.unwrap(wrapped, EncryptionContext.empty(), deadline()));
        assertInvalid(() -> provider.unwrap(wrapped, CONTEXT.with("more", ""), deadline()));
        assertUnwraps(wrapped);
    }

    private void refusesChanges() {
        byte[] bytes = wrap().wrappedBytes();
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= (byte) (1 << i % 8);
            assertInvalid(() -> provider.unwrap(labelled("AES-256-GCM", changed), CONTEXT, deadline()));
        }
        for (int length : new int[] {1, 28, 59, 61, 92}) {
            byte[] other = Arrays.copyOf(bytes, length);
            assertInvalid(() -> provider.unwrap(labelled("AES-256-GCM", other), CONTEXT, deadline()));
        }
        assertUnwraps(labelled("AES-256-GCM", bytes));
    }

    private void refusesAlgorithm() {
        byte[] bytes = wrap().wrappedBytes();
        assertInvalid(() -> provider.unwrap(labelled("HKDF-SHA384-AES-256-GCM", bytes), CONTEXT, deadline()));
    }

    /** The key was written down, unlike every real one of a token. */
    private void opensGolden() throws Exception {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 42);
        token.keyStore().setKeyEntry("customer", new SecretKeySpec(key, "AES"), null, null);
        String text = Files.readString(Path.of("src/test/resources/golden/token-v1/wrapped-dek.txt"));
        WrappedDek wrapped = WrappedDek.parseText(text);
        assertThat(wrapped.toText()).isEqualTo(text);
        EncryptionContext context =
                EncryptionContext.ofDek("tenant-42", wrapped.dekId(), EncryptionContext.of("tenant", "grüße"));
        try (KeyProvider again = keystores.create(KEK);
                Dek opened = again.unwrap(wrapped, context, deadline())) {
            assertThat(opened.<byte[]>withBytes(byte[]::clone)).hasSize(32).containsOnly(9);
        }
    }

    private void servesAKeychain() throws Exception {
        token.generate("vendor", 256);
        KeyProviders providers = KeyProviders.builder().register(keystores).build();
        Keychains keychains = Keychains.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                .seal(KeychainSeal.wrappedBy(KekId.of("keystore:hsm#vendor")))
                .build();
        keychains.create("tenant-42", spec -> spec.control(KEK).keyContext("tenant", "acme"));
        Keychain keychain = keychains.open("tenant-42");
        byte[] plaintext = "accounts".getBytes(StandardCharsets.UTF_8);
        EncryptionContext object = EncryptionContext.of("object", "accounts.csv");
        byte[] envelope = EnvelopeCipher.using(keychain).encrypt(plaintext, object);
        keychain.rotate();
        Keychain again = keychains.open("tenant-42");
        assertThat(EnvelopeCipher.using(again).decrypt(envelope, object)).isEqualTo(plaintext);
    }

    private void missesAlias() {
        KeyProvider nobody = keystores.create(KekId.of("keystore:hsm#nobody"));
        assertThatExceptionOfType(KekNotFoundException.class)
                .isThrownBy(() -> nobody.wrap(dek, CONTEXT, deadline()))
                .withMessageContaining("KEK keystore:hsm#nobody");
    }

    private void refusesKind() throws Exception {
        KeyGenerator generator = KeyGenerator.getInstance("DESede", token.provider());
        token.keyStore().setKeyEntry("old", generator.generateKey(), null, null);
        KeyProvider old = keystores.create(KekId.of("keystore:hsm#old"));
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> old.wrap(dek, CONTEXT, deadline()))
                .withMessageContaining("AES key of 256 bits");
    }

    private void comesBack() throws Exception {
        WrappedDek wrapped = wrap();
        token.logOut();
        for (ThrowingCallable use :
                new ThrowingCallable[] {this::wrap, () -> provider.unwrap(wrapped, CONTEXT, deadline())}) {
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(use)
                    .withMessageContainingAll("KEK keystore:hsm#customer", "logged in");
        }
        token.logIn();
        assertUnwraps(wrapped);
    }

    private void missesRemovedKey() throws Exception {
        WrappedDek wrapped = wrap();
        token.keyStore().deleteEntry("customer");
        assertThatExceptionOfType(KekNotFoundException.class)
                .isThrownBy(() -> provider.unwrap(wrapped, CONTEXT, deadline()));
    }

    private WrappedDek wrap() {
        return provider.wrap(dek, CONTEXT, deadline());
    }

    private WrappedDek labelled(String algorithm, byte[] bytes) {
        return WrappedDek.builder(dek.id(), KEK).build(algorithm, bytes);
    }

    private void assertUnwraps(WrappedDek wrapped) {
        try (Dek back = provider.unwrap(wrapped, CONTEXT, deadline())) {
            assertThat(back.<byte[]>withBytes(byte[]::clone)).isEqualTo(dek.withBytes(byte[]::clone));
        }
    }

    private static void assertInvalid(ThrowingCallable call) {
        assertThatExceptionOfType(InvalidWrappedDekException.class)
                .isThrownBy(call)
                .withMessageContainingAll("KEK keystore:hsm#customer", "to do: ")
                .withMessageNotContaining("acme-secretive");
    }

    private static Deadline deadline() {
        return Deadline.after(Duration.ofMinutes(1), TimeSource.system());
    }
}
