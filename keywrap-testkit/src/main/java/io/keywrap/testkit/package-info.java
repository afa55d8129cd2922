/**
 * Stand-ins for tests that behave as strictly as the real things, without files, clouds or waiting.
 *
 * <p>Here: a store in memory and a clock that is moved by hand. Not here: anything a product would ship. Imports keywrap's
 * exported packages only. Start with {@link io.keywrap.testkit.InMemoryKeychainStore} and
 * {@link io.keywrap.testkit.ManualTime}.
 */
@NullMarked
package io.keywrap.testkit;

import org.jspecify.annotations.NullMarked;
