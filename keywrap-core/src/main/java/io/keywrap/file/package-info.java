/**
 * Files that appear whole or not at all.
 *
 * <p>Here: write beside the target, force to disk, rename. Not here: what is written. Not exported; imports nothing of
 * keywrap. Start with {@link io.keywrap.file.AtomicFile}.
 */
@NullMarked
package io.keywrap.file;

import org.jspecify.annotations.NullMarked;
