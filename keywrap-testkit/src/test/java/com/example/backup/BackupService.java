package com.example.backup;

import io.keywrap.EncryptionContext;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A product that embeds keywrap: keeps a tenant's objects in a bucket, encrypted under the tenant's keychain. */
public class BackupService {
    protected final EnvelopeCipher cipher;
    private final Map<String, byte[]> bucket = new ConcurrentHashMap<>();

    public BackupService(Keychain keychain) {
        cipher = EnvelopeCipher.using(keychain);
    }

    public void upload(String object, String content) {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        try (EnvelopeWriter writer = cipher.writer(sink, contextOf(object))) {
            writer.stream().write(content.getBytes(StandardCharsets.UTF_8));
            writer.commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bucket.put(object, sink.toByteArray());
    }

    public String restore(String object) throws IOException {
        try (InputStream reader = cipher.reader(download(object), contextOf(object))) {
            return new String(reader.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    protected InputStream download(String object) throws IOException {
        byte[] envelope = bucket.get(object);
        if (envelope == null) {
            throw new FileNotFoundException(object);
        }
        return new ByteArrayInputStream(envelope);
    }

    protected static EncryptionContext contextOf(String object) {
        return EncryptionContext.of("object", object);
    }
}
