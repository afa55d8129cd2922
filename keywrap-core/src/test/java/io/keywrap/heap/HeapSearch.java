package io.keywrap.heap;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Looks for every form of every secret, in one pass and in constant memory.
 *
 * <p>The first eight bytes of a pattern select it; only where those are in the file is the rest compared.
 */
public final class HeapSearch {
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int FILTER_BITS = 20;
    private static final int HEAD_BYTES = Long.BYTES;

    private final Map<Long, List<Pattern>> byHead = new HashMap<>();
    private final BitSet filter = new BitSet(1 << FILTER_BITS);
    private int longest;

    private HeapSearch(Collection<Secret> secrets) {
        for (Secret secret : secrets) {
            for (Form form : Form.values()) {
                form.patterns(secret).forEach(bytes -> add(new Pattern(secret, form, bytes)));
            }
        }
    }

    /**
     * Searches a file.
     *
     * @return by the names of secrets, how many patterns of each form are in it
     */
    public static Map<String, Map<Form, Integer>> search(Path file, Collection<Secret> secrets) throws IOException {
        return new HeapSearch(secrets).search(file);
    }

    private void add(Pattern pattern) {
        long head = ByteBuffer.wrap(pattern.bytes).getLong();
        byHead.computeIfAbsent(head, any -> new ArrayList<>()).add(pattern);
        filter.set(hash(head));
        longest = Math.max(longest, pattern.bytes.length);
    }

    private Map<String, Map<Form, Integer>> search(Path file) throws IOException {
        Map<String, Map<Form, Integer>> findings = new TreeMap<>();
        byte[] block = new byte[BLOCK_BYTES + longest];
        int kept = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (boolean last = false; !last; ) {
                int end = kept + in.readNBytes(block, kept, block.length - kept);
                last = end < block.length;
                // Where a pattern may go on behind the block, the next block decides.
                int heads = end - (last ? HEAD_BYTES : longest) + 1;
                scan(block, Math.max(0, heads), end, findings);
                kept = Math.min(end, longest - 1);
                System.arraycopy(block, end - kept, block, 0, kept);
            }
        }
        return findings;
    }

    private void scan(byte[] block, int heads, int end, Map<String, Map<Form, Integer>> findings) {
        long head = heads == 0 ? 0 : ByteBuffer.wrap(block).getLong() >>> 8;
        for (int at = 0; at < heads; at++) {
            head = head << 8 | block[at + HEAD_BYTES - 1] & 0xFF;
            if (filter.get(hash(head))) {
                for (Pattern pattern : byHead.getOrDefault(head, List.of())) {
                    int to = at + pattern.bytes.length;
                    if (to <= end && Arrays.equals(block, at, to, pattern.bytes, 0, pattern.bytes.length)) {
                        findings.computeIfAbsent(pattern.secret.name(), any -> new TreeMap<>())
                                .merge(pattern.form, 1, Integer::sum);
                    }
                }
            }
        }
    }

    private static int hash(long head) {
        return (int) (head * 0x9E37_79B9_7F4A_7C15L >>> Long.SIZE - FILTER_BITS);
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Pattern(Secret secret, Form form, byte[] bytes) {}
}
