package io.keywrap.onboarding;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** A task of the vendor's product, with the fewest operations that it needs. One principal may have several. */
public enum PolicyRole {
    /**
     * Writes backups under DEKs of its own: has them made and wraps them, and cannot read what it wrote. A host that goes on with the primary DEK of
     * an earlier run has to unwrap it, so it needs {@link #RESTORE} too.
     */
    BACKUP,
    /** Reads backups: unwraps. */
    RESTORE,
    /** Moves DEKs to another version of the KEK, or to and from another KEK. It makes none. */
    REWRAP,
    /** Watches for a KEK that is withdrawn: reads its state, and unwraps a canary. */
    MONITOR;

    /**
     * What the task needs.
     *
     * @return one or more operations, unmodifiable, in the order of the enum
     */
    public Set<KekOperation> operations() {
        EnumSet<KekOperation> operations = switch (this) {
            case BACKUP -> EnumSet.of(KekOperation.WRAP, KekOperation.GENERATE);
            case RESTORE -> EnumSet.of(KekOperation.UNWRAP);
            case REWRAP -> EnumSet.complementOf(EnumSet.of(KekOperation.GENERATE));
            case MONITOR -> EnumSet.of(KekOperation.UNWRAP, KekOperation.STATUS);
        };
        return Collections.unmodifiableSet(operations);
    }
}
