/**
 * The one seam between keywrap and the Java Cryptography Architecture.
 *
 * <p>Here: AES-256-GCM, HKDF-Expand-SHA-384, HMAC-SHA-384, SHA-256 and random bytes, and nothing that is not a published
 * construction. Not here: which key is used for what. Not exported; imports nothing of keywrap. Start with
 * {@link io.keywrap.crypto.Jca}.
 */
@NullMarked
package io.keywrap.crypto;

import org.jspecify.annotations.NullMarked;
