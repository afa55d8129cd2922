/**
 * Stand-ins for tests that behave as strictly as the real things, without files, clouds or waiting.
 *
 * <p>Here: a KMS in memory with what can go wrong on it, a store in memory, a clock that is moved by hand, and the contract
 * that providers are held to. Not here: anything a product would ship. Imports keywrap's
 * exported packages only. Start with {@link io.keywrap.testkit.InMemoryKms},
 * {@link io.keywrap.testkit.InMemoryKeychainStore} and {@link io.keywrap.testkit.ManualTime}.
 */
@NullMarked
package io.keywrap.testkit;

import org.jspecify.annotations.NullMarked;
