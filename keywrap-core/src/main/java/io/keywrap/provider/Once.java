package io.keywrap.provider;

import io.keywrap.Deadline;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A deadline that is fixed when it is needed first, for one thread: what is kept needs none. */
final class Once {
    private final Supplier<Deadline> make;
    private @Nullable Deadline made;

    Once(Supplier<Deadline> make) {
        this.make = make;
    }

    Deadline get() {
        @Nullable Deadline known = made;
        if (known == null) {
            known = make.get();
            made = known;
        }
        return known;
    }
}
