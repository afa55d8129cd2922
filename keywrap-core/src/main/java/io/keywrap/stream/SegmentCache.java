package io.keywrap.stream;

import io.keywrap.crypto.Jca.Slice;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A few decrypted segments, those that were used last; what goes is wiped. For one thread at a time. */
final class SegmentCache {
    private final Map<Long, Slice> segments = new LinkedHashMap<>(16, 0.75f, true);
    private final int most;
    private final int segmentBytes;

    SegmentCache(int most, int segmentBytes) {
        this.most = most;
        this.segmentBytes = segmentBytes;
    }

    @Nullable
    Slice get(long segment) {
        return segments.get(segment);
    }

    boolean has(long segment) {
        return segments.containsKey(segment);
    }

    /** Makes room for one more. */
    byte[] room() {
        if (segments.size() < most) {
            return new byte[segmentBytes];
        }
        Iterator<Slice> eldest = segments.values().iterator();
        byte[] array = eldest.next().array();
        eldest.remove();
        Fully.wipe(array);
        return array;
    }

    void put(long segment, Slice plaintext) {
        segments.put(segment, plaintext);
    }

    void wipe() {
        segments.values().forEach(plaintext -> Fully.wipe(plaintext.array()));
        segments.clear();
    }
}
