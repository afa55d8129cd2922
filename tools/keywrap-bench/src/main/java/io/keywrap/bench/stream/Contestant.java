package io.keywrap.bench.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/** What is measured: encrypts and decrypts one object after another, as its users would let it. For one thread. */
interface Contestant {
    /** Encrypts to the end of the source; may close both. */
    void encrypt(InputStream plaintext, OutputStream sink) throws IOException, GeneralSecurityException;

    /** Decrypts to the end of the source; may close both. */
    void decrypt(InputStream ciphertext, OutputStream sink) throws IOException, GeneralSecurityException;

    /** Encrypts a file to one that does not exist yet. */
    default void encrypt(Path plaintext, Path target) throws IOException, GeneralSecurityException {
        try (InputStream source = Files.newInputStream(plaintext);
                OutputStream sink = Files.newOutputStream(target)) {
            encrypt(source, sink);
        }
    }

    /** Decrypts a file to one that does not exist yet. */
    default void decrypt(Path ciphertext, Path target) throws IOException, GeneralSecurityException {
        try (InputStream source = Files.newInputStream(ciphertext);
                OutputStream sink = Files.newOutputStream(target)) {
            decrypt(source, sink);
        }
    }

    /** Opens a ciphertext for reading at random, and owns it from then on. */
    default SeekableByteChannel open(SeekableByteChannel ciphertext) throws IOException, GeneralSecurityException {
        throw new UnsupportedOperationException("reads from the beginning only");
    }

    /** The largest object that it decrypts in a time and space that can be measured. */
    default long mostBytesToDecrypt() {
        return Long.MAX_VALUE;
    }
}
