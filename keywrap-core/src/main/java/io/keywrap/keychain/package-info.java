/**
 * Which DEK: keychains, made and opened, their DEKs leased and rotated.
 *
 * <p>Here: sealing and checking records, wrapping a DEK to its recipients, proving an unwrapped DEK. Not here: where
 * records are kept, and what DEKs encrypt. Imports {@code io.keywrap}, {@code io.keywrap.crypto},
 * {@code io.keywrap.provider} and {@code io.keywrap.store}. Start with {@link io.keywrap.keychain.Keychains}.
 */
@NullMarked
package io.keywrap.keychain;

import org.jspecify.annotations.NullMarked;
