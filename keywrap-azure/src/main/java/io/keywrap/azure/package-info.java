/**
 * KEKs in Azure Key Vault and Managed HSM: {@code azure-kms://https://<vault>.vault.azure.net/keys/<name>}.
 *
 * <p>Here: the provider, the map of Azure's errors to those of keywrap, and the grammar of key URLs with the hosts that a token
 * may be sent to. Not here: caches, retries and states, which are the stack's. Imports {@code io.keywrap} and
 * {@code io.keywrap.provider}. Start with {@link io.keywrap.azure.AzureKms}.
 */
@NullMarked
package io.keywrap.azure;

import org.jspecify.annotations.NullMarked;
