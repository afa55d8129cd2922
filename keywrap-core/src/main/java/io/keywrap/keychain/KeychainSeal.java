package io.keywrap.keychain;

import io.keywrap.KekId;

/**
 * Who vouches for the records of keychains: the vendor's own KEK, which wraps the key of every seal.
 *
 * <p><b>Security:</b> nobody who lacks the use of this KEK can make or change a record that {@link Keychains} accepts.
 * Take a symmetric KEK of the vendor, not one of a customer: anyone can wrap under the public half of an RSA key.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class KeychainSeal {
    private final KekId kekId;

    private KeychainSeal(KekId kekId) {
        this.kekId = kekId;
    }

    /**
     * Seals whose keys are wrapped by one KEK.
     *
     * @param vendorKek the KEK; a record whose seal key is wrapped by any other is refused
     * @return the seal
     */
    public static KeychainSeal wrappedBy(KekId vendorKek) {
        return new KeychainSeal(vendorKek);
    }

    /**
     * Which KEK wraps the keys of the seals.
     *
     * @return the vendor's KEK
     */
    public KekId kekId() {
        return kekId;
    }

    /**
     * The KEK.
     *
     * @return such as {@code KeychainSeal[wrapped by keystore:vendor#seal]}
     */
    @Override
    public String toString() {
        return "KeychainSeal[wrapped by " + kekId + "]";
    }
}
