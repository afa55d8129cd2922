/**
 * Keys that customers upload (BYOK): how they come, slots, their states, and the KEKs {@code byok://<slot>}.
 *
 * <p>Here: the key pairs that uploads are encrypted for, the opening of uploads, and what becomes of an uploaded key until its
 * revocation. Not here: wrapping under keys of a KMS. Imports {@code io.keywrap}, {@code io.keywrap.codec},
 * {@code io.keywrap.crypto}, {@code io.keywrap.file}, {@code io.keywrap.provider}, {@code io.keywrap.store},
 * {@code io.keywrap.proof}, {@code io.keywrap.envelope} and {@code io.keywrap.stream}. Start with
 * {@link io.keywrap.byok.TransportKeys}, {@link io.keywrap.byok.Upload} and {@link io.keywrap.byok.ByokSlots}.
 */
@NullMarked
package io.keywrap.byok;

import org.jspecify.annotations.NullMarked;
