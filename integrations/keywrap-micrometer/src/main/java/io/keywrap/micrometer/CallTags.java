package io.keywrap.micrometer;

import io.keywrap.CallPurpose;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.provider.KekEvent.CallBegun;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.RenewalFailed;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Optional;

/** What meters and observations say of an event, in words that stay the same. */
record CallTags(Tags common, boolean withKekId) {
    static final String KEK = "kek";

    /** What is known when a call begins; the KEK's id is not among it. */
    Tags of(CallBegun begun) {
        return common.and("scheme", begun.kekId().scheme())
                .and("operation", word(begun.operation()))
                .and("purpose", word(begun.purpose()));
    }

    Tags of(CallEnded ended) {
        CallBegun begun = new CallBegun(ended.kekId(), ended.operation(), ended.purpose());
        return withKek(of(begun).and(result(ended)), ended.kekId());
    }

    Tags of(RenewalFailed failed) {
        // A renewal is an unwrap, and its failure is somebody's doing by the same rule.
        CallEnded unwrap = new CallEnded(
                failed.kekId(),
                Operation.UNWRAP,
                CallPurpose.REFRESH,
                failed.sinceProven(),
                Optional.of(failed.failure()));
        Tags tags = common.and("scheme", failed.kekId().scheme())
                .and("ended", String.valueOf(failed.ended()))
                .and(result(unwrap));
        return withKek(tags, failed.kekId());
    }

    /** What is known only when a call ends. */
    Tags result(CallEnded ended) {
        return Tags.of(
                "outcome",
                ended.failure().map(CallTags::outcome).orElse("success"),
                "cause",
                ended.cause().map(CallTags::word).orElse("none"));
    }

    private Tags withKek(Tags tags, KekId kekId) {
        return withKekId ? tags.and(KEK, kekId.uri()) : tags;
    }

    private static String outcome(KekException failure) {
        if (failure instanceof KekRevokedException) {
            return "revoked";
        } else if (failure instanceof KekNotFoundException) {
            return "not_found";
        } else if (failure instanceof KekThrottledException) {
            return "throttled";
        } else if (failure instanceof KekUnreachableException) {
            return "unreachable";
        } else if (failure instanceof KekConfigurationException) {
            return "configuration";
        }
        return failure instanceof InvalidWrappedDekException ? "invalid" : "other";
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
