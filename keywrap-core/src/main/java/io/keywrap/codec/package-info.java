/**
 * The one canonical binary encoding that every keywrap format is written in.
 *
 * <p>Here: bounds-checked reading and writing of unsigned integers, byte strings and strict UTF-8; and JSON, which is
 * for people and machines to read and no format of ours. Not here: what any format means. Not exported; imports nothing of keywrap. Start with {@link io.keywrap.codec.Canonical}.
 */
@NullMarked
package io.keywrap.codec;

import org.jspecify.annotations.NullMarked;
