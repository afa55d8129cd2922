package io.keywrap.cli;

import java.util.Locale;

/** Numbers for people. */
final class Sizes {
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Sizes() {}

    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double size = bytes;
        int unit = -1;
        while (size >= 1024 && unit < UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, UNITS[unit]);
    }

    static String files(long count) {
        return counted(count, "file");
    }

    static String counted(long count, String unit) {
        return count + " " + unit + (count == 1 ? "" : "s");
    }

    static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.2f s", seconds);
    }

    /** Megabytes a second. */
    static String rate(long bytes, double seconds) {
        return String.format(Locale.ROOT, "%.0f MB/s", bytes / 1e6 / Math.max(seconds, 1e-6));
    }
}
