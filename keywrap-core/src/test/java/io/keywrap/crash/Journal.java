package io.keywrap.crash;

import io.keywrap.DekId;
import io.keywrap.crypto.Jca;
import io.keywrap.store.KeychainRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What processes told before they were killed: a line for each commit, written once it had happened, and a line before
 * each attempt.
 */
final class Journal {
    static final List<String> SHARED = List.of("shared-0", "shared-1", "shared-2");
    static final String READY = "ready";
    static final String CONFLICT = "conflict";
    static final String CREATE = "create";
    static final String CHANGE = "change";
    static final String ENCRYPT = "encrypt";
    static final String ENVELOPE_SUFFIX = ".kwrp";

    private static final int MAX_CONTENT_BYTES = 150_000;

    private final List<Commit> commits = new ArrayList<>();
    private final List<Dek> deks = new ArrayList<>();
    private final List<String> envelopes = new ArrayList<>();
    private final Map<String, byte[]> uploads = new HashMap<>();
    private final Map<String, Integer> killedInside = new TreeMap<>();
    private int conflicts;

    /** Writes a line to standard output, whole. */
    static synchronized void tell(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        System.out.write(bytes, 0, bytes.length);
        if (System.out.checkError()) {
            Runtime.getRuntime().halt(2); // Nobody listens any more.
        }
    }

    static String begin(String what) {
        return "begin " + what;
    }

    static String committed(KeychainRecord record, DekId dekId, String digest) {
        return "commit " + record.keychainId() + " " + record.revision() + " " + dekId.hex() + " " + digest;
    }

    static String leased(String keychainId, DekId dekId, String digest) {
        return "lease " + keychainId + " " + dekId.hex() + " " + digest;
    }

    static String encrypted(String file) {
        return "envelope " + file;
    }

    /** An envelope that leaves the process at once, as one does that is sent away. */
    static String uploaded(String object, byte[] envelope) {
        return "upload " + object + " " + HexFormat.of().formatHex(envelope);
    }

    static String digest(byte[] key) {
        return HexFormat.of().formatHex(Jca.platform().sha256(key));
    }

    static Path envelopes(Path folder) {
        return folder.resolve("envelopes");
    }

    /** The plaintext of an envelope, known from the name of its file: none, or up to three segments. */
    static byte[] contentOf(String file) {
        SplittableRandom random = new SplittableRandom(file.hashCode());
        byte[] content = new byte[Math.max(0, random.nextInt(-10_000, MAX_CONTENT_BYTES))];
        random.nextBytes(content);
        return content;
    }

    static byte[] smallContentOf(String object) {
        return object.repeat(3).getBytes(StandardCharsets.UTF_8);
    }

    /** Takes a commit of the process that does not get killed. */
    void add(String committed) {
        readChange(committed.split(" "));
    }

    /** Takes what a killed process told; a last line without its end was not told. */
    void read(String told) {
        boolean ready = false;
        String change = null;
        String encrypt = null;
        for (String line : told.substring(0, told.lastIndexOf('\n') + 1).lines().toList()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case READY -> ready = true;
                case "begin" -> {
                    if (words[1].equals(ENCRYPT)) {
                        encrypt = ENCRYPT;
                    } else {
                        change = words[1];
                    }
                }
                case "envelope" -> {
                    envelopes.add(words[1]);
                    encrypt = null;
                }
                case "upload" -> uploads.put(words[1], HexFormat.of().parseHex(words[2]));
                default -> {
                    readChange(words);
                    change = null;
                }
            }
        }
        count(ready ? change == null ? "between changes" : change : "start");
        if (encrypt != null) {
            count(encrypt);
        }
    }

    private void readChange(String[] words) {
        switch (words[0]) {
            case CONFLICT -> conflicts++;
            case "commit" -> {
                commits.add(new Commit(words[1], Long.parseLong(words[2])));
                deks.add(new Dek(words[1], words[3], words[4]));
            }
            case "lease" -> deks.add(new Dek(words[1], words[2], words[3]));
            default -> throw new IllegalStateException("not a line of the journal: " + String.join(" ", words));
        }
    }

    private void count(String place) {
        killedInside.merge(place, 1, Integer::sum);
    }

    List<Commit> commits() {
        return commits;
    }

    List<Dek> deks() {
        return deks;
    }

    List<String> envelopes() {
        return envelopes;
    }

    /** Envelopes by the object that they are of. */
    Map<String, byte[]> uploads() {
        return uploads;
    }

    /** Where the kills struck: what had begun and was not told to be over. */
    Map<String, Integer> killedInside() {
        return killedInside;
    }

    int conflicts() {
        return conflicts;
    }

    /** A revision that a process was told to have committed. */
    record Commit(String keychainId, long revision) {}

    /** A DEK that a process was given, with the SHA-256 of its key, or "-". */
    record Dek(String keychainId, String dekId, String digest) {}
}
