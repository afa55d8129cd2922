package io.keywrap.aws;

import java.util.ArrayList;
import java.util.List;

/**
 * What differs between two texts, in the unified format of {@code diff -u} with three lines around each change.
 *
 * <p>By the longest common subsequence of lines; what is the same at both ends is not compared twice, so that the table
 * is as large as the part that changed. A part that is too large for a table is one change as a whole.
 */
final class UnifiedDiff {
    private static final int AROUND = 3;

    /** Of the table, so that no text takes all memory; a policy of many pages has fewer. */
    private static final long MOST_CELLS = 4_000_000;

    private final List<String> before;
    private final List<String> after;
    /** Each line of the result with its mark: a space, a minus or a plus. */
    private final List<String> marked = new ArrayList<>();

    private UnifiedDiff(List<String> before, List<String> after) {
        this.before = before;
        this.after = after;
    }

    /** The difference; empty if there is none. */
    static String of(String nameBefore, String before, String nameAfter, String after) {
        if (before.equals(after)) {
            return "";
        }
        UnifiedDiff diff =
                new UnifiedDiff(before.lines().toList(), after.lines().toList());
        diff.mark();
        return "--- " + nameBefore + "\n+++ " + nameAfter + "\n" + diff.hunks();
    }

    private void mark() {
        int start = 0;
        int most = Math.min(before.size(), after.size());
        while (start < most && before.get(start).equals(after.get(start))) {
            marked.add(" " + before.get(start++));
        }
        int end = 0;
        while (end < most - start && before.get(before.size() - 1 - end).equals(after.get(after.size() - 1 - end))) {
            end++;
        }
        markChanged(before.subList(start, before.size() - end), after.subList(start, after.size() - end));
        before.subList(before.size() - end, before.size()).forEach(line -> marked.add(" " + line));
    }

    private void markChanged(List<String> old, List<String> now) {
        if ((long) old.size() * now.size() > MOST_CELLS) {
            old.forEach(line -> marked.add("-" + line));
            now.forEach(line -> marked.add("+" + line));
            return;
        }
        int[][] common = new int[old.size() + 1][now.size() + 1];
        for (int i = old.size() - 1; i >= 0; i--) {
            for (int j = now.size() - 1; j >= 0; j--) {
                common[i][j] = old.get(i).equals(now.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        int i = 0;
        int j = 0;
        while (i < old.size() || j < now.size()) {
            if (i < old.size() && j < now.size() && old.get(i).equals(now.get(j))) {
                marked.add(" " + old.get(i++));
                j++;
            } else if (j == now.size() || (i < old.size() && common[i + 1][j] >= common[i][j + 1])) {
                marked.add("-" + old.get(i++));
            } else {
                marked.add("+" + now.get(j++));
            }
        }
    }

    private String hunks() {
        StringBuilder out = new StringBuilder();
        int next = 0;
        while (next < marked.size()) {
            int change = next;
            while (change < marked.size() && isSame(change)) {
                change++;
            }
            if (change == marked.size()) {
                break;
            }
            int from = Math.max(next, change - AROUND);
            int to = change;
            for (int line = change; line < marked.size() && line <= to + 2 * AROUND; line++) {
                to = isSame(line) ? to : line;
            }
            to = Math.min(marked.size(), to + AROUND + 1);
            append(out, from, to);
            next = to;
        }
        return out.toString();
    }

    private void append(StringBuilder out, int from, int to) {
        List<String> hunk = marked.subList(from, to);
        out.append("@@ -")
                .append(range(from, hunk, '+'))
                .append(" +")
                .append(range(from, hunk, '-'))
                .append(" @@\n");
        hunk.forEach(line -> out.append(line).append('\n'));
    }

    /** First line and number of lines, without those that one side has not. */
    private String range(int from, List<String> hunk, char not) {
        long begun = marked.subList(0, from).stream()
                .filter(line -> line.charAt(0) != not)
                .count();
        long lines = hunk.stream().filter(line -> line.charAt(0) != not).count();
        return (lines == 0 ? begun : begun + 1) + "," + lines;
    }

    private boolean isSame(int line) {
        return marked.get(line).charAt(0) == ' ';
    }
}
