package io.keywrap.cli;

import java.util.ArrayList;
import java.util.List;

/** Columns for people: as wide as their widest cell, and lines between the rows that belong to no column. */
final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    Table(List<String> header) {
        rows.add(header);
    }

    /** Adds a row of as many cells as the header has. */
    void add(List<String> cells) {
        rows.add(cells);
    }

    /** Adds a line that belongs to the row before it. */
    void note(String text) {
        rows.add(List.of(text));
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    List<String> lines() {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        rows.stream().filter(row -> row.size() == columns).forEach(row -> {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        return rows.stream()
                .map(row -> row.size() == columns ? line(row, widths) : row.get(0))
                .toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(row.get(i))
                    .append(" ".repeat(widths[i] - row.get(i).length()))
                    .append(GAP);
        }
        return line.toString().stripTrailing();
    }
}
