package io.keywrap.revocation;

import io.keywrap.EncryptionContext;
import io.keywrap.WrappedDek;

/**
 * A wrap that the store has anyway, with a key context that is known to be right.
 *
 * @param keychainId the keychain that has it
 * @param wrapped the wrap, from a record whose seal was checked
 * @param keyContext its key context
 */
record Canary(String keychainId, WrappedDek wrapped, EncryptionContext keyContext) {}
