package io.keywrap.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.keywrap.KekException;
import io.keywrap.provider.KekStates;
import io.keywrap.rewrap.CutOver;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapPlan;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a job would do or has done: as it is printed, and as an exit code. */
final class RewrapResult {
    private static final int SHOWN = 20;

    /** Which of several counts: a withdrawal most, since it is somebody's decision; what passes by itself least. */
    private static final List<Integer> WORST_FIRST = List.of(
            ExitCode.KEK, ExitCode.DATA, ExitCode.CONFIGURATION, ExitCode.USAGE, ExitCode.OTHER, ExitCode.TRY_AGAIN);

    private final JsonObject json = new JsonObject();
    private final JsonArray cutOvers = new JsonArray();
    private final List<String> lines = new ArrayList<>();
    private int exitCode = ExitCode.DONE;

    void add(RewrapPlan plan) {
        addAll(plan.toJson());
        plan.problems().forEach(this::count);
        lines.add("dry run: nothing was changed");
        lines.add(Sizes.counted(plan.keychains(), "keychain") + " would be changed, "
                + Sizes.counted(plan.deks(), "DEK") + "; " + Sizes.counted(plan.already(), "DEK") + " need nothing");
        if (plan.unknownVersions() > 0) {
            lines.add(Sizes.counted(plan.unknownVersions(), "wrap")
                    + " do not tell their version, and would stay as they are");
        }
        Table table = new Table(List.of("KEK", "OPERATION", "CALLS"));
        plan.calls()
                .forEach(one ->
                        table.add(List.of(one.kekId().uri(), one.operation().name(), String.valueOf(one.count()))));
        if (!table.isEmpty()) {
            lines.addAll(table.lines());
        }
        plan.perCloud()
                .forEach((scheme, sums) -> lines.add(scheme + ": "
                        + sums.entrySet().stream()
                                .map(sum -> sum.getValue() + " " + sum.getKey())
                                .collect(Collectors.joining(", "))));
        lines.add("about " + time(plan.estimate()) + " at this rate");
        show(plan.problems(), 0);
        lines.add(Rewrap.WARNING);
    }

    void add(RewrapReport report) {
        addAll(report.toJson());
        report.items().forEach(this::count);
        if (report.cancelled()) {
            worsen(ExitCode.TRY_AGAIN);
        }
        for (Outcome outcome : Outcome.values()) {
            if (report.count(outcome) > 0) {
                lines.add(outcome + " " + report.count(outcome));
                worsen(outcome.isFailure() && !outcomeTold(report, outcome) ? codeOf(outcome) : ExitCode.DONE);
            }
        }
        show(report.items(), report.moreItems());
        lines.add(Sizes.counted(report.keychains(), "keychain") + ", " + time(report.elapsed())
                + (report.complete() ? "" : report.cancelled() ? ": CANCELLED, run it again" : ": NOT COMPLETE"));
        lines.add(Rewrap.WARNING);
    }

    /** Whether its items have said what it is. */
    private static boolean outcomeTold(RewrapReport report, Outcome outcome) {
        return report.items().stream().anyMatch(item -> item.outcome() == outcome);
    }

    void add(CutOver.Report report, KekStates states) {
        cutOvers.add(JsonParser.parseString(report.toJson()));
        if (report.done()) {
            lines.add(report.dependents().kekId() + " is given up: no DEK of this store has a wrap of it");
            if (report.dropped().map(job -> job.count(Outcome.DROPPED)).orElse(0L) == 0) {
                lines.add(
                        "note: there was no wrap of it to be dropped: compare its URI with those of 'keywrap kek list'");
            }
            return;
        }
        lines.add("! " + report.dependents().kekId() + " is NOT given up:");
        report.refusals().forEach(refusal -> lines.add("- " + refusal));
        Optional<Integer> drilled = report.drill()
                .map(drill -> KekReport.of(drill, states, Optional.empty()).exitCode());
        if (drilled.filter(code -> code != ExitCode.DONE).isPresent()) {
            worsen(drilled.get());
        } else if (report.dropped().isPresent()) {
            report.dropped().get().items().forEach(this::count);
            worsen(ExitCode.TRY_AGAIN);
        } else {
            worsen(KekDependentsCommand.exitCode(report.dependents()));
        }
    }

    private void addAll(String object) {
        JsonParser.parseString(object)
                .getAsJsonObject()
                .entrySet()
                .forEach(member -> json.add(member.getKey(), member.getValue()));
    }

    private void show(List<Item> items, long more) {
        items.stream().limit(SHOWN).forEach(item -> lines.add(line(item)));
        long left = items.size() + more - SHOWN;
        if (left > 0) {
            lines.add("! and " + left + " more: see --json");
        }
    }

    private static String line(Item item) {
        String where = item.keychainId()
                + item.dekId()
                        .map(dek -> (item.keychainId().isEmpty() ? "" : " ") + "DEK " + dek)
                        .orElse("");
        return "! " + item.outcome() + (where.isEmpty() ? "" : " " + where) + ": " + item.message();
    }

    private void count(Item item) {
        worsen(codeOf(item));
    }

    private static int codeOf(Item item) {
        Optional<KekException> failure = item.failure();
        return failure.isPresent() ? ExitCode.of(failure.get()) : codeOf(item.outcome());
    }

    private static int codeOf(Outcome outcome) {
        return switch (outcome) {
            case MOVED, DROPPED, ROTATED, ALREADY -> ExitCode.DONE;
            case FAILED_OLD_KEK, FAILED_NEW_KEK, FAILED_SEAL_KEK -> ExitCode.OTHER;
            case CORRUPT_WRAP, SEAL_BROKEN -> ExitCode.DATA;
            case NOT_MIGRATABLE, NOT_RECIPIENT, NO_ROOM -> ExitCode.USAGE;
            case CONFLICT, STORE, NOT_DROPPED, CANCELLED -> ExitCode.TRY_AGAIN;
        };
    }

    private void worsen(int code) {
        int before = WORST_FIRST.indexOf(exitCode);
        int now = WORST_FIRST.indexOf(code);
        if (now >= 0 && (before < 0 || now < before)) {
            exitCode = code;
        }
    }

    private static String time(Duration duration) {
        long seconds = Math.max(1, (duration.toMillis() + 500) / 1000);
        return seconds < 120
                ? seconds + " s"
                : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
    }

    int exitCode() {
        return exitCode;
    }

    List<String> lines() {
        return lines;
    }

    void addTo(JsonObject result) {
        json.entrySet().forEach(member -> result.add(member.getKey(), member.getValue()));
        if (!cutOvers.isEmpty()) {
            result.add("cutOver", cutOvers);
        }
        result.addProperty("exitCode", exitCode);
    }
}
