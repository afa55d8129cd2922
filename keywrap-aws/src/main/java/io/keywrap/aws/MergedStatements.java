package io.keywrap.aws;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a customer's policy and those of keywrap, which take the place of what they replace. One that lets somebody
 * else in, or this vendor for another tenant, is not replaced, since whoever it is for would be locked out.
 */
final class MergedStatements {
    private static final String SID = "Sid";
    private static final Pattern OF_ACCOUNT = Pattern.compile("(?:arn:[a-z-]+:(?:iam|sts)::)?(\\d{12})(?::.*)?");

    private final Map<Object, Map<String, Object>> ours = new LinkedHashMap<>();
    private final List<Object> all = new ArrayList<>();
    private final Set<Object> replaced = new HashSet<>();

    private MergedStatements(List<Map<String, Object>> statements) {
        statements.forEach(statement -> ours.put(statement.getOrDefault(SID, ""), statement));
    }

    /** All of them; fails with an {@link IllegalArgumentException} if one of ours cannot have its place. */
    static List<Object> of(List<?> existing, List<Map<String, Object>> statements) {
        MergedStatements merged = new MergedStatements(statements);
        existing.forEach(statement -> merged.add(PolicyJson.object(statement)));
        merged.ours.forEach((sid, statement) -> {
            if (!merged.replaced.contains(sid)) {
                merged.all.add(statement);
            }
        });
        return merged.all;
    }

    private void add(Map<String, Object> there) {
        Object sid = there.getOrDefault(SID, "");
        Map<String, Object> replacement = ours.get(sid);
        if (replacement == null) {
            all.add(there);
            return;
        }
        if (!replaced.add(sid)) {
            throw refused(sid, "twice; remove one of them first");
        }
        if (!"Allow".equals(there.get("Effect"))) {
            throw refused(sid, "that allows nothing; give it another Sid first");
        }
        if (!accounts(replacement).containsAll(accounts(there))) {
            throw refused(
                    sid, "for another account, which would be locked out; give it another Sid, or remove it first");
        }
        Object pairs = pairs(there);
        if (pairs != null && !pairs.equals(pairs(replacement))) {
            throw refused(
                    sid, "for another key context, which would be locked out; give it another Sid, or remove it first");
        }
        all.add(replacement);
    }

    private static IllegalArgumentException refused(Object sid, String what) {
        return new IllegalArgumentException("the policy has a statement " + sid + " " + what);
    }

    /** Of whom it names; what AWS writes for a role that is there no more has no account. */
    private static Set<String> accounts(Map<String, Object> statement) {
        Object principals = statement.get("Principal") instanceof Map<?, ?> kinds ? kinds.get("AWS") : null;
        List<?> names = principals instanceof List<?> list ? list : List.of(String.valueOf(principals));
        return names.stream()
                .map(name -> OF_ACCOUNT.matcher(String.valueOf(name)))
                .filter(Matcher::matches)
                .map(account -> account.group(1))
                .collect(Collectors.toSet());
    }

    private static @Nullable Object pairs(Map<String, Object> statement) {
        return statement.get("Condition") instanceof Map<?, ?> condition ? condition.get("StringEquals") : null;
    }
}
