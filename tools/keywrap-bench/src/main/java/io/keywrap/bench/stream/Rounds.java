package io.keywrap.bench.stream;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/** Warms up until it gets no faster, and measures then. */
final class Rounds {
    private static final int MOST_TO_WARM_UP = 6;
    private static final double STILL_FASTER = 0.95;

    /** Who is that slow gets fewer rounds. */
    private static final double ENOUGH_SECONDS = 5;

    private static final int FEWEST = 2;

    private Rounds() {}

    /** Gives the seconds that each measured round took. */
    static List<Double> run(int rounds, Round round) throws IOException, GeneralSecurityException {
        double last = Double.MAX_VALUE;
        double now = round.seconds();
        for (int i = 1; i < MOST_TO_WARM_UP && now < STILL_FASTER * last; i++) {
            last = now;
            now = round.seconds();
        }
        List<Double> measured = new ArrayList<>();
        double sum = 0;
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
