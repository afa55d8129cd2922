package io.keywrap.onboarding;

import static io.keywrap.onboarding.KekOperation.STATUS;
import static io.keywrap.onboarding.KekOperation.UNWRAP;
import static io.keywrap.onboarding.KekOperation.WRAP;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A task of the vendor's product, with the fewest operations that it needs. One principal may have several. */
public enum PolicyRole {
    /**
     * Writes backups under DEKs of its own: wraps, and cannot read what it wrote. A host that goes on with the primary DEK of
     * an earlier run has to unwrap it, so it needs {@link #RESTORE} too.
     */
    BACKUP(WRAP),
    /** Reads backups: unwraps. */
    RESTORE(UNWRAP),
    /** Moves DEKs to another version of the KEK, or to and from another KEK. */
    REWRAP(WRAP, UNWRAP, KekOperation.REWRAP, STATUS),
    /** Watches for a KEK that is withdrawn: reads its state, and unwraps a canary. */
    MONITOR(UNWRAP, STATUS);

    private final Set<KekOperation> operations;

    PolicyRole(KekOperation... operations) {
        this.operations = Collections.unmodifiableSet(EnumSet.copyOf(List.of(operations)));
    }

    /**
     * What the task needs.
     *
     * @return one or more operations, in the order of the enum
     */
    public Set<KekOperation> operations() {
        return operations;
    }
}
