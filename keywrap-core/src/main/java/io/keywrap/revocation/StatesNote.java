package io.keywrap.revocation;

import io.keywrap.KekId;
import io.keywrap.codec.Canonical;
import io.keywrap.provider.KekState;
import java.util.ArrayList;
import java.util.List;

/**
 * Which versions of KEKs are not ACTIVE, as the JVM that monitors has found: the note {@code kek-states}. A hint for the
 * others, which ask by themselves before they believe it.
 *
 * <p>Version 1 (u8), entries (u16, at most {@value #MOST}), and of each: KEK (text), version (text), state (u8: 1 SUSPECT, 2
 * REVOKED, 3 DESTROYED), a keychain with a canary (text). At most {@value #MAX_BYTES} bytes; what does not fit is left out.
 */
final class StatesNote {
    static final String NOTE = "kek-states";
    static final int MAX_BYTES = 256 * 1024;
    static final int MOST = 2_000;

    private static final int FORMAT = 1;
    private static final int MAX_VERSION_BYTES = 512;

    /** In the order of their numbers, from 1 on. */
    private static final List<KekState> STATES = List.of(KekState.SUSPECT, KekState.REVOKED, KekState.DESTROYED);

    private StatesNote() {}

    /**
     * One of them.
     *
     * @param version the version of a KEK
     * @param state how it stands, not ACTIVE
     * @param keychainId a keychain that is said to have a canary of it
     */
    record Entry(VersionInUse version, KekState state, String keychainId) {}

    static byte[] encode(List<Entry> entries) {
        List<byte[]> encoded = new ArrayList<>();
        int length = 3;
        for (Entry entry : entries) {
            byte[] one = new Canonical.Writer()
                    .text(entry.version().kekId().uri())
                    .text(entry.version().version())
                    .unsigned(STATES.indexOf(entry.state()) + 1, 1)
                    .text(entry.keychainId())
                    .toBytes();
            if (encoded.size() == MOST || length + one.length > MAX_BYTES) {
                break;
            }
            length += one.length;
            encoded.add(one);
        }
        Canonical.Writer out = new Canonical.Writer().unsigned(FORMAT, 1).unsigned(encoded.size(), 2);
        encoded.forEach(out::bytes);
        return out.toBytes();
    }

    /** What a note says; nothing if it is none, since anybody may have written it. */
    static List<Entry> parse(byte[] content) {
        if (content.length > MAX_BYTES) {
            return List.of();
        }
        Canonical.Reader in = new Canonical.Reader(content);
        try {
            if (in.unsigned("format", 1) != FORMAT) {
                return List.of();
            }
            int count = in.limited("entries", 2, MOST);
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                VersionInUse version = new VersionInUse(
                        KekId.of(in.text("KEK", KekId.MAX_BYTES)), in.text("version", MAX_VERSION_BYTES));
                KekState state = STATES.get(in.limited("state", 1, STATES.size()) - 1);
                entries.add(new Entry(version, state, in.keychainId()));
            }
            in.end();
            return entries;
        } catch (Canonical.Malformed | IllegalArgumentException | IndexOutOfBoundsException e) {
            return List.of();
        }
    }
}
