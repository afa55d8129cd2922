package io.keywrap.rewrap;

import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import java.util.List;

/** Where the DEK of an envelope comes from, and which wraps it shall carry. */
interface EnvelopeWraps {
    /**
     * Finds the DEK.
     *
     * @param old the beginning of the envelope, not authenticated yet
     * @return the lease of the DEK that the header names, to be closed and to be held against the tag
     */
    DekLease open(Beginning old);

    /**
     * The wraps that the envelope shall carry, each of them unwrapped and proven.
     *
     * @param old the beginning of the envelope, authenticated with the DEK
     * @param dek the DEK
     * @return 1 to {@value EnvelopeHeader#MAX_RECIPIENTS} wraps
     */
    List<WrappedDek> wanted(Beginning old, Dek dek);
}
