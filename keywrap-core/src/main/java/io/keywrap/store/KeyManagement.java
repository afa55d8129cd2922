package io.keywrap.store;

/** Who holds the KEKs of a keychain. It is a choice of the tenant's, made with the keychain. */
public enum KeyManagement {
    /** The vendor does: the tenant cannot close its backups. */
    VENDOR,
    /** The customer does, and may withdraw them. */
    CUSTOMER
}
