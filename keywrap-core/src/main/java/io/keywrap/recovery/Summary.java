package io.keywrap.recovery;

import io.keywrap.recovery.Finding.Kind;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How many findings of each kind a work on a store has had.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class Summary {
    private final long examined;
    private final Map<Kind, Long> counts;

    private Summary(Counter counter) {
        this.examined = counter.examined;
        this.counts = Collections.unmodifiableMap(new EnumMap<>(counter.counts));
    }

    /**
     * How many were looked at.
     *
     * @return keychains, or envelopes where those were given
     */
    public long examined() {
        return examined;
    }

    /**
     * How often something was found or done.
     *
     * @param kind what
     * @return 0 or more
     */
    public long count(Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    /**
     * Whether nobody has to look at anything.
     *
     * @return true if no finding was a problem
     */
    public boolean clean() {
        return counts.keySet().stream().noneMatch(Kind::problem);
    }

    /**
     * The counts.
     *
     * @return such as {@code Summary[3 examined, {ADDED=2, REFUSED=1}]}
     */
    @Override
    public String toString() {
        return "Summary[" + examined + " examined, " + counts + "]";
    }

    /** Counts what it passes on. For one thread. */
    static final class Counter {
        private final Consumer<Finding> findings;
        private final EnumMap<Kind, Long> counts = new EnumMap<>(Kind.class);
        private long examined;

        Counter(Consumer<Finding> findings) {
            this.findings = findings;
        }

        void examined() {
            examined++;
        }

        void add(Finding finding) {
            counts.merge(finding.kind(), 1L, Long::sum);
            findings.accept(finding);
        }

        Summary summary() {
            return new Summary(this);
        }
    }
}
