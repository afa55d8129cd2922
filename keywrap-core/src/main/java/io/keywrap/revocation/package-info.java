/**
 * Whether the KEKs that keychains depend on can still be used, found out before somebody needs them.
 *
 * <p>Here: which KEKs a store depends on, the monitor that asks for them, and drills. Not here: what a refusal means, which
 * {@link io.keywrap.provider.KekStates} tells, and what follows from it. Imports {@code io.keywrap}, {@code codec},
 * {@code provider}, {@code store}, {@code proof} and {@code keychain}. Start with {@link io.keywrap.revocation.KekMonitor}.
 */
@NullMarked
package io.keywrap.revocation;

import org.jspecify.annotations.NullMarked;
