package io.keywrap.bench.stream;

import io.keywrap.bench.stream.Ends.Array;
import io.keywrap.bench.stream.Ends.Compare;
import io.keywrap.bench.stream.Ends.Count;
import io.keywrap.bench.stream.Ends.Keep;
import io.keywrap.bench.stream.Ends.Repeated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;

/** From memory to a sink that touches nothing. The ciphertext to decrypt lies in one array as long as it is. */
final class Memory {
    private static final long CHECKED_BYTES = (5 << 20) + 7;

    private final Contestant contestant;
    private final byte[] period;
    private final long bytes;
    private final long bytesToDecrypt;

    Memory(Contestant contestant, byte[] period, long bytes) {
        this.contestant = contestant;
        this.period = period;
        this.bytes = bytes;
        this.bytesToDecrypt = Math.min(bytes, contestant.mostBytesToDecrypt());
    }

    long bytes() {
        return bytes;
    }

    long bytesToDecrypt() {
        return bytesToDecrypt;
    }

    /** That what is encrypted decrypts to the same. */
    static void check(Contestant contestant, byte[] period) throws IOException, GeneralSecurityException {
        Memory memory = new Memory(contestant, period, CHECKED_BYTES);
        Compare target = new Compare(period, memory.bytesToDecrypt);
        contestant.decrypt(new Array(memory.ciphertext()), target);
        target.atEnd();
    }

    List<Double> encrypt(int rounds) throws IOException, GeneralSecurityException {
        return Rounds.run(
                rounds, () -> Rounds.secondsOf(() -> contestant.encrypt(new Repeated(period, bytes), new Count())));
    }

    List<Double> decrypt(int rounds) throws IOException, GeneralSecurityException {
        byte[] ciphertext = ciphertext();
        return Rounds.run(rounds, () -> {
            Count sink = new Count();
            double seconds = Rounds.secondsOf(() -> contestant.decrypt(new Array(ciphertext), sink));
            if (sink.count() != bytesToDecrypt) {
                throw new IllegalStateException(sink.count() + " bytes instead of " + bytesToDecrypt);
            }
            return seconds;
        });
    }

    private byte[] ciphertext() throws IOException, GeneralSecurityException {
        Count length = new Count();
        contestant.encrypt(new Repeated(period, bytesToDecrypt), length);
        Keep kept = new Keep(Math.toIntExact(length.count()));
        contestant.encrypt(new Repeated(period, bytesToDecrypt), kept);
        return kept.whole();
    }

    /** The most memory that this process ever had, as Linux tells it. */
    static double peakMegabytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6;
            }
        }
        throw new IOException("/proc/self/status does not say VmHWM");
    }
}
