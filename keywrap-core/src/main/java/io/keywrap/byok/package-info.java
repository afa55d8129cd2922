/**
 * Keys that customers upload (BYOK): slots, their states, and the KEKs {@code byok://<slot>}.
 *
 * <p>Here: what becomes of an uploaded key from its upload to its revocation. Not here: wrapping under keys of a KMS.
 * Imports {@code io.keywrap}, {@code io.keywrap.provider}, {@code io.keywrap.store}, {@code io.keywrap.proof},
 * {@code io.keywrap.codec} and {@code io.keywrap.crypto}. Start with {@link io.keywrap.byok.ByokKms} and
 * {@link io.keywrap.byok.ByokSlots}.
 */
@NullMarked
package io.keywrap.byok;

import org.jspecify.annotations.NullMarked;
