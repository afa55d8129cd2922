package io.keywrap.revocation;

import io.keywrap.codec.Canonical;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which versions of KEKs the JVMs that do not monitor have used: the note {@code kek-used}, a letter box. They put in what they
 * have used, and whoever monitors takes it out and asks for these more often. What is forged there costs calls within the
 * budget. One round at a time.
 *
 * <p>Version 1 (u8), then at most {@value #MOST} hashes of eight bytes: that of {@link String#hashCode} of the KEK, and that of
 * its version.
 */
final class UsedNote {
    static final String NOTE = "kek-used";
    static final int MOST = 30_000;

    private static final int FORMAT = 1;
    private static final int MOST_TOLD = 100_000;

    /** Shorter than what makes a KEK idle, so that it does not become so between two letters. */
    private static final Duration AGAIN = Duration.ofMinutes(20);

    private final KeyProviders providers;
    private final Watches watches;
    private final Map<VersionInUse, Long> told = new HashMap<>();

    UsedNote(KeyProviders providers, Watches watches) {
        this.providers = providers;
        this.watches = watches;
    }

    static long hash(VersionInUse version) {
        return ((long) version.kekId().uri().hashCode() << Integer.SIZE)
                | Integer.toUnsignedLong(version.version().hashCode());
    }

    static byte[] encode(Set<Long> hashes) {
        Canonical.Writer out = new Canonical.Writer().unsigned(FORMAT, 1);
        hashes.stream()
                .limit(MOST)
                .forEach(hash -> out.unsigned(hash >>> Integer.SIZE, 4).unsigned(hash & 0xFFFF_FFFFL, 4));
        return out.toBytes();
    }

    /** Nothing, if it is no such note. */
    static Set<Long> parse(byte[] content) {
        Set<Long> hashes = new LinkedHashSet<>();
        if (content.length % Long.BYTES != 1 || content.length > 1 + MOST * Long.BYTES) {
            return hashes;
        }
        Canonical.Reader in = new Canonical.Reader(content);
        try {
            if (in.unsigned("format", 1) == FORMAT) {
                while (in.remaining() > 0) {
                    hashes.add((in.unsigned("KEK", 4) << Integer.SIZE) | in.unsigned("version", 4));
                }
            }
        } catch (Canonical.Malformed e) {
            hashes.clear();
        }
        return hashes;
    }

    /** Takes out what others have put in. */
    void takeOut(StoreNotes store, long now) {
        Optional<Note> note = store.note(NOTE);
        Set<Long> hashes = note.map(one -> parse(one.content())).orElse(Set.of());
        if (!hashes.isEmpty()) {
            watches.used(version -> hashes.contains(hash(version)), now);
            store.putNote(NOTE, note.get().revision(), encode(Set.of()));
        }
    }

    /** Puts in what this JVM has used and has not told lately. */
    void putIn(StoreNotes store, long now) {
        Set<VersionInUse> news = new HashSet<>();
        Instant lately = providers.time().now().minus(AGAIN);
        for (KekStanding standing : providers.states().all()) {
            VersionInUse version = new VersionInUse(standing.kekId(), standing.version());
            Long before = told.get(version);
            if (standing.operation() == Operation.UNWRAP
                    && standing.provenAt().filter(lately::isBefore).isPresent()
                    && watches.find(version)
                            .filter(watch -> !watch.isUsedWithin(AGAIN, now))
                            .isEmpty()
                    && (before == null || now - before >= AGAIN.toNanos())) {
                news.add(version);
            }
        }
        if (news.isEmpty()) {
            return;
        }
        Optional<Note> note = store.note(NOTE);
        Set<Long> hashes = new LinkedHashSet<>(); // Ours first, so that nothing that is there pushes it out.
        news.forEach(version -> hashes.add(hash(version)));
        note.ifPresent(one -> hashes.addAll(parse(one.content())));
        if (store.putNote(NOTE, note.map(Note::revision).orElse(0L), encode(hashes))) {
            if (told.size() + news.size() > MOST_TOLD) {
                told.clear();
            }
            news.forEach(version -> told.put(version, now));
        }
    }
}
