package io.keywrap.gcp;

import org.jspecify.annotations.Nullable;

/**
 * Stands before an exception of Google's client, which cannot be serialised, in an exception of keywrap, which must be: what
 * is left of it elsewhere is its class and its message.
 */
final class GcpCause extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Throwable original;

    GcpCause(Throwable original) {
        super(original.toString(), null, true, false);
        this.original = original;
    }

    /** The exception itself; null once this one was serialised. */
    @Override
    public synchronized @Nullable Throwable getCause() {
        return original;
    }
}
