package io.keywrap.proof;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which revision of each of many records this process has seen last, by which it knows a rollback.
 *
 * <p>A store that was restored from a backup, or a record that was deleted and made again, has other records of revisions
 * that were seen before. Whoever went on from the old ones would overwrite what is in use.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class NewestSeen {
    private final Map<String, Seen> newest = new ConcurrentHashMap<>();

    /** Makes one that has seen nothing. */
    public NewestSeen() {}

    /**
     * What was seen last. To be taken before a record is read: what another thread commits while this one reads and checks is
     * no rollback.
     *
     * @param name whose record
     * @return what was seen; {@link Seen#NOTHING} if none was
     */
    public Seen of(String name) {
        return newest.getOrDefault(name, Seen.NOTHING);
    }

    /**
     * Takes note of a record.
     *
     * @param name whose record
     * @param seen which
     */
    public void saw(String name, Seen seen) {
        newest.merge(name, seen, (before, next) -> before.revision > next.revision ? before : next);
    }

    /**
     * Forgets a record that is known to be gone.
     *
     * @param name whose record
     * @param earlier what was seen of it; if another was seen meanwhile, nothing is forgotten
     */
    public void forget(String name, Seen earlier) {
        newest.remove(name, earlier);
    }

    /**
     * Which record was seen.
     *
     * @param revision its revision
     * @param digest of its encoding
     */
    public record Seen(long revision, Digest digest) {
        /** No record. */
        public static final Seen NOTHING = new Seen(0, new Digest(0, 0, 0, 0));

        /**
         * A record.
         *
         * @param revision its revision
         * @param sha256 of its encoding
         * @return which it is
         */
        public static Seen of(long revision, byte[] sha256) {
            ByteBuffer words = ByteBuffer.wrap(sha256);
            return new Seen(revision, new Digest(words.getLong(), words.getLong(), words.getLong(), words.getLong()));
        }

        /**
         * Why this record must not be believed after another one.
         *
         * @param before what was seen last
         * @return the reason; empty if it may be
         */
        public Optional<String> contradiction(Seen before) {
            if (revision < before.revision) {
                return Optional.of("it was rolled back to revision " + revision + ", revision " + before.revision
                        + " was seen before");
            }
            return revision == before.revision && !equals(before)
                    ? Optional.of("it is another record of revision " + revision + " than was seen before")
                    : Optional.empty();
        }
    }

    /**
     * SHA-256 in four words, since one is kept for every record.
     *
     * @param first bytes 0 to 7
     * @param second bytes 8 to 15
     * @param third bytes 16 to 23
     * @param fourth bytes 24 to 31
     */
    public record Digest(long first, long second, long third, long fourth) {}
}
