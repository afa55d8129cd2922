package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.codec.Json;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.proof.SealedRecords;
import io.keywrap.proof.SealedScan;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.Drill;
import io.keywrap.revocation.Drill.Answer;
import io.keywrap.revocation.Drill.Outcome;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives up an old KEK before the time of its RETAINED wraps is over; and never before it is proven that nothing needs it.
 *
 * <pre>{@code
 * CutOver.Report report = CutOver.from(oldKek).run(store, providers, KeychainSeal.wrappedBy(vendorKek));
 * report.refusals().forEach(refusal -> print(refusal));
 * }</pre>
 *
 * <p>Three steps, each only after the one before:
 *
 * <ol>
 *   <li>No record of the store has the KEK as CONTROL or REPLICA, and all can be read and believed ({@link Dependents}).
 *   <li>A {@link Drill} takes the KEK for gone: every wrap of every DEK under the recipients that remain is unwrapped and held
 *       against the check value. One that does not open refuses all of it.
 *   <li>The time of its RETAINED wraps is ended, and a {@link Rewrap} job drops them, which proves each DEK once more.
 * </ol>
 *
 * <p>What refuses is told, and nothing has changed then. After an end by force it is run again, and does the rest.
 *
 * <p><b>Security:</b> a wrap that is dropped does not come back, except from a backup of the store. The KEK itself is not asked, so it
 * may be disabled already, which is a good test. {@link Rewrap#WARNING} holds.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * <p><b>Source:</b> docs/guides/rotation.md.
 */
public final class CutOver {
    private static final int ATTEMPTS = 10;

    private final KekId old;
    private final double rate;
    private final int concurrency;

    private CutOver(KekId old, double rate, int concurrency) {
        this.old = old;
        this.rate = rate;
        this.concurrency = concurrency;
    }

    /**
     * Begins a cut-over.
     *
     * @param old the KEK to give up
     * @return the cut-over, of 50 calls a second and 16 at once
     */
    public static CutOver from(KekId old) {
        return new CutOver(old, 50, 16);
    }

    /**
     * How often each KEK is asked while wraps are dropped; the drill before it is bounded by {@link #concurrency} alone.
     *
     * @param callsPerSecond as of {@link Rewrap.Builder#rate}
     * @return another cut-over
     * @throws IllegalArgumentException if it is out of its range
     */
    public CutOver rate(double callsPerSecond) {
        return new CutOver(old, Settings.requireRate(callsPerSecond), concurrency);
    }

    /**
     * How many calls are under way at once, in the drill too.
     *
     * @param calls 1 to 256
     * @return another cut-over
     * @throws IllegalArgumentException if it is out of its range
     */
    public CutOver concurrency(int calls) {
        return new CutOver(old, rate, Settings.requireConcurrency(calls));
    }

    /**
     * Does it, and waits for the end.
     *
     * @param store the keychains
     * @param providers the KEKs
     * @param seal who vouches for the records
     * @return what was found and done
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read or written; what was done before stays
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     * @throws java.util.concurrent.CancellationException if the thread was interrupted during the drill; it stays so
     */
    public Report run(KeychainStore store, KeyProviders providers, KeychainSeal seal) {
        Dependents before = Dependents.of(old).read(store, providers, seal);
        if (before.neededToOpen()) {
            return new Report(before, Optional.empty(), Optional.empty());
        }
        Rewrap job = Rewrap.builder(store, providers)
                .seal(seal)
                .rate(rate)
                .concurrency(concurrency)
                .filter(KeychainFilter.all().withKek(old))
                .dropRetained()
                .build();
        Drill.Report drill = Drill.builder(store, providers)
                .seal(seal)
                .without(old)
                .concurrency(concurrency)
                .build()
                .run();
        if (!drill.allOpen()) {
            return new Report(before, Optional.of(drill), Optional.empty());
        }
        SealedRecords records = new SealedRecords(store, providers, seal.kekId());
        Instant now = providers.time().now();
        new SealedScan(store, records, record -> endRetention(records, record, now), (keychainId, reason) -> {})
                .over(KeychainFilter.all());
        RewrapReport dropped = job.run();
        return new Report(Dependents.of(old).read(store, providers, seal), Optional.of(drill), Optional.of(dropped));
    }

    private void endRetention(SealedRecords records, KeychainRecord read, Instant now) {
        KeychainRecord current = read;
        for (int attempt = 1; !ended(current, now).equals(current.recipients()); attempt++) {
            List<Recipient> ended = ended(current, now);
            try {
                records.replace(current, next -> next.recipients(ended));
                return;
            } catch (KeychainConflictException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                current = records.load(read.keychainId());
            }
        }
    }

    /** The recipients of a record with the time of this KEK's wraps over; the same if it has none that is only kept. */
    private List<Recipient> ended(KeychainRecord current, Instant now) {
        boolean kept = current.deks().stream().map(this::role).anyMatch(role -> role == Role.RETAINED);
        if (!kept) {
            return current.recipients();
        }
        List<Recipient> ended = new ArrayList<>(current.recipients());
        Optional<Recipient> named = ended.stream()
                .filter(recipient -> recipient.kekId().equals(old))
                .findFirst();
        Recipient over = new Recipient(Role.RETAINED, old, Optional.of(now));
        if (named.isEmpty()) {
            ended.add(over);
        } else if (isKeptLonger(named.get(), now)) {
            ended.set(ended.indexOf(named.get()), over);
        }
        return ended;
    }

    private Role role(DekEntry entry) {
        return entry.wrapUnder(old).map(KeychainRecord.Wrap::role).orElse(Role.CONTROL);
    }

    private static boolean isKeptLonger(Recipient recipient, Instant now) {
        return recipient.role() == Role.RETAINED
                && recipient.until().filter(until -> !until.isAfter(now)).isEmpty();
    }

    /**
     * What a cut-over has found and done.
     *
     * @param dependents what depends on the KEK: after the work, or before if something refuses
     * @param drill whether all opens without it; empty if it is needed
     * @param dropped what the job has done that drops its wraps; empty if something refuses
     */
    public record Report(Dependents dependents, Optional<Drill.Report> drill, Optional<RewrapReport> dropped) {
        /**
         * Whether the KEK is given up: no DEK of the store has a wrap of it any more.
         *
         * @return false if something refuses, or is left to do
         */
        public boolean done() {
            return dropped.isPresent()
                    && !dependents.neededToOpen()
                    && dependents.count(Need.RETAINED).keychains() == 0;
        }

        /**
         * Why it was refused, or not completed.
         *
         * @return sentences for people; none if it is done
         */
        public List<String> refusals() {
            if (drill.isEmpty()) {
                return dependents.reasons();
            }
            List<String> refusals = new ArrayList<>();
            Drill.Report report = drill.get();
            if (report.incomplete() > 0) {
                refusals.add("DEKs that would not open without it, or lack a wrap: " + report.incomplete()
                        + ", in keychains such as " + String.join(", ", report.incompleteKeychains())
                        + "; repair these");
            }
            report.answers().stream()
                    .filter(answer -> answer.outcome() != Outcome.OPENS)
                    .forEach(answer -> refusals.add(sentence(answer)));
            int unknown = report.inventory().unsealed().size()
                    + report.inventory().unreadable().size();
            if (unknown > 0) {
                refusals.add("records that cannot be read or believed: " + unknown);
            }
            if (dropped.isPresent() && !done()) {
                refusals.add("DEKs that keep a wrap of it, as they could not be proven once more: "
                        + dependents.count(Need.RETAINED).deks() + "; run it again");
            }
            return refusals;
        }

        private static String sentence(Answer answer) {
            return answer.kekId() + " did not open " + answer.failed() + " of " + answer.asked()
                    + " DEKs it was asked for: "
                    + answer.failure().map(Throwable::getMessage).orElse("no answer");
        }

        /**
         * For machines, and to be kept.
         *
         * @return an object of JSON, of several lines
         */
        public String toJson() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("kek", dependents.kekId().uri());
            map.put("done", done());
            map.put("needed", dependents.neededToOpen());
            map.put("proven", drill.map(Drill.Report::allOpen).orElse(false));
            map.put(
                    "dropped",
                    dropped.map(job -> job.count(RewrapReport.Outcome.DROPPED)).orElse(0L));
            map.put("refusals", refusals());
            map.put("warning", Rewrap.WARNING);
            return Json.of(map);
        }
    }
}
