/**
 * The service provider interface to a KMS, and the registry of the KEKs that this JVM may use.
 *
 * <p>Here: what a provider must do, and everything that is done for every provider alike. Not here: any particular KMS.
 * Imports {@code io.keywrap} and {@code io.keywrap.codec}. Start with {@link io.keywrap.provider.KeyProviders}; implement
 * {@link io.keywrap.provider.KeyProvider}.
 */
@NullMarked
package io.keywrap.provider;

import org.jspecify.annotations.NullMarked;
