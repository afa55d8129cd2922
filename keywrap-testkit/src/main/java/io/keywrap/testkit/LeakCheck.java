package io.keywrap.testkit;

import io.keywrap.DekLease;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Finds leases that nobody closed: keys that stay in memory.
 *
 * <pre>{@code
 * LeakCheck leaks = LeakCheck.forLeases();
 * KeyProviders providers = KeyProviders.builder().register(kms).onLease(leaks.observer()).build();
 * // … the test …
 * leaks.assertNoOpenLease();
 * }</pre>
 *
 * <p>Readers, writers and channels of {@code EnvelopeCipher} hold a lease until they are closed, so they are found too; a
 * writer only until it commits. Leases of {@code KeyProviders} that do not have the observer are not seen.
 * {@link KeywrapExtension} does all this by itself.
 *
 * <p><b>Security:</b> it keeps a reference to each lease until the lease is closed, and where it was taken; no key. It
 * closes nothing.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class LeakCheck {
    private final List<Taken> open = new ArrayList<>();

    private LeakCheck() {}

    /**
     * Begins to watch.
     *
     * @return a check that has seen no lease yet
     */
    public static LeakCheck forLeases() {
        return new LeakCheck();
    }

    /**
     * What sees the leases.
     *
     * @return for {@code KeyProviders.builder().onLease(…)}; one check may watch several providers
     */
    public Consumer<DekLease> observer() {
        return this::taken;
    }

    /**
     * Fails if a lease is open. Each is reported once, so that one leak fails one test.
     *
     * @throws AssertionError with the id of each DEK and the place where its lease was taken; the whole stacks are its
     *     suppressed exceptions
     */
    public void assertNoOpenLease() {
        List<Taken> leaked;
        synchronized (open) {
            open.removeIf(Taken::isClosed);
            leaked = List.copyOf(open);
            open.clear();
        }
        if (!leaked.isEmpty()) {
            throw failure(leaked);
        }
    }

    private void taken(DekLease lease) {
        Taken taken = new Taken(lease, new Place("the lease of DEK " + lease.dekId() + " was taken here"));
        synchronized (open) {
            open.removeIf(Taken::isClosed);
            open.add(taken);
        }
    }

    private static AssertionError failure(List<Taken> leaked) {
        StringBuilder message = new StringBuilder(leaked.size() == 1 ? "a lease is" : leaked.size() + " leases are")
                .append(" still open; close leases, and the readers, writers and channels that hold them:");
        for (Taken taken : leaked) {
            message.append("\n  DEK ").append(taken.lease().dekId()).append(", taken ");
            message.append(taken.place().inTheCallersCode());
        }
        AssertionError failure = new AssertionError(message.toString());
        leaked.forEach(taken -> failure.addSuppressed(taken.place()));
        return failure;
    }

    private record Taken(DekLease lease, Place place) {
        boolean isClosed() {
            return lease.isClosed();
        }
    }

    /** A stack, to be shown with a failure. */
    private static final class Place extends Exception {
        private static final long serialVersionUID = 1L;
        private static final Pattern NOT_THE_CALLERS = Pattern.compile("(io\\.keywrap|javax?|jdk|sun)\\..*");

        Place(String message) {
            super(message);
        }

        /** The first frame that is neither keywrap's nor the JDK's, in the form that development environments link. */
        String inTheCallersCode() {
            for (StackTraceElement frame : getStackTrace()) {
                if (!NOT_THE_CALLERS.matcher(frame.getClassName()).matches()) {
                    return "at " + frame;
                }
            }
            return "in a thread that runs keywrap's code alone";
        }
    }
}
