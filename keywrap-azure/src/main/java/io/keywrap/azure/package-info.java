/**
 * KEKs in Azure Key Vault and Managed HSM: {@code azure-kms://https://<vault>.vault.azure.net/keys/<name>}.
 *
 * <p>Here: the provider, the map of Azure's errors to those of keywrap, the grammar of key URLs with the hosts that a token
 * may be sent to, and certificates for applications in Microsoft Entra. Not here: caches, retries and states, which are the
 * stack's. Imports {@code io.keywrap}, {@code io.keywrap.provider} and, for the certificates alone, {@code io.keywrap.envelope} and
 * {@code io.keywrap.stream}. Start with {@link io.keywrap.azure.AzureKms} and {@link io.keywrap.azure.ApplicationCertificates}.
 */
@NullMarked
package io.keywrap.azure;

import org.jspecify.annotations.NullMarked;
