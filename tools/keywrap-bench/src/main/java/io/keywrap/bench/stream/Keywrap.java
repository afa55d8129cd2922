package io.keywrap.bench.stream;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.bench.LocalKeyProvider;
import io.keywrap.bench.LocalKms;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;

/** keywrap, with the keychain of a customer under a KMS that answers at once. */
final class Keywrap implements Contestant {
    private static final String KEYCHAIN = "tenant-42";
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "accounts/42");

    private final EnvelopeCipher cipher;

    /** Opens its keychain, or makes it where there is none. */
    Keywrap(KeychainStore store, int segmentBytes, int threads) {
        KekId kekId = KekId.of("local:customer");
        KeyProviders providers = KeyProviders.builder()
                .register(LocalKeyProvider.factory(LocalKms.known()))
                .build();
        Keychains keychains = Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(kekId))
                .build();
        this.cipher = EnvelopeCipher.using(
                        store.load(KEYCHAIN).isPresent()
                                ? keychains.open(KEYCHAIN)
                                : keychains.create(KEYCHAIN, spec -> spec.control(kekId)))
                .withSegmentLength(segmentBytes)
                .withParallelism(threads);
    }

    @Override
    public void encrypt(InputStream plaintext, OutputStream sink) throws IOException {
        cipher.encrypt(plaintext, sink, OBJECT);
    }

    @Override
    public void decrypt(InputStream ciphertext, OutputStream sink) throws IOException {
        cipher.decrypt(ciphertext, sink, OBJECT);
    }

    @Override
    public void encrypt(Path plaintext, Path target) throws IOException {
        cipher.encrypt(plaintext, target, OBJECT);
    }

    @Override
    public void decrypt(Path ciphertext, Path target) throws IOException {
        cipher.decrypt(ciphertext, target, OBJECT);
    }

    @Override
    public SeekableByteChannel open(SeekableByteChannel ciphertext) throws IOException {
        return cipher.channel(ciphertext, OBJECT);
    }
}
