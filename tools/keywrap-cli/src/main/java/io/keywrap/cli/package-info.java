/**
 * The keywrap command.
 *
 * <p>Here: options, passwords, files and folders, messages and exit codes. Not here: anything of keys or of the format,
 * which is the library's. Imports the library's exported packages, and {@code io.keywrap.file} for targets that appear
 * whole or not at all. Start with {@link io.keywrap.cli.CommandTree}.
 */
@NullMarked
package io.keywrap.cli;

import org.jspecify.annotations.NullMarked;
