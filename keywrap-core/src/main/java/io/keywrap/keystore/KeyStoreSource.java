package io.keywrap.keystore;

import io.keywrap.KekId;
import java.security.KeyStore;

/** Where the key store of a name comes from, each time a KEK in it is used. */
interface KeyStoreSource {
    /**
     * Opens the key store, or gives the one opened before if nothing has changed.
     *
     * @param kekId the KEK on whose behalf, for the errors
     * @return the key store
     * @throws io.keywrap.KekConfigurationException if it cannot be opened
     */
    KeyStore open(KekId kekId);

    /**
     * The password of the keys in it.
     *
     * @return a new array that the caller wipes
     */
    char[] keyPassword();
}
