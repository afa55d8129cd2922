/**
 * KEKs of any cloud for the client-side encryption of blobs in Azure Storage.
 *
 * <p>Here: what Azure's client asks a KEK for, answered by {@code KeyProviders}. Not here: the encryption of blobs, which is
 * Azure's, and its client, which is the caller's. Imports {@code io.keywrap} and {@code io.keywrap.provider}. Start with
 * {@link io.keywrap.azure.storage.StorageKeks}.
 */
@NullMarked
package io.keywrap.azure.storage;

import org.jspecify.annotations.NullMarked;
