package io.keywrap.byok;

import io.keywrap.KekException;
import io.keywrap.byok.SlotRewraps.Work;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings every slot of a store under the current version of the vendor's KEK, or under another KEK of the vendor's, so that
 * the old one may go.
 *
 * <pre>{@code
 * ByokRewrap.Report report = ByokRewrap.of(slots).run();
 * report.left().forEach(item -> log(item.place() + " " + item.outcome() + ": " + item.message()));
 * }</pre>
 *
 * <p>What is moved are the uploaded keys and the keys of the seals, to the KEK that {@link ByokKms#builder} names; those under
 * another KEK are read only if {@link ByokKms.Builder#accept} names that. Keys, versions and states stay as they are, and so
 * does all work under way. Transport keys are in an envelope under a keychain, which {@code Rewrap} moves with all others.
 *
 * <p><b>Proof:</b> an uploaded key is recognised by its fingerprint and check value before it is wrapped again, and the new wrap is
 * unwrapped by its KMS and compared before the old one is replaced, by one compare-and-set for each slot.
 *
 * <p>It does nothing twice: run it again after a failure or a kill, or in several JVMs at once. It calls the KMS two or three times
 * for each wrap, one call after the other.
 *
 * <p><b>Errors:</b> a slot that cannot be moved is as it was, and is named in the report. After three slots in a row for which a
 * KEK of the vendor's did not answer the run stops. {@link io.keywrap.StoreUnavailableException} if the store cannot be read or written, and
 * {@link KekException} if the current version cannot be asked for; what was done before stays.
 *
 * <p><b>Thread safety:</b> immutable; calls block on the store and the KMS of the vendor's KEK.
 *
 * <p><b>Source:</b> docs/guides/byok.md.
 */
public final class ByokRewrap {
    /** How many slots a report names. */
    public static final int MOST_NAMED = 1_000;

    private static final int MOST_FAILURES = 3;

    private final ByokSlots slots;
    private final boolean untoldToo;

    private ByokRewrap(ByokSlots slots, boolean untoldToo) {
        this.slots = slots;
        this.untoldToo = untoldToo;
    }

    /**
     * Begins a re-wrap.
     *
     * @param slots the slots
     * @return the re-wrap
     */
    public static ByokRewrap of(ByokSlots slots) {
        return new ByokRewrap(slots, false);
    }

    /**
     * Also makes those wraps again that do not tell their version, as those of {@code kms:Encrypt} in AWS. They never will, so each
     * run makes them again; do it once after a rotation.
     *
     * @return another re-wrap
     */
    public ByokRewrap untoldToo() {
        return new ByokRewrap(slots, true);
    }

    /**
     * Tells what {@link #run()} would do, and changes nothing.
     *
     * @return a report with {@link Outcome#TO_DO} in the place of {@link Outcome#REWRAPPED}
     * @throws KekException if the current version cannot be asked for
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    public Report plan() {
        return new Run(true).all();
    }

    /**
     * Does it, and waits for the end. An interrupt of the thread ends it after the slot that it is at, and stays.
     *
     * @return what was done and what is left
     * @throws KekException if the current version cannot be asked for
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read or written
     */
    public Report run() {
        return new Run(false).all();
    }

    /** What has become of a slot. */
    public enum Outcome {
        /** Every wrap of it is under the current version. */
        CURRENT,
        /** It was moved just now. */
        REWRAPPED,
        /** It would be moved. */
        TO_DO,
        /** It has wraps under the KEK that do not tell their version. It may be REWRAPPED or TO_DO too, for its other wraps. */
        UNTOLD,
        /** It could not be read, believed or moved, and is as it was. */
        FAILED
    }

    /**
     * A slot with which something is left to do.
     *
     * @param place its name; that of the note, if it is no note of a slot
     * @param outcome TO_DO, UNTOLD or FAILED
     * @param message for people
     * @param failure why it failed; empty if it did not
     */
    public record Item(String place, Outcome outcome, String message, Optional<KekException> failure) {}

    /**
     * What a run has done.
     *
     * @param counts how many slots had each outcome; those that none had are not in it
     * @param left the first {@value #MOST_NAMED} slots with which something is left to do
     * @param stopped whether it has ended before the last slot: the vendor's KEK did not answer three times in a row, or the thread
     *     was interrupted
     */
    public record Report(Map<Outcome, Integer> counts, List<Item> left, boolean stopped) {
        /**
         * Copies both.
         *
         * @param counts how many slots had each outcome
         * @param left slots with which something is left to do
         * @param stopped whether it has ended before the last slot
         */
        public Report {
            counts = Map.copyOf(counts);
            left = List.copyOf(left);
        }

        /**
         * How many slots had an outcome.
         *
         * @param outcome which
         * @return 0 or more
         */
        public int count(Outcome outcome) {
            return counts.getOrDefault(outcome, 0);
        }

        /**
         * Whether every slot of the store is under the current version, as far as wraps tell.
         *
         * @return true if nothing is left
         */
        public boolean complete() {
            return left.isEmpty() && !stopped;
        }
    }

    /** One run over all slots. */
    private final class Run {
        private final boolean dry;
        private final SlotRewraps work = slots.rewraps(untoldToo);
        private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        private final List<Item> left = new ArrayList<>();
        private int failuresInARow;
        private boolean stopped;

        Run(boolean dry) {
            this.dry = dry;
        }

        Report all() {
            slots.notes().names(this::at);
            return new Report(counts, left, stopped);
        }

        private void at(String note) {
            stopped |= failuresInARow >= MOST_FAILURES || Thread.currentThread().isInterrupted();
            if (stopped) {
                return;
            }
            String place = note;
            try {
                place = slots.notes().slotOf(note);
                one(place);
                failuresInARow = 0;
            } catch (KekException e) {
                failuresInARow = ByokSlots.isOutage(e) ? failuresInARow + 1 : failuresInARow;
                count(Outcome.FAILED, place, String.valueOf(e.getMessage()), Optional.of(e));
            }
        }

        private void one(String slot) {
            Work found = work.workOn(slots.record(slot));
            if (found.wraps() > 0 && dry) {
                count(Outcome.TO_DO, slot, wraps(found.wraps()) + " to be made again", Optional.empty());
            } else if (found.wraps() > 0) {
                slots.rewrap(slot, work);
                counts.merge(Outcome.REWRAPPED, 1, Integer::sum);
            }
            if (found.untold() > 0) {
                String what = wraps(found.untold())
                        + " without a version; to do: after each rotation, once, have these made again too (untoldToo)";
                count(Outcome.UNTOLD, slot, what, Optional.empty());
            } else if (found.wraps() == 0) {
                counts.merge(Outcome.CURRENT, 1, Integer::sum);
            }
        }

        private void count(Outcome outcome, String place, String message, Optional<KekException> failure) {
            counts.merge(outcome, 1, Integer::sum);
            if (left.size() < MOST_NAMED) {
                left.add(new Item(place, outcome, message, failure));
            }
        }
    }

    private static String wraps(int count) {
        return count + (count == 1 ? " wrap" : " wraps");
    }
}
