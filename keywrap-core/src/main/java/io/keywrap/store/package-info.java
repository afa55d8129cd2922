/**
 * Where keychains are kept.
 *
 * <p>Here: the record of a keychain with its one canonical encoding, what a store must do, and a store in plain files.
 * Not here: keys. A store never sees one. Imports {@code io.keywrap}, {@code io.keywrap.codec} and
 * {@code io.keywrap.file}. Start with {@link io.keywrap.store.KeychainStore} and
 * {@link io.keywrap.store.FileKeychainStore}.
 */
@NullMarked
package io.keywrap.store;

import org.jspecify.annotations.NullMarked;
