package io.keywrap.bench.stream;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * Warms up until it gets no faster, for two seconds at least, and measures then. Without these seconds those who are quick with
 * a round, or have small objects, would be measured before the JVM has compiled what they use.
 */
final class Rounds {
    private static final int MOST_TO_WARM_UP = 6;
    private static final double LEAST_SECONDS_TO_WARM_UP = 2;
    private static final double STILL_FASTER = 0.95;

    /** Who is that slow gets fewer rounds. */
    private static final double ENOUGH_SECONDS = 5;

    private static final int FEWEST = 2;

    private Rounds() {}

    /** Gives the seconds that each measured round took. A single one is a trial, for which nothing is warmed up for long. */
    static List<Double> run(int rounds, Round round) throws IOException, GeneralSecurityException {
        double least = rounds > 1 ? LEAST_SECONDS_TO_WARM_UP : 0;
        double last = Double.MAX_VALUE;
        double now = round.seconds();
        double sum = now;
        for (int i = 1; sum < least || (i < MOST_TO_WARM_UP && now < STILL_FASTER * last); i++) {
            last = now;
            now = round.seconds();
            sum += now;
        }
        List<Double> measured = new ArrayList<>();
        sum = 0;
        while (measured.size() < rounds && (measured.size() < FEWEST || sum < ENOUGH_SECONDS)) {
            double seconds = round.seconds();
            measured.add(seconds);
            sum += seconds;
        }
        return measured;
    }

    /** Does the work once. */
    interface Round {
        /** How long it took. */
        double seconds() throws IOException, GeneralSecurityException;
    }

    /** Does the work once, all of which counts. */
    static double secondsOf(Work work) throws IOException, GeneralSecurityException {
        long begun = System.nanoTime();
        work.run();
        return (System.nanoTime() - begun) / 1e9;
    }

    /** Work. */
    interface Work {
        void run() throws IOException, GeneralSecurityException;
    }
}
