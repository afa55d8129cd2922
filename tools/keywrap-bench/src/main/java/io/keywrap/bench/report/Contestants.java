package io.keywrap.bench.report;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Some of all contestants.
 *
 * @param groups whose they may be
 * @param provider their JCA provider; empty for any
 * @param threads how many threads they have; 0 for any number
 * @param name what is found in their names, in upper or lower case
 */
record Contestants(Set<String> groups, String provider, int threads, Pattern name) {
    static final Contestants KEYWRAP = group("keywrap");
    static final Contestants TINK = group("Tink");
    static final Contestants AWS = group("AWS Encryption SDK", "AWS Encryption SDK, defaults");
    /** What a user would take instead. */
    static final Contestants PEERS = group("Tink", "AWS Encryption SDK", "AWS Encryption SDK, defaults", "JDK");

    static Contestants group(String... groups) {
        return new Contestants(Set.of(groups), "", 0, Pattern.compile(""));
    }

    Contestants provider(String only) {
        return new Contestants(groups, only, threads, name);
    }

    Contestants threads(int only) {
        return new Contestants(groups, provider, only, name);
    }

    Contestants named(String pattern) {
        return new Contestants(groups, provider, threads, Pattern.compile(pattern, Pattern.CASE_INSENSITIVE));
    }

    boolean has(Series one) {
        return groups.contains(one.group())
                && (provider.isEmpty() || provider.equals(one.provider()))
                && (threads == 0 || threads == one.threads())
                && name.matcher(one.contestant()).find();
    }
}
