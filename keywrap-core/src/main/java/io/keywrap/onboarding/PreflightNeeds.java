package io.keywrap.onboarding;

import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.onboarding.PreflightProbe.Permission;
import io.keywrap.onboarding.PreflightProbe.Permission.Answer;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.provider.KekEvent.Operation;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the principal has to be allowed, and so what it means that something is not. */
final class PreflightNeeds {
    private static final Set<KekOperation> BY_DEFAULT =
            EnumSet.of(KekOperation.WRAP, KekOperation.GENERATE, KekOperation.UNWRAP);

    private final Set<KekOperation> needed;
    private final boolean chosen;

    PreflightNeeds(@Nullable Set<KekOperation> operations) {
        this.needed = operations == null ? BY_DEFAULT : operations;
        this.chosen = operations != null;
    }

    static PreflightCheck check(Operation operation) {
        return switch (operation) {
            case WRAP -> PreflightCheck.PERMISSION_WRAP;
            case GENERATE -> PreflightCheck.PERMISSION_GENERATE;
            case UNWRAP -> PreflightCheck.PERMISSION_UNWRAP;
            case REWRAP -> PreflightCheck.PERMISSION_REWRAP;
            case STATUS -> PreflightCheck.PERMISSION_STATUS;
        };
    }

    private boolean needs(Operation operation) {
        return needed.contains(
                switch (operation) {
                    case WRAP -> KekOperation.WRAP;
                    case GENERATE -> KekOperation.GENERATE;
                    case UNWRAP -> KekOperation.UNWRAP;
                    case REWRAP -> KekOperation.REWRAP;
                    case STATUS -> KekOperation.STATUS;
                });
    }

    /** The line of a permission that is known. */
    Line told(Operation operation, Permission known) {
        if (known.answer() == Answer.ALLOWED) {
            return allowed(operation, known.name());
        }
        String why = known.refusal().map(refusal -> ": " + Line.what(refusal)).orElse("");
        String toDo =
                known.refusal().map(refusal -> "; " + refusal.operatorAction()).orElse("");
        return lacking(
                operation,
                known.name() + " is denied" + why,
                "have " + known.name() + " allowed to the principal of this process on this key" + toDo);
    }

    /** Where nobody has said what is needed, nothing is too much. */
    private Line allowed(Operation operation, String name) {
        PreflightCheck check = check(operation);
        if (needs(operation)) {
            return Line.pass(check, name + " is allowed");
        }
        String detail = name + " is allowed, and not needed here";
        return chosen
                ? Line.warn(
                        check,
                        detail + ": this principal may do more than its roles",
                        "have " + name
                                + " taken from the principal of this process on this key, or check with the role that"
                                + " needs it")
                : Line.pass(check, detail);
    }

    /** The line of a permission that is not there. */
    Line lacking(Operation operation, String detail, String toDo) {
        PreflightCheck check = check(operation);
        if (needs(operation)) {
            return Line.fail(check, detail, toDo);
        }
        if (chosen || operation == Operation.WRAP || operation == Operation.UNWRAP) {
            return Line.pass(check, detail + "; it is not needed here");
        }
        String loss = operation == Operation.STATUS
                ? "a refusal cannot say why, and a rotation is not noticed"
                : "a move to another KEK has to unwrap and wrap";
        return Line.warn(check, detail + "; " + loss, toDo);
    }

    /** The line of a permission that only doing it can tell, or of what the key refuses instead; empty if nobody needs it. */
    Optional<Line> unknown(Operation operation, Permission known) {
        if (!needs(operation)) {
            return Optional.empty();
        }
        Optional<KekException> unusable = known.refusal()
                .filter(refusal -> refusal instanceof KekRevokedException || refusal instanceof KekNotFoundException);
        if (unusable.isPresent()) { // Such as a disabled key, whose state this principal may not read.
            return Optional.of(Line.fail(PreflightCheck.KEY_STATE, unusable.get()));
        }
        return Optional.of(Line.warn(
                check(operation),
                known.name() + " is not known: "
                        + known.refusal().map(Line::what).orElse("only doing it can tell, and nothing was wrapped"),
                known.refusal()
                        .map(refusal -> refusal.operatorAction())
                        .orElse("look at it with a principal that may wrap too")));
    }
}
