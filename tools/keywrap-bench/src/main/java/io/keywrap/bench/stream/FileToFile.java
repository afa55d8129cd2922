package io.keywrap.bench.stream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;

/** From file to file. Each target is new: what it takes to remove the one before counts for nobody. */
final class FileToFile implements AutoCloseable {
    private final Contestant contestant;
    private final long bytes;
    private final long bytesToDecrypt;
    private final Path plaintext;
    private final Path lesser;
    private final Path envelope;
    private final Path decrypted;

    /** Takes the plaintext's file that is there, or makes one. What an earlier one left is removed. */
    FileToFile(Contestant contestant, byte[] period, Options options) throws IOException {
        this.contestant = contestant;
        this.bytes = options.bytes(0);
        this.bytesToDecrypt = Math.min(bytes, contestant.mostBytesToDecrypt());
        Path folder = Path.of(options.need("dir"));
        this.plaintext = plaintext(folder, period, bytes);
        this.lesser = bytes == bytesToDecrypt ? plaintext : plaintext(folder, period, bytesToDecrypt);
        this.envelope = folder.resolve("envelope");
        this.decrypted = folder.resolve("decrypted");
        close();
    }

    /** The file of so many bytes, which all share. */
    static Path plaintext(Path folder, byte[] period, long bytes) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("plaintext-" + bytes);
        if (!Files.exists(file) || Files.size(file) != bytes) {
            Ends.write(period, bytes, file);
        }
        return file;
    }

    long bytes() {
        return bytes;
    }

    long bytesToDecrypt() {
        return bytesToDecrypt;
    }

    List<Double> encrypt(int rounds) throws IOException, GeneralSecurityException {
        return Rounds.run(rounds, () -> {
            Files.deleteIfExists(envelope);
            return Rounds.secondsOf(() -> contestant.encrypt(plaintext, envelope));
        });
    }

    List<Double> decrypt(int rounds) throws IOException, GeneralSecurityException {
        Path source = envelope();
        List<Double> seconds = Rounds.run(rounds, () -> {
            Files.deleteIfExists(decrypted);
            return Rounds.secondsOf(() -> contestant.decrypt(source, decrypted));
        });
        if (Files.mismatch(lesser, decrypted) >= 0) {
            throw new IllegalStateException("not what was encrypted");
        }
        return seconds;
    }

    /** Of the plaintext that can be decrypted. */
    Path envelope() throws IOException, GeneralSecurityException {
        if (bytesToDecrypt < bytes || !Files.exists(envelope)) {
            Files.deleteIfExists(envelope);
            contestant.encrypt(lesser, envelope);
        }
        return envelope;
    }

    /** Removes what only this contestant used. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(envelope);
        Files.deleteIfExists(decrypted);
    }
}
