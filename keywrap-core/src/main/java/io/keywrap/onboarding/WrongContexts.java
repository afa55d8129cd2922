package io.keywrap.onboarding;

import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.onboarding.PreflightReport.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Whether a wrap is refused with other key contexts than its own, and by whom. A denial alone says nothing of the context: it
 * counts only if the wrap still opens with its own.
 */
final class WrongContexts {
    private final Consumer<EncryptionContext> unwrap;
    private final Predicate<KekException> denial;

    /** {@code unwrap} fails with what the KMS says, {@code denial} tells a missing permission. */
    WrongContexts(Consumer<EncryptionContext> unwrap, Predicate<KekException> denial) {
        this.unwrap = unwrap;
        this.denial = denial;
    }

    /** The line; {@code conditional} if a policy is expected to decide by the context. */
    Line line(EncryptionContext own, Map<String, EncryptionContext> others, boolean conditional) {
        List<String> byTheKey = new ArrayList<>();
        List<String> byThePolicy = new ArrayList<>();
        for (Map.Entry<String, EncryptionContext> other : others.entrySet()) {
            try {
                unwrap.accept(other.getValue());
                return Line.fail(
                        PreflightCheck.CONTEXT,
                        "it is not refused: the wrap opens with the key context of " + other.getKey(),
                        "do not use this key or provider: whoever may unwrap for one tenant could do it for all");
            } catch (InvalidWrappedDekException e) {
                byTheKey.add(other.getKey());
            } catch (KekException e) {
                if (!denial.test(e)) {
                    return unknown(other.getKey(), e);
                }
                try {
                    unwrap.accept(own);
                } catch (KekException altogether) {
                    return unknown(other.getKey() + ", and by now not with its own either", altogether);
                }
                byThePolicy.add(other.getKey());
            }
        }
        return refused(byTheKey, byThePolicy, conditional);
    }

    private static Line unknown(String which, KekException why) {
        return Line.warn(
                PreflightCheck.CONTEXT,
                "not found out with the key context of " + which + ": " + Line.what(why),
                why.operatorAction());
    }

    private static Line refused(List<String> byTheKey, List<String> byThePolicy, boolean conditional) {
        List<String> said = new ArrayList<>();
        if (!byTheKey.isEmpty()) {
            said.add("refused by the key for " + String.join(", ", byTheKey));
        }
        if (!byThePolicy.isEmpty()) {
            said.add("denied by the policy for " + String.join(", ", byThePolicy));
        }
        String detail = String.join("; ", said);
        return conditional && byThePolicy.isEmpty()
                ? Line.warn(
                        PreflightCheck.CONTEXT,
                        detail + "; the policy allows every key context",
                        "have the permissions bound to the key context of this tenant, as in the policy that keywrap makes: as it"
                                + " is, this principal may use the key for every tenant")
                : Line.pass(PreflightCheck.CONTEXT, detail);
    }
}
