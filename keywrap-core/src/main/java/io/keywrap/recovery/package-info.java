/**
 * What to do when a store of keychains is damaged, lost, or restored from an old copy.
 *
 * <p>Here: check, sealed export and import, comparison with an export, rebuilding from portable envelopes. Not here: reading
 * and writing of records in daily work. Imports everything of {@code io.keywrap} but {@code io.keywrap.keystore}. Start with
 * {@link io.keywrap.recovery.StoreRecovery}.
 */
@NullMarked
package io.keywrap.recovery;

import org.jspecify.annotations.NullMarked;
