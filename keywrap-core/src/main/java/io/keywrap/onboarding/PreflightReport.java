package io.keywrap.onboarding;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.codec.Json;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@link Preflight} has found out about one KEK.
 *
 * <p>A check that the KMS does not have, or that could not be made since another failed, has no line.
 *
 * <p><b>Security:</b> it holds no key byte and no context value, and can be shown to the customer.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class PreflightReport {
    private static final String INVISIBLE = "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]";

    private static final int LABEL_COLUMNS = 22;

    private final KekId kekId;
    private final List<Line> lines;

    PreflightReport(KekId kekId, List<Line> lines) {
        this.kekId = kekId;
        this.lines = lines.stream().sorted(Comparator.comparing(Line::check)).toList();
    }

    /**
     * Which KEK.
     *
     * @return its id
     */
    public KekId kekId() {
        return kekId;
    }

    /**
     * What was found out.
     *
     * @return an unmodifiable list in the order of {@link PreflightCheck}, at most one line for each
     */
    public List<Line> lines() {
        return lines;
    }

    /**
     * What was found out by one check.
     *
     * @param check the check
     * @return its line; empty if it was not made
     */
    public Optional<Line> line(PreflightCheck check) {
        return lines.stream().filter(line -> line.check() == check).findFirst();
    }

    /**
     * The worst of all lines.
     *
     * @return {@link Verdict#FAIL} if the KEK cannot be used as it is
     */
    public Verdict verdict() {
        return lines.stream().map(Line::verdict).max(Comparator.naturalOrder()).orElse(Verdict.FAIL);
    }

    /**
     * All of it, for people.
     *
     * @return lines of text, each with a line feed at its end; what there is to do stands below its check
     */
    public String toText() {
        StringBuilder text = new StringBuilder("KEK   " + visible(kekId.uri()) + "\n");
        for (Line line : lines) {
            String label = line.check().label();
            text.append(line.verdict())
                    .append("  ")
                    .append(label)
                    .append(" ".repeat(LABEL_COLUMNS - label.length()))
                    .append(visible(line.detail()))
                    .append('\n');
            if (!line.toDo().isEmpty()) {
                text.append("      to do: ").append(visible(line.toDo())).append('\n');
            }
        }
        return text.append(verdict()).append("  in all\n").toString();
    }

    /**
     * All of it, for machines. Names may be added in later releases.
     *
     * @return a JSON object (RFC 8259) over several lines
     */
    public String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kek", kekId.uri());
        map.put("verdict", verdict());
        map.put("checks", lines.stream().map(Line::toMap).toList());
        return Json.of(map);
    }

    /**
     * The verdict.
     *
     * @return such as {@code PreflightReport[FAIL, keystore:main#kek]}
     */
    @Override
    public String toString() {
        return "PreflightReport[" + verdict() + ", " + kekId + "]";
    }

    /** A cloud has a say in what stands here. */
    private static String visible(String text) {
        return text.replaceAll(INVISIBLE, "?");
    }

    /** What a check came to. */
    public enum Verdict {
        /** It is as it should be. */
        PASS,
        /** The KEK can be used; somebody should know of this before. */
        WARN,
        /** The KEK cannot be used as it is. */
        FAIL
    }

    /**
     * One check.
     *
     * @param check which
     * @param verdict what it came to
     * @param detail what was seen
     * @param toDo what to do; empty if there is nothing
     */
    public record Line(PreflightCheck check, Verdict verdict, String detail, String toDo) {
        /**
         * One that is as it should be.
         *
         * @param check which
         * @param detail what was seen
         * @return the line
         */
        public static Line pass(PreflightCheck check, String detail) {
            return new Line(check, Verdict.PASS, detail, "");
        }

        /**
         * One that somebody should know of.
         *
         * @param check which
         * @param detail what was seen
         * @param toDo what to do
         * @return the line
         */
        public static Line warn(PreflightCheck check, String detail, String toDo) {
            return new Line(check, Verdict.WARN, detail, toDo);
        }

        /**
         * One because of which the KEK cannot be used.
         *
         * @param check which
         * @param detail what was seen
         * @param toDo what to do
         * @return the line
         */
        public static Line fail(PreflightCheck check, String detail, String toDo) {
            return new Line(check, Verdict.FAIL, detail, toDo);
        }

        /**
         * The same, with what a failed call says.
         *
         * @param check which
         * @param failure why
         * @return the line
         */
        public static Line fail(PreflightCheck check, KekException failure) {
            return fail(check, what(failure), failure.operatorAction());
        }

        /**
         * What a failure says, without the KEK and what to do, which have places of their own.
         *
         * @param failure the failure
         * @return what failed, and the code of the cloud
         */
        public static String what(KekException failure) {
            String message = String.valueOf(failure.getMessage());
            String end = failure.kekId().map(kek -> "; KEK " + kek).orElse("; to do: ");
            int length = message.indexOf(end);
            String what = length < 0 ? message : message.substring(0, length);
            return what + failure.rawCode().map(code -> " (" + code + ")").orElse("");
        }

        private Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("check", check);
            map.put("verdict", verdict);
            map.put("detail", detail);
            if (!toDo.isEmpty()) {
                map.put("toDo", toDo);
            }
            return map;
        }
    }
}
