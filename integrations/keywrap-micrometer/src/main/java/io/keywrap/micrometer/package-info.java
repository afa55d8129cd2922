/**
 * Meters and observations of KEKs and of the cache of DEKs, for Micrometer.
 *
 * <p>Here: what the events and the statistics of {@code KeyProviders} become. Not here: what is worth telling, which is
 * the core's. Imports {@code io.keywrap} and {@code io.keywrap.provider}. Start with
 * {@link io.keywrap.micrometer.KeywrapMetrics}.
 */
@NullMarked
package io.keywrap.micrometer;

import org.jspecify.annotations.NullMarked;
