/**
 * Cloud KMS for tests that any client talks to over HTTP or https, as it would to the real service.
 *
 * <p>Here: servers that imitate what a KMS says on the wire, and their control planes. Not here: anything a product would
 * ship, and anything of keywrap's providers; the tests of keywrap's adapters use these servers as everybody else does.
 * Imports {@link io.keywrap.TimeSource} only. Start with {@link io.keywrap.emulators.AwsKmsEmulator} or
 * {@link io.keywrap.emulators.AzureKeyVaultEmulator}.
 */
@NullMarked
package io.keywrap.emulators;

import org.jspecify.annotations.NullMarked;
