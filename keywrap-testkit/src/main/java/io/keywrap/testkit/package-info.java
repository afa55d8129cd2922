/**
 * Stand-ins for tests that behave as strictly as the real things, without files, clouds or waiting.
 *
 * <p>Here: a KMS in memory with what can go wrong on it, a store in memory, a clock that is moved by hand, a check for leases
 * that nobody closed, all of it together in an extension of JUnit 5, and the contracts that providers and stores are held
 * to. Not here: anything a product would ship. Imports keywrap's exported packages only. Start with
 * {@link io.keywrap.testkit.KeywrapExtension}, or with {@link io.keywrap.testkit.KeyProviderContract} and
 * {@link io.keywrap.testkit.KeychainStoreContract}.
 */
@NullMarked
package io.keywrap.testkit;

import org.jspecify.annotations.NullMarked;
