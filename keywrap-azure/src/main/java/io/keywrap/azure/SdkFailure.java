package io.keywrap.azure;

import org.jspecify.annotations.Nullable;

/**
 * What the SDK threw, as the cause of one of keywrap's exceptions, which can be serialised where those of the SDK cannot: its text
 * goes along, the exception itself stays in this JVM.
 */
final class SdkFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Throwable original;

    SdkFailure(Throwable original) {
        super(original.toString(), null, false, false);
        this.original = original;
    }

    @Override
    public synchronized @Nullable Throwable getCause() {
        return original;
    }
}
