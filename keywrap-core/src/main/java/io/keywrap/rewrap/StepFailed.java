package io.keywrap.rewrap;

import io.keywrap.KekException;
import io.keywrap.rewrap.RewrapReport.Outcome;

/** A step of the work on one DEK has failed. */
final class StepFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final Outcome outcome;
    private final KekException failure;

    StepFailed(Outcome outcome, KekException failure) {
        super(failure);
        this.outcome = outcome;
        this.failure = failure;
    }

    Outcome outcome() {
        return outcome;
    }

    KekException failure() {
        return failure;
    }
}
