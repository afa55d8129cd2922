/**
 * Moving DEKs to other KEKs, and to other versions of a KEK, without touching the data.
 *
 * <p>Here: portable envelopes that get other wraps. Not here: new recipients of one keychain, which {@code Keychain} changes;
 * and what has to be encrypted again. Imports everything of {@code io.keywrap} but {@code io.keywrap.keystore}. Start with
 * {@link io.keywrap.rewrap.PortableRewrap}.
 */
@NullMarked
package io.keywrap.rewrap;

import org.jspecify.annotations.NullMarked;
