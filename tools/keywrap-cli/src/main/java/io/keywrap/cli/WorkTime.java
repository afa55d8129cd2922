package io.keywrap.cli;

import io.keywrap.TimeSource;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * The clocks of this machine, of which the deadlines of calls leave out how long a person takes to answer: a password is
 * typed in the middle of a call, and must not use up its time.
 */
final class WorkTime implements TimeSource {
    private final TimeSource machine;
    private long leftOut;
    private long stoppedAt;
    private boolean stopped;

    WorkTime(TimeSource machine) {
        this.machine = machine;
    }

    /** Gets something from a person while the time stands still; one at a time. */
    <T> T leaveOut(Supplier<T> answer) {
        stop();
        try {
            return answer.get();
        } finally {
            goOn();
        }
    }

    private synchronized void stop() {
        stoppedAt = machine.nanoTime();
        stopped = true;
    }

    private synchronized void goOn() {
        leftOut += machine.nanoTime() - stoppedAt;
        stopped = false;
    }

    @Override
    public synchronized long nanoTime() {
        return (stopped ? stoppedAt : machine.nanoTime()) - leftOut;
    }

    @Override
    public Instant now() {
        return machine.now();
    }
}
