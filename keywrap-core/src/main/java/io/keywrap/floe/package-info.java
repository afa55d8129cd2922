/**
 * FLOE, the payload of an envelope (IACR ePrint 2025/2275; Snowflake-Labs/floe-specification).
 *
 * <p>Here: the header, the key derivations and the segments of one FLOE ciphertext, in memory. Not here: streams,
 * threads, files, and the keywrap header in front. Not exported; imports {@code io.keywrap} and
 * {@code io.keywrap.crypto}. Start with {@link io.keywrap.floe.FloeMessage}.
 */
@NullMarked
package io.keywrap.floe;

import org.jspecify.annotations.NullMarked;
