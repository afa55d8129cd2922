package io.keywrap.byok;

import io.keywrap.DataException;

/**
 * What a customer uploaded is no key, or not the one that was meant. Nothing of it was kept.
 *
 * <p><b>Security:</b> message and reason may be shown to whoever has uploaded it. They do not say which check of a decryption
 * failed, and everything that has its cause in one ciphertext has one reason: an upload is no oracle. Not retryable.
 */
public final class UploadRefusedException extends DataException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /**
     * Makes the exception.
     *
     * @param reason why
     * @param message what was found and what to do; no byte of it
     */
    public UploadRefusedException(Reason reason, String message) {
        super(message, null);
        this.reason = reason;
    }

    /**
     * Why.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /** Why an upload was refused, in the order in which it is looked at. */
    public enum Reason {
        /** A file has not the length or the beginning that it must have: cut, too long, another file, or changed by a mail. */
        MALFORMED_FILE,
        /** The digest is no SHA-256 digest in base64. */
        MALFORMED_DIGEST,
        /**
         * No transport key of this region opens the encrypted secret or passphrase to anything of the right form: made for
         * another region or vendor, or for a transport key that is gone, or changed.
         */
        NOT_DECRYPTED,
        /** The secret is not the one that the digest is of. */
        DIGEST_MISMATCH,
        /** The passphrase does not open the key file: either is another one's, or the key file was changed. */
        KEY_FILE_MISMATCH
    }
}
