package io.keywrap.rewrap;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a job is.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param keychainsDone keychains that were looked at to the end, those of an earlier run included that this one goes on from
 * @param keychainsTotal keychains that were found at the beginning; an estimate, since a store changes
 * @param deksDone DEKs that need nothing more, likewise
 * @param deksFailed DEKs that could not be done
 * @param deksTotal DEKs there may be in all: an estimate by those of the keychains that were looked at
 * @param elapsed how long this run has taken so far
 * @param remaining how long it may still take at the pace so far; empty as long as there is none
 */
public record RewrapProgress(
        long keychainsDone,
        long keychainsTotal,
        long deksDone,
        long deksFailed,
        long deksTotal,
        Duration elapsed,
        Optional<Duration> remaining) {}
