package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.onboarding.KeyReference;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** For whom a policy is made, and on what. */
final class PolicyOptions {
    @Parameters(paramLabel = "REFERENCE", description = "The key, as its owner pasted it; see 'keywrap kek explain'.")
    private String reference = "";

    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description =
                    "What the principals are to do: backup (wrap), restore (unwrap), rewrap (both, re-wrap, and read the state),"
                            + " monitor (read the state, and unwrap). Repeatable.")
    private List<PolicyRole> roles = List.of();

    @Option(
            names = "--principal",
            required = true,
            paramLabel = "NAME",
            description = "Who of the vendor, as the cloud names it. Repeatable: each gets every role.")
    private List<String> principals = List.of();

    @Option(
            names = "--with-status",
            description =
                    "Let every role read the state of the key, so that a refusal can say more. Default: only those that need it.")
    private boolean withStatus;

    String reference() {
        return reference;
    }

    VendorAccess access() {
        VendorAccess access = VendorAccess.of(roles.get(0), principals.get(0));
        for (PolicyRole role : roles) {
            for (String principal : principals) {
                access = access.and(role, principal);
            }
        }
        return withStatus ? access.withStatus() : access;
    }

    /** The KEK, or a usage error with the explanation. */
    static KekId kek(KeyReference reference) {
        return reference.kekId().orElseThrow(() -> new UsageException(reference.explanation()));
    }

    /** What the library refuses in arguments is a usage error. */
    static <T> T checked(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    static void print(KeywrapCommand root, KekId kek, String format, List<String> lines) {
        JsonObject result = new JsonObject();
        result.addProperty("kek", kek.uri());
        result.addProperty("format", format);
        result.add("lines", Json.strings(lines));
        root.result(result, lines.toArray(String[]::new));
    }
}
