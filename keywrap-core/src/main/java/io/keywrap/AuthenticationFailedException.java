package io.keywrap;

import java.util.OptionalLong;

/** An envelope is well-formed, but not what the right keychain wrote for the expected object. Not retryable. */
public final class AuthenticationFailedException extends DataException {
    private static final long serialVersionUID = 1L;

    private final Check check;
    private final long segment;

    /**
     * A failed check of a header.
     *
     * @param check which check failed
     * @param message what was found and what the operator can do; no context value
     */
    public AuthenticationFailedException(Check check, String message) {
        super(message, null);
        this.check = check;
        this.segment = -1;
    }

    /**
     * A failed check of a segment.
     *
     * @param segment its number, counted from 0
     */
    public AuthenticationFailedException(long segment) {
        super(
                "segment " + segment + " of the payload is not authentic: it was changed, moved or swapped;"
                        + " to do: restore the envelope from another copy",
                null);
        this.check = Check.SEGMENT;
        this.segment = segment;
    }

    /**
     * Which check failed.
     *
     * @return the check
     */
    public Check check() {
        return check;
    }

    /**
     * Which segment failed.
     *
     * @return its number, counted from 0; empty unless the check is {@link Check#SEGMENT}
     */
    public OptionalLong segment() {
        return segment < 0 ? OptionalLong.empty() : OptionalLong.of(segment);
    }

    /** What was checked, in the order in which a reader checks. */
    public enum Check {
        /** The object context is the expected one. */
        OBJECT_CONTEXT,
        /** The envelope belongs to the expected keychain. */
        KEYCHAIN,
        /** The keychain has the DEK that the envelope names, for this use. */
        DEK,
        /** The header was made with that DEK. */
        HEADER,
        /** The segment was made with that header, at that place. */
        SEGMENT
    }
}
