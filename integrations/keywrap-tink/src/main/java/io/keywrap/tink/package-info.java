/**
 * A {@code KmsClient} for Google Tink over every KEK that keywrap reaches, with its caching and revocation.
 *
 * <p>Here: the small envelope that an {@code Aead} of Tink makes under a KEK, and the DEK that it is encrypted with. Not
 * here: how a KEK is reached, and how long an unwrapped DEK may be kept, which is the core's. Imports {@code io.keywrap}
 * and {@code io.keywrap.provider}. Start with {@link io.keywrap.tink.KeywrapKmsClient}.
 */
@NullMarked
package io.keywrap.tink;

import org.jspecify.annotations.NullMarked;
