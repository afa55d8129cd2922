package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.rewrap.CutOver;
import picocli.CommandLine.Option;

/** How fast a job over a store works. */
final class PaceOptions {
    @Option(
            names = "--rate",
            paramLabel = "N/s",
            converter = Converters.Rate.class,
            defaultValue = "50/s",
            description = "How often each KEK is asked, at most: 0.01/s to 10000/s. Default: ${DEFAULT-VALUE}.")
    private double rate = 50;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many calls are under way at once, 1 to 256. Default: ${DEFAULT-VALUE}.")
    private int concurrency = 16;

    /** Refuses what is out of range, before anything is asked. */
    void check() {
        try {
            CutOver.from(KekId.of("keystore:none#none")).rate(rate).concurrency(concurrency);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    double rate() {
        return rate;
    }

    int concurrency() {
        return concurrency;
    }
}
