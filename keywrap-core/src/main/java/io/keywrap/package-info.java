/**
 * The vocabulary: what a key, a wrap, a context, a lease and a failure are.
 *
 * <p>Here: immutable values, handles of secret keys, and every exception of keywrap. Not here: anything that calls a
 * KMS, a store or a file. Imports only {@code io.keywrap.codec} and {@code io.keywrap.crypto}. Start with
 * {@link io.keywrap.KekId}, {@link io.keywrap.EncryptionContext} and {@link io.keywrap.DekLease}.
 */
@NullMarked
package io.keywrap;

import org.jspecify.annotations.NullMarked;
