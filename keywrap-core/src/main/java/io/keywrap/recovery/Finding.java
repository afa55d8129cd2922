package io.keywrap.recovery;

import io.keywrap.DekId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was found in a store, an export or an envelope, or done about it.
 *
 * <p><b>Security:</b> ids and reasons only; no key, no context value.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class Finding {
    private final Kind kind;
    private final String subject;
    private final @Nullable DekId dekId;
    private final String detail;

    private Finding(Kind kind, String subject, @Nullable DekId dekId, String detail) {
        this.kind = kind;
        this.subject = printable(subject);
        this.dekId = dekId;
        this.detail = printable(detail);
    }

    /** A name with a line break would forge another line of a log. */
    private static String printable(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "?");
    }

    static Finding of(Kind kind, String subject, String detail) {
        return new Finding(kind, subject, null, detail);
    }

    static Finding ofDek(Kind kind, String subject, DekId dekId, String detail) {
        return new Finding(kind, subject, dekId, detail);
    }

    /**
     * What was found or done.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Of what.
     *
     * @return the id of a keychain, the name of an envelope, or a place in the store
     */
    public String subject() {
        return subject;
    }

    /**
     * Of which DEK.
     *
     * @return its id; empty where the finding is of a whole keychain or envelope
     */
    public Optional<DekId> dekId() {
        return Optional.ofNullable(dekId);
    }

    /**
     * What there is to say.
     *
     * @return one or two sentences for the operator
     */
    public String detail() {
        return detail;
    }

    /**
     * All of it.
     *
     * @return such as {@code DEK_MISSING tenant-42, DEK 0f…: …}
     */
    @Override
    public String toString() {
        return kind + " " + subject + (dekId == null ? "" : ", DEK " + dekId) + ": " + detail;
    }

    /** What was found, or done. */
    public enum Kind {
        /** Something kept is no record of a keychain, or one of another version. */
        UNREADABLE(true),
        /** A record is not what keywrap wrote under the KEK of the seal. */
        SEAL_BROKEN(true),
        /** A record names another KEK for its seal than the one that was given: a mistyped KEK, or a forged record. */
        OTHER_SEAL_KEK(true),
        /** The export has a keychain that the store does not have. */
        KEYCHAIN_MISSING(true),
        /** The store has a keychain that the export does not have: made since, or deleted before. */
        KEYCHAIN_NOT_IN_EXPORT(false),
        /** The store's record is older than the export's. */
        KEYCHAIN_BEHIND(true),
        /** The store's record is newer than the export's. */
        KEYCHAIN_AHEAD(false),
        /** Store and export went different ways from a common record: DEKs are on either side alone. */
        KEYCHAIN_FORKED(true),
        /** Store and export have two keychains of one id, made at different times. */
        KEYCHAIN_MADE_ANEW(true),
        /** A DEK that the export or an envelope names is not in the store. */
        DEK_MISSING(true),
        /** A DEK that the export knows as destroyed can be opened again. */
        DEK_RESURRECTED(true),
        /** A KEK that the export no longer names can open the keychain's DEKs again. */
        KEK_RESURRECTED(true),
        /** A KEK can close the keychain by the earlier record, and cannot by the later one, which may not have known of it. */
        CONTROL_LOST(true),
        /** The keychain was added to the store. */
        ADDED(false),
        /** The store's record was replaced by the export's later one. */
        UPDATED(false),
        /** The store's record got what only the export's had. */
        MERGED(false),
        /** Nothing was to do. */
        UNCHANGED(false),
        /** Nothing was done, and somebody has to decide. */
        REFUSED(true),
        /** The keychain was made again from its envelopes, or got DEKs from them. */
        REBUILT(false),
        /** A DEK was taken from an envelope, and proven. */
        DEK_RECOVERED(false),
        /** An envelope gave nothing. */
        ENVELOPE_REFUSED(true),
        /** An envelope belongs to a keychain that was not to be rebuilt. */
        ENVELOPE_SKIPPED(false),
        /** A wrap that an envelope carries was left out. */
        WRAP_LEFT_OUT(true);

        private final boolean problem;

        Kind(boolean problem) {
            this.problem = problem;
        }

        /**
         * Whether somebody has to look at it.
         *
         * @return false for what is as it should be, or was put right
         */
        public boolean problem() {
            return problem;
        }
    }
}
