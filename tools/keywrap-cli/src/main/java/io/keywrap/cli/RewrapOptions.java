package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.rewrap.CutOver;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.store.KeyManagement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is moved where, and how fast: the options of {@link Rewrap}. */
final class RewrapOptions {
    @Option(
            names = "--from",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "The old KEK. Repeatable, each with its --to, in the same order. Default: none.")
    private List<KekId> from = List.of();

    @Option(
            names = "--to",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "The new KEK, which gets the role of the old one, CONTROL or REPLICA. Default: none.")
    private List<KekId> to = List.of();

    @Option(
            names = "--renew",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description =
                    "A KEK whose DEKs are moved to its current version; the old wraps are not kept. Repeatable. Default:"
                            + " none.")
    private List<KekId> renew = List.of();

    @Option(
            names = "--drop-retained",
            description = "Drop the wraps of all RETAINED KEKs whose time is over. Default: those of --from alone.")
    private boolean dropRetained;

    @Option(
            names = "--retain",
            paramLabel = "TIME",
            converter = Converters.Time.class,
            defaultValue = "90d",
            description =
                    "How long the wraps of the old KEK are kept, such as 30d; 0d for not at all. Default: ${DEFAULT-VALUE}.")
    private Duration retain = Duration.ofDays(90);

    @Option(
            names = "--change-to",
            paramLabel = "WHOM",
            description =
                    "Record in moved keychains who holds their KEKs from now on, VENDOR or CUSTOMER; those that are not"
                            + " migratable are left as they are, and told. Default: as it is.")
    private Optional<KeyManagement> changeTo = Optional.empty();

    @Mixin
    private PaceOptions pace = new PaceOptions();

    @Option(
            names = "--resume",
            description =
                    "Begin where an earlier run of the same job has ended, if the store has a note of it; what lies before is"
                            + " gone over at the end. Default: begin at the beginning, which does nothing twice either.")
    private boolean resume;

    @Option(
            names = "--cut-over",
            description =
                    "Give --from up at once, after it is proven that nothing needs it. Default: its wraps are kept for their"
                            + " time.")
    private boolean cutOver;

    /** Refuses what cannot be meant. */
    void check(boolean dryRun) {
        if (from.size() != to.size() && !(cutOver && to.isEmpty())) {
            throw new UsageException("each --from has its --to");
        }
        if (!isWork() && !cutOver) {
            throw new UsageException("say what to do: --from and --to, --renew, --drop-retained or --cut-over");
        }
        if (cutOver && (from.isEmpty() || dryRun)) {
            throw new UsageException(
                    from.isEmpty()
                            ? "--cut-over goes with --from"
                            : "--cut-over has no dry run: ask 'keywrap kek dependents'");
        }
        pace.check();
        if (changeTo.isPresent() && to.isEmpty()) {
            throw new UsageException("--change-to goes with --from and --to");
        }
    }

    List<KekId> from() {
        return from;
    }

    boolean cutOver() {
        return cutOver;
    }

    /** Whether there is anything to do but a cut-over. */
    boolean isWork() {
        return !to.isEmpty() || !renew.isEmpty() || dropRetained;
    }

    Rewrap.Builder applyTo(Rewrap.Builder job) {
        try {
            for (int i = 0; i < to.size(); i++) {
                job.move(from.get(i), to.get(i));
            }
            renew.forEach(job::renew);
            job.retain(retain);
            job.rate(pace.rate()).concurrency(pace.concurrency());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        changeTo.ifPresent(job::keyManagement);
        if (dropRetained) {
            job.dropRetained();
        }
        return resume ? job.resume() : job;
    }

    /** How fast. */
    CutOver pace(CutOver work) {
        return work.rate(pace.rate()).concurrency(pace.concurrency());
    }
}
