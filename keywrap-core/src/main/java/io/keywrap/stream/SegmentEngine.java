package io.keywrap.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Moves a whole payload through the cipher: the one seam between segments and streams.
 *
 * <p>An engine writes the last segment only after its source has ended by itself; when anything fails before, what was
 * written can never be taken for a whole payload.
 */
interface SegmentEngine {
    /**
     * Encrypts everything a source has.
     *
     * @param envelope the envelope, whose headers are written already
     * @param plaintext the source; not closed
     * @param payload receives the segments; not closed
     */
    void encrypt(OpenedEnvelope envelope, InputStream plaintext, OutputStream payload) throws IOException;

    /**
     * Decrypts a payload up to its authenticated end, and refuses anything behind it.
     *
     * @param envelope the envelope, whose headers are read already
     * @param payload the segments; not closed
     * @param plaintext receives authenticated plaintext only; not closed
     */
    void decrypt(OpenedEnvelope envelope, InputStream payload, OutputStream plaintext) throws IOException;
}
