package io.keywrap.stream;

import io.keywrap.DekLease;
import io.keywrap.envelope.EnvelopeHeader;
import java.util.Optional;

/** Where the DEK of an envelope comes from. */
interface EnvelopeKeys {
    /** Takes the DEK for a new envelope. */
    NewEnvelope forWriting();

    /**
     * Finds the DEK of an envelope.
     *
     * @param header its header, not authenticated yet
     * @return the lease of the DEK that the header names
     * @throws io.keywrap.AuthenticationFailedException if the header cannot be one of these keys'
     */
    DekLease forReading(EnvelopeHeader header);

    /**
     * A header that others are like, if there was one.
     *
     * @return one of the DEK that envelopes are likely to have
     */
    default Optional<EnvelopeHeader> known() {
        return Optional.empty();
    }

    /**
     * Is told of a header that was authenticated.
     *
     * @param header the header
     */
    default void authenticated(EnvelopeHeader header) {}

    /**
     * The same keys for the envelopes of one keychain only.
     *
     * @param keychainId the keychain
     * @throws IllegalStateException if they are one keychain's anyway
     */
    default EnvelopeKeys expecting(String keychainId) {
        throw new IllegalStateException("this cipher has a keychain, and accepts no other keychain's envelopes");
    }

    /**
     * What a new envelope begins with.
     *
     * @param lease its DEK; whoever gets it closes it
     * @param header its header, which still lacks the object context
     */
    record NewEnvelope(DekLease lease, EnvelopeHeader header) {}
}
