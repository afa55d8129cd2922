/**
 * KEKs in a Java KeyStore: a PKCS#12 file, or a PKCS#11 token such as an HSM.
 *
 * <p>Here: the provider of the scheme {@code keystore:<name>#<alias>}, and making such a KEK. Imports
 * {@code io.keywrap.provider}, {@code io.keywrap}, {@code io.keywrap.crypto} and {@code io.keywrap.file}. Start with
 * {@link io.keywrap.keystore.Keystores}.
 */
@NullMarked
package io.keywrap.keystore;

import org.jspecify.annotations.NullMarked;
