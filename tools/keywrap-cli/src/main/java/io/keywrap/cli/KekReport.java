package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekStates;
import io.keywrap.revocation.Drill.Answer;
import io.keywrap.revocation.Drill.Outcome;
import io.keywrap.revocation.Drill.Report;
import io.keywrap.revocation.KekInventory;
import io.keywrap.revocation.KekInventory.Use;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a store depends on and, where its KEKs were asked, what they have answered: as it is printed, and as an exit code. */
final class KekReport {
    private final KekInventory inventory;
    private final Optional<Report> drill;
    private final KekStates states;
    private final Map<Version, List<Use>> uses = new LinkedHashMap<>();
    private final Map<Version, Answer> answers = new LinkedHashMap<>();

    private KekReport(KekInventory inventory, Optional<Report> drill, KekStates states, Predicate<KekId> shown) {
        this.inventory = inventory;
        this.drill = drill;
        this.states = states;
        inventory.uses().stream()
                .filter(use -> shown.test(use.kekId()))
                .forEach(use -> uses.computeIfAbsent(
                                new Version(use.kekId(), use.version()), version -> new ArrayList<>())
                        .add(use));
        drill.ifPresent(report ->
                report.answers().forEach(answer -> answers.put(new Version(answer.kekId(), answer.version()), answer)));
    }

    /** Of KEKs that were not asked. */
    static KekReport of(KekInventory inventory, KekStates states) {
        return new KekReport(inventory, Optional.empty(), states, kekId -> true);
    }

    /** Of KEKs that were asked: all of them, or one alone. */
    static KekReport of(Report report, KekStates states, Optional<KekId> only) {
        return new KekReport(
                report.inventory(),
                Optional.of(report),
                states,
                kekId -> only.isEmpty() || only.get().equals(kekId));
    }

    private record Version(KekId kekId, String name) {}

    /** A withdrawal counts most, since it is somebody's decision; then what is wrong here; an outage least. */
    int exitCode() {
        if (has(Outcome.REFUSED)) {
            return ExitCode.KEK;
        }
        boolean incomplete = drill.map(Report::incomplete).orElse(0) > 0;
        if (has(Outcome.DAMAGED)
                || incomplete
                || !inventory.unsealed().isEmpty()
                || !inventory.unreadable().isEmpty()) {
            return ExitCode.DATA;
        }
        if (has(Outcome.NOT_ASKED)) {
            return ExitCode.CONFIGURATION;
        }
        return has(Outcome.NO_ANSWER) ? ExitCode.TRY_AGAIN : ExitCode.DONE;
    }

    private boolean has(Outcome outcome) {
        return answers.values().stream().anyMatch(answer -> answer.outcome() == outcome);
    }

    /** Adds all of it to a result. */
    void addTo(JsonObject result) {
        result.addProperty("keychains", inventory.keychains());
        result.add("keks", Json.objects(List.copyOf(uses.keySet()), this::toJson));
        drill.ifPresent(report -> {
            result.addProperty("incomplete", report.incomplete());
            result.add("incompleteKeychains", Json.strings(report.incompleteKeychains()));
        });
        result.add("unsealed", Json.objects(inventory.unsealed(), unsealed -> {
            JsonObject one = new JsonObject();
            one.addProperty("keychain", unsealed.keychainId());
            one.addProperty("reason", unsealed.reason());
            return one;
        }));
        result.add("unreadable", Json.objects(inventory.unreadable(), unreadable -> {
            JsonObject one = new JsonObject();
            one.addProperty("place", unreadable.place());
            one.addProperty("reason", unreadable.reason());
            return one;
        }));
        result.addProperty("exitCode", exitCode());
    }

    private JsonObject toJson(Version version) {
        JsonObject one = new JsonObject();
        one.addProperty("kek", version.kekId.uri());
        one.addProperty("version", version.name);
        one.add("roles", Json.objects(uses.getOrDefault(version, List.of()), use -> {
            JsonObject role = new JsonObject();
            role.addProperty("role", use.role().name());
            role.addProperty("keychains", use.keychains());
            role.addProperty("deks", use.deks());
            return role;
        }));
        Answer answer = answers.get(version);
        if (answer != null) {
            one.addProperty("outcome", answer.outcome().name());
            one.addProperty("asked", answer.asked());
            one.addProperty("failed", answer.failed());
            standing(version).ifPresent(standing -> {
                one.addProperty("state", standing.state().name());
                one.addProperty("since", standing.since().toString());
                one.addProperty("reach", standing.reach().name());
            });
            answer.failure().ifPresent(failure -> addFailure(one, failure));
            if (answer.failed() > 0) {
                one.add("failedKeychains", Json.strings(answer.keychains()));
            }
        }
        return one;
    }

