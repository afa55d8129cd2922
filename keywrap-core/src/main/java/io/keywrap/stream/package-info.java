/**
 * The front door: encrypting and decrypting streams, channels, files and byte arrays.
 *
 * <p>Here: the verbs, and the engine that moves segments. Not here: the format, and which DEK. Imports everything to its
 * left: {@code io.keywrap}, {@code .provider}, {@code .store}, {@code .keychain}, {@code .envelope}. Start with
 * {@link io.keywrap.stream.EnvelopeCipher}.
 */
@NullMarked
package io.keywrap.stream;

import org.jspecify.annotations.NullMarked;
