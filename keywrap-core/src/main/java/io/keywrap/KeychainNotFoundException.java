package io.keywrap;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The store has no such keychain, or the keychain no such DEK for this use. Not retryable. */
public final class KeychainNotFoundException extends KeychainException {
    private static final long serialVersionUID = 1L;

    private final @Nullable DekId dekId;

    /**
     * A missing keychain.
     *
     * @param keychainId the keychain
     */
    public KeychainNotFoundException(String keychainId) {
        super(keychainId, "not in this store; to do: check the id and the store, or create the keychain", null);
        this.dekId = null;
    }

    /**
     * A missing DEK.
     *
     * @param keychainId the keychain
     * @param dekId the DEK that it does not have, or not for this use
     */
    public KeychainNotFoundException(String keychainId, DekId dekId) {
        super(
                keychainId,
                "it has no DEK " + dekId
                        + " for this use; to do: check whether the store was restored from an older copy",
                null);
        this.dekId = dekId;
    }

    /**
     * Which DEK is missing.
     *
     * @return its id; empty if the whole keychain is missing
     */
    public Optional<DekId> dekId() {
        return Optional.ofNullable(dekId);
    }
}