    /** What is known of the failure of a KEK. */
    static void addFailure(JsonObject one, KekException failure) {
        reason(failure).ifPresent(reason -> one.addProperty("reason", reason));
        failure.rawCode().ifPresent(code -> one.addProperty("code", code));
        failure.requestId().ifPresent(request -> one.addProperty("request", request));
        if (failure instanceof KekRevokedException revoked) {
            revoked.deletion().ifPresent(day -> one.addProperty("deletion", day.toString()));
        }
        one.addProperty("message", Failures.message(failure));
        one.addProperty("toDo", failure.operatorAction());
    }

    /** In one word, where there is one. */
    static Optional<String> reason(KekException failure) {
        return failure instanceof KekRevokedException revoked
                ? Optional.of(revoked.reason().name())
                : Optional.empty();
    }

    private Optional<KekStanding> standing(Version version) {
        return states.of(version.kekId, version.name, Operation.UNWRAP);
    }

    /** A row for each role of each version, then what is wrong. */
    List<String> lines() {
        List<String> header = List.of("KEK", "VERSION", "ROLE", "KEYCHAINS", "DEKS");
        Table table = new Table(drill.isEmpty() ? header : with(header, "UNWRAPPED", "STATE", "SINCE"));
        uses.forEach((version, roles) -> {
            roles.forEach(use -> table.add(row(version, use)));
            Optional.ofNullable(answers.get(version))
                    .flatMap(Answer::failure)
                    .ifPresent(failure -> table.note("! " + Failures.message(failure)));
        });
        List<String> lines = new ArrayList<>(table.isEmpty() ? List.of() : table.lines());
        inventory.unsealed().forEach(one -> lines.add("! " + one.reason()));
        inventory.unreadable().forEach(one -> lines.add("! " + one.place() + ": " + one.reason()));
        drill.filter(report -> report.incomplete() > 0)
                .ifPresent(report -> lines.add("! " + Sizes.counted(report.incomplete(), "DEK")
                        + " without a wrap of a recipient, in " + String.join(", ", report.incompleteKeychains())
                        + "; to do: keychain repair"));
        lines.add(summary());
        return lines;
    }

    private List<String> row(Version version, Use use) {
        List<String> cells = List.of(
                version.kekId.uri(),
                version.name.isEmpty() ? "-" : version.name,
                use.role().name(),
                String.valueOf(use.keychains()),
                String.valueOf(use.deks()));
        if (drill.isEmpty()) {
            return cells;
        }
        Answer answer = answers.get(version);
        if (answer == null) {
            return with(cells, "-", "not asked", "-");
        }
        Optional<KekStanding> standing = standing(version);
        return with(
                cells,
                answer.asked() - answer.failed() + " of " + answer.asked(),
                state(standing, answer),
                standing.map(one -> one.reach() == KekReach.ANSWERS ? one.since() : one.reachSince())
                        .map(Object::toString)
                        .orElse("-"));
    }

    private static String state(Optional<KekStanding> standing, Answer answer) {
        return Stream.of(
                        standing.map(one -> one.state().name()),
                        answer.failure().flatMap(KekReport::reason),
                        standing.filter(one -> one.reach() != KekReach.ANSWERS)
                                .map(one -> one.reach().name()),
                        Optional.of(answer.outcome())
                                .filter(outcome -> outcome == Outcome.DAMAGED || outcome == Outcome.NOT_ASKED)
                                .map(Outcome::name))
                .flatMap(Optional::stream)
                .collect(Collectors.joining(" "));
    }

    private static List<String> with(List<String> cells, String... more) {
        return Stream.concat(cells.stream(), Stream.of(more)).toList();
    }

    private String summary() {
        String examined =
                Sizes.counted(inventory.keychains(), "keychain") + ", " + Sizes.counted(uses.size(), "KEK version");
        if (drill.isEmpty()) {
            return examined;
        }
        Map<Outcome, Long> counts = answers.values().stream()
                .collect(Collectors.groupingBy(Answer::outcome, LinkedHashMap::new, Collectors.counting()));
        return examined + ": " + (counts.isEmpty() ? "none asked" : "")
                + Stream.of(Outcome.values())
                        .filter(counts::containsKey)
                        .map(outcome -> counts.get(outcome) + " " + outcome)
                        .collect(Collectors.joining(", "));
    }
}
