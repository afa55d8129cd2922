package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.codec.Json;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.rewrap.RewrapReport.Item;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a job would do: its dry run.
 *
 * <p>The calls are those of a run without a fault, in a process that has just begun: seal keys and DEKs that it keeps in memory
 * are not taken into account.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param keychains keychains that the job would change
 * @param deks DEKs that it would work on
 * @param already DEKs of the keychains it would look at that need nothing
 * @param unknownVersions wraps under KEKs to be renewed of which it is not known with which version they were made; the job
 *     leaves them as they are
 * @param problems what the job could not do, as far as it shows without a call; the first {@link RewrapReport#MOST_ITEMS}
 * @param calls how often it would ask which KEK for what, in order of the URIs
 * @param estimate how long it would take: the longer of what the rate allows, and of what the concurrency does if each call
 *     takes {@link #LATENCY}
 */
public record RewrapPlan(
        long keychains,
        long deks,
        long already,
        long unknownVersions,
        List<Item> problems,
        List<Calls> calls,
        Duration estimate) {
    /** How long a call is taken to last. */
    public static final Duration LATENCY = Duration.ofMillis(50);

    /**
     * Copies the lists.
     *
     * @param keychains keychains that the job would change
     * @param deks DEKs that it would work on
     * @param already DEKs that need nothing
     * @param unknownVersions wraps of which the version is not known
     * @param problems what the job could not do
     * @param calls how often it would ask which KEK for what
     * @param estimate how long it would take
     */
    public RewrapPlan {
        problems = List.copyOf(problems);
        calls = List.copyOf(calls);
    }

    /**
     * The calls of each kind of KMS.
     *
     * @return by the scheme of the KEKs, such as {@code aws-kms}, and by operation; in order
     */
    public Map<String, Map<Operation, Long>> perCloud() {
        Map<String, Map<Operation, Long>> sums = new TreeMap<>();
        for (Calls one : calls) {
            sums.computeIfAbsent(one.kekId().scheme(), scheme -> new EnumMap<>(Operation.class))
                    .merge(one.operation(), one.count(), Long::sum);
        }
        return sums;
    }

    /**
     * All of it, for machines. Names may be added in later releases.
     *
     * @return a JSON object (RFC 8259) over several lines
     */
    public String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("keychains", keychains);
        map.put("deks", deks);
        map.put("already", already);
        map.put("unknownVersions", unknownVersions);
        map.put("calls", calls.stream().map(Calls::toMap).toList());
        List<Map<String, Object>> clouds = new ArrayList<>();
        perCloud().forEach((scheme, sums) -> {
            Map<String, Object> cloud = new LinkedHashMap<>();
            cloud.put("scheme", scheme);
            sums.forEach((operation, count) -> cloud.put(operation.name(), count));
            clouds.add(cloud);
        });
        map.put("perCloud", clouds);
        map.put("estimateSeconds", estimate.toMillis() / 1000.0);
        map.put("problems", problems.stream().map(Item::toMap).toList());
        map.put("warning", Rewrap.WARNING);
        return Json.of(map);
    }

    /**
     * How often a KEK is asked for something.
     *
     * @param kekId the KEK; of {@link Operation#REWRAP} the old one, though the rate of both is taken
     * @param operation for what
     * @param count how often
     */
    public record Calls(KekId kekId, Operation operation, long count) {
        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("kek", kekId.uri());
            map.put("operation", operation.name());
            map.put("count", count);
            return map;
        }
    }
}
