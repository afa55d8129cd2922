/**
 * Moves every DEK of a store to other KEKs, or to the current versions of their KEKs, and touches no data.
 *
 * <p>Here: the job over a store with its plan, progress and report, which DEKs need it, what still depends on an old KEK, the
 * cut-over from it; portable envelopes that get other wraps; and new primaries by age. Not here: the recipients of one
 * keychain, which {@link io.keywrap.keychain.Keychain#changeRecipients} changes. Imports all of keywrap but {@code keystore}.
 * Start with {@link io.keywrap.rewrap.Rewrap}.
 */
@NullMarked
package io.keywrap.rewrap;

import org.jspecify.annotations.NullMarked;
