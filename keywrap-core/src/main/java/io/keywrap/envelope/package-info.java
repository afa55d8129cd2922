/**
 * The format in front of the payload.
 *
 * <p>Here: the header of an envelope, read and written. Not here: keys, and the payload. Imports {@code io.keywrap} and
 * {@code io.keywrap.codec}. Start with {@link io.keywrap.envelope.EnvelopeHeader}; docs/format.md is normative.
 */
@NullMarked
package io.keywrap.envelope;

import org.jspecify.annotations.NullMarked;
