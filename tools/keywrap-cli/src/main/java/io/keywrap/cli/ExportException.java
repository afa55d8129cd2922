package io.keywrap.cli;

import io.keywrap.DataException;
import org.jspecify.annotations.Nullable;

/** A file is no export of a store, or no longer: exit code 3. */
final class ExportException extends DataException {
    private static final long serialVersionUID = 1L;

    ExportException(String message) {
        this(message, null);
    }

    ExportException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
