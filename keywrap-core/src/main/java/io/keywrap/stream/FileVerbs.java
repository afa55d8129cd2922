package io.keywrap.stream;

import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.file.AtomicFile;
import io.keywrap.stream.FileEngine.Region;
import io.keywrap.stream.FileEngine.Target;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Supplier;

/** The verbs whose target is a file, which appears whole or not at all. */
final class FileVerbs {
    private FileVerbs() {}

    static EnvelopeHeader encrypt(Path source, Path target, Supplier<OpenedEnvelope> opening, Workers workers)
            throws IOException {
        requireDifferent(source, target);
        try (FileSource in = FileSource.open(source)) {
            return toFile(AtomicFile.replacing(target), file -> {
                try (OpenedEnvelope envelope = opening.get()) {
                    return in.isLarge()
                            ? encryptLarge(envelope, in, file, workers)
                            : encryptSmall(envelope, in, file, workers);
                }
            });
        }
    }

    static EnvelopeHeader decrypt(Path source, Path target, InMemory.Opening opening, Workers workers)
            throws IOException {
        requireDifferent(source, target);
        try (FileSource in = FileSource.open(source)) {
            return toFile(AtomicFile.replacingInPrivate(target), file -> {
                try (OpenedEnvelope envelope = opening.open(in.stream())) {
                    return in.isLarge()
                            ? decryptLarge(envelope, in, file, workers)
                            : StreamEngine.decrypt(envelope, in.stream(), ChannelStreams.to(file), workers);
                }
            });
        }
    }

    /** Any verb whose sink is a file. */
    static EnvelopeHeader toFile(AtomicFile target, Writing verb) throws IOException {
        try (AtomicFile file = target) {
            EnvelopeHeader header = verb.run(file);
            file.commit();
            return header;
        }
    }

    private static EnvelopeHeader encryptLarge(
            OpenedEnvelope envelope, FileSource source, AtomicFile target, Workers workers) throws IOException {
        byte[] headers = envelope.headers();
        Region plaintext = source.rest();
        target.expect(headers.length + envelope.parameters().encryptedLength(plaintext.length()));
        ChannelStreams.to(target).write(headers);
        FileEngine.transfer(envelope, Direction.ENCRYPT, plaintext, new Target(target, headers.length), workers);
        return envelope.header();
    }

    private static EnvelopeHeader encryptSmall(
            OpenedEnvelope envelope, FileSource source, AtomicFile target, Workers workers) throws IOException {
        EnvelopeHeader header = StreamEngine.encrypt(envelope, source.stream(), ChannelStreams.to(target), workers);
        if (source.hasBecomeShorter()) {
            throw Direction.ENCRYPT.becameShorter();
        }
        return header;
    }

    private static EnvelopeHeader decryptLarge(
            OpenedEnvelope envelope, FileSource source, AtomicFile target, Workers workers) throws IOException {
        workers.progress().accept(envelope.headers().length);
        Region payload = source.rest();
        target.expect(InMemory.plaintextBytes(payload.length(), envelope.parameters()));
        FileEngine.transfer(envelope, Direction.DECRYPT, payload, new Target(target, 0), workers);
        if (source.hasGrown()) {
            throw SegmentOpener.followed();
        }
        return envelope.header();
    }

    /** Refuses folders, and pipes, which would let the caller wait and have no length. */
    static void requireRegular(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(
                    file.toString(), null, attributes.isDirectory() ? "is a folder" : "is no regular file");
        }
    }

    private static void requireDifferent(Path source, Path target) throws IOException {
        if (Files.exists(target) && Files.isSameFile(source, target)) {
            throw new IOException("source and target are the same file: " + source);
        }
    }

    /** Writes a file. */
    interface Writing {
        EnvelopeHeader run(AtomicFile file) throws IOException;
    }
}
