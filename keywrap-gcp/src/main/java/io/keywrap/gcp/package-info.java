/**
 * KEKs in Google Cloud KMS: {@code gcp-kms://projects/…/cryptoKeys/…}.
 *
 * <p>Here: the provider over a {@code KeyManagementServiceClient}, the map of Google's errors to those of keywrap, and the
 * grammar of key names. Not here: caches, retries and states, which are the stack's. Imports {@code io.keywrap} and
 * {@code io.keywrap.provider}. Start with {@link io.keywrap.gcp.GcpKms}.
 */
@NullMarked
package io.keywrap.gcp;

import org.jspecify.annotations.NullMarked;
