package io.keywrap.stream;

import io.keywrap.EncryptionContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Every verb that encrypts, seen alike: plaintext in, an envelope out. */
enum Encrypting {
    BYTES {
        @Override
        byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, EncryptionContext context, Path folder) {
            return cipher.encrypt(plaintext, context);
        }
    },
    STREAMS {
        @Override
        byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, EncryptionContext context, Path folder)
                throws IOException {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            cipher.encrypt(new ByteArrayInputStream(plaintext), sink, context);
            return sink.toByteArray();
        }
    },
    ODD_STREAMS {
        @Override
        byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, EncryptionContext context, Path folder)
                throws IOException {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            cipher.encrypt(OddStreams.shortReads(plaintext, 70_000, new Random(3)), sink, context);
            return sink.toByteArray();
        }
    },
    CHANNELS {
        @Override
        byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, EncryptionContext context, Path folder)
                throws IOException {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            Random random = new Random(4);
            cipher.encrypt(
                    OddStreams.shortReadsChannel(plaintext, 70_000, random),
                    OddStreams.shortWritesChannel(sink, 70_000, random),
                    context);
            return sink.toByteArray();
        }
    },
    PATHS {
        @Override
        byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, EncryptionContext context, Path folder)
                throws IOException {
            Path source = Files.write(folder.resolve("plain"), plaintext);
            Path target = folder.resolve("plain.kwrp");
            cipher.encrypt(source, target, context);
            return Files.readAllBytes(target);
        }
    },
    WRITER {
        @Override
        byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, EncryptionContext context, Path folder)
                throws IOException {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            try (EnvelopeWriter writer = cipher.writer(sink, context)) {
                writeOddly(plaintext, writer.stream());
                writer.commit();
            }
            return sink.toByteArray();
        }
    },
    WRITER_TO_PATH {
        @Override
        byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, EncryptionContext context, Path folder)
                throws IOException {
            Path target = folder.resolve("written.kwrp");
            try (EnvelopeWriter writer = cipher.writer(target, context)) {
                writer.stream().write(plaintext);
                writer.commit();
            }
            return Files.readAllBytes(target);
        }
    },
    WRITER_AS_CHANNEL {
        @Override
        byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, EncryptionContext context, Path folder)
                throws IOException {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            try (EnvelopeWriter writer = cipher.writer(sink, context)) {
                InputStream source = new ByteArrayInputStream(plaintext);
                source.transferTo(Channels.newOutputStream(Channels.newChannel(writer.stream())));
                writer.commit();
            }
            return sink.toByteArray();
        }
    };

    abstract byte[] encrypt(EnvelopeCipher cipher, byte[] plaintext, EncryptionContext context, Path folder)
            throws IOException;

    /** Single bytes, pieces of odd sizes up to more than a segment, and empty pieces. */
    private static void writeOddly(byte[] bytes, OutputStream out) throws IOException {
        Random random = new Random(5);
        for (int at = 0; at < bytes.length; ) {
            if (random.nextInt(4) == 0) {
                out.write(bytes[at++]);
            }
            int n = Math.min(bytes.length - at, random.nextInt(200_000));
            out.write(bytes, at, n);
            at += n;
        }
    }
}
