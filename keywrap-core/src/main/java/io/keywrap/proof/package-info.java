/**
 * What proves records and DEKs: the seal of a record, the check value of a DEK.
 *
 * <p>Here: reading and writing of sealed records, making and unwrapping of DEKs. Not here: which DEK serves what. Not
 * exported. Imports {@code io.keywrap}, {@code io.keywrap.provider}, {@code io.keywrap.store} and
 * {@code io.keywrap.crypto}. Start with {@link io.keywrap.proof.SealedRecords}.
 */
@NullMarked
package io.keywrap.proof;

import org.jspecify.annotations.NullMarked;
