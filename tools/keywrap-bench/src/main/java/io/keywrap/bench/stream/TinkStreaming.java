package io.keywrap.bench.stream;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingKey;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters;
import com.google.crypto.tink.streamingaead.PredefinedStreamingAeadParameters;
import com.google.crypto.tink.streamingaead.StreamingAeadConfig;
import com.google.crypto.tink.util.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;

/** Tink, under a key that is in memory already, with a buffer of at least a segment. */
final class TinkStreaming implements Contestant {
    private static final byte[] AAD = "accounts/42".getBytes(StandardCharsets.UTF_8);
    private static final int LARGE = 1 << 20;

    private final boolean channels;
    private final int bufferBytes;
    private final StreamingAead aead;

    /** With segments of 4 KiB or 1 MiB. */
    @AccessesPartialKey
    TinkStreaming(int segmentBytes, boolean channels) throws GeneralSecurityException {
        this.channels = channels;
        this.bufferBytes = Math.max(segmentBytes, 64 * 1024);
        AesGcmHkdfStreamingParameters parameters = segmentBytes == LARGE
                ? PredefinedStreamingAeadParameters.AES256_GCM_HKDF_1MB
                : PredefinedStreamingAeadParameters.AES256_GCM_HKDF_4KB;
        StreamingAeadConfig.register();
        SecretBytes known = SecretBytes.copyFrom(new byte[32], InsecureSecretKeyAccess.get());
        this.aead = KeysetHandle.newBuilder()
                .addEntry(KeysetHandle.importKey(AesGcmHkdfStreamingKey.create(parameters, known))
                        .withFixedId(1)
                        .makePrimary())
                .build()
                .getPrimitive(RegistryConfiguration.get(), StreamingAead.class);
    }

    @Override
    public void encrypt(InputStream plaintext, OutputStream sink) throws IOException, GeneralSecurityException {
        if (channels) {
            encrypt(new Pump.Source(plaintext), new Pump.Sink(sink));
            return;
        }
        try (OutputStream encrypting = aead.newEncryptingStream(sink, AAD)) {
            Pump.all(plaintext, encrypting, bufferBytes);
        }
    }

    @Override
    public void decrypt(InputStream ciphertext, OutputStream sink) throws IOException, GeneralSecurityException {
        if (channels) {
            decrypt(new Pump.Source(ciphertext), new Pump.Sink(sink));
            return;
        }
        try (InputStream decrypting = aead.newDecryptingStream(ciphertext, AAD)) {
            Pump.all(decrypting, sink, bufferBytes);
        }
    }

    @Override
    public void encrypt(Path plaintext, Path target) throws IOException, GeneralSecurityException {
        if (!channels) {
            Contestant.super.encrypt(plaintext, target);
            return;
        }
        try (FileChannel source = FileChannel.open(plaintext);
                FileChannel sink = create(target)) {
            encrypt(source, sink);
        }
    }

    @Override
    public void decrypt(Path ciphertext, Path target) throws IOException, GeneralSecurityException {
        if (!channels) {
            Contestant.super.decrypt(ciphertext, target);
            return;
        }
        try (FileChannel source = FileChannel.open(ciphertext);
                FileChannel sink = create(target)) {
            decrypt(source, sink);
        }
    }

    @Override
    public SeekableByteChannel open(SeekableByteChannel ciphertext) throws IOException, GeneralSecurityException {
        return aead.newSeekableDecryptingChannel(ciphertext, AAD);
    }

    private void encrypt(ReadableByteChannel plaintext, WritableByteChannel sink)
            throws IOException, GeneralSecurityException {
        try (WritableByteChannel encrypting = aead.newEncryptingChannel(sink, AAD)) {
            Pump.all(plaintext, encrypting, ByteBuffer.allocate(bufferBytes));
        }
    }

    private void decrypt(ReadableByteChannel ciphertext, WritableByteChannel sink)
            throws IOException, GeneralSecurityException {
        try (ReadableByteChannel decrypting = aead.newDecryptingChannel(ciphertext, AAD)) {
            Pump.all(decrypting, sink, ByteBuffer.allocate(bufferBytes));
        }
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }
}
