package io.keywrap.aws;

import io.keywrap.EncryptionContext;
import io.keywrap.onboarding.KekOperation;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What lets a vendor's principals use a customer's key in AWS KMS, and nothing more: statements for the policy of the key, or
 * grants in their place; and the identity policies that the vendor's own principals need besides.
 *
 * <p>Every statement and grant for cryptography is bound to the key context of the tenant: the pairs that were given, with
 * these values, keywrap's own {@code kw:keychain} and {@code kw:dek}, and no other key. What has no context, such as
 * {@code kms:DescribeKey}, stands in a statement of its own.
 *
 * <p><b>Shape and units:</b> texts that depend on nothing but what was given, so that they can be compared and kept under version
 * control. A statement has the {@code Sid} {@code Keywrap} and its role.
 *
 * <p><b>Security:</b> a grant can demand pairs of the tenant and cannot forbid others, so without any pairs it is bound to no
 * context. Prefer the policy where the customer can change it.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html">AWS KMS condition keys</a>
 */
public final class AwsKeyPolicy {
    /** Longest policy that AWS takes for a key, in characters. */
    public static final int MAX_CHARACTERS = 32 * 1024;

    private static final String STATEMENT = "Statement";
    private static final String VERSION = "2012-10-17";

    private final AwsKeyArn key;
    private final VendorAccess access;
    private final SortedMap<String, String> pairs;
    private final PolicyStatements statements;

    private AwsKeyPolicy(AwsKeyArn key, VendorAccess access, EncryptionContext tenantPairs) {
        this.key = key;
        this.access = access.inForm(principal -> AwsPrincipals.checked(principal, key.partition()));
        this.pairs = tenantPairs.asMap();
        this.statements = new PolicyStatements(key, pairs);
    }

    /**
     * Makes the policy of one key.
     *
     * @param key the customer's key; of an alias the policy allows the pair {@code kw:alias} too
     * @param access who is to have which role: roles and users as full ARNs, or an account by its id or the ARN of its root. With
     *     an account, the vendor's own policies decide who in it
     * @param tenantPairs the tenant's own pairs, as its keychains have them
     * @return the policy
     * @throws IllegalArgumentException if a principal is none or one of another partition, or if the pairs cannot stand in a
     *     condition: keys that differ in upper and lower case alone, keys or values with a variable of policies, <code>${</code>
     */
    public static AwsKeyPolicy of(AwsKeyArn key, VendorAccess access, EncryptionContext tenantPairs) {
        return new AwsKeyPolicy(key, access, tenantPairs);
    }

    /**
     * The statements in a document of their own, to be read and to be pasted into a policy. Never put it alone: a policy
     * without the statements of the customer locks the customer out.
     *
     * @return JSON
     */
    public String statements() {
        return PolicyJson.write(document(ofKey()));
    }

    /**
     * The customer's policy with these statements. One with the {@code Sid} of one of them gives way to it at its place, the others
     * are appended, and everything else is kept. A {@code Sid} is not taken from a statement that is for another account or
     * another key context, as of another vendor's product or of another tenant with the same key: whoever that is would be
     * locked out.
     *
     * @param existing the policy of the key as it is now, as {@code aws kms get-key-policy} prints it
     * @return the new policy, and how it differs
     * @throws IllegalArgumentException if this is no policy, if it has a statement that must not give way, or if the new one is
     *     longer than {@value #MAX_CHARACTERS} characters
     */
    public Merged mergedInto(String existing) {
        if (existing.length() > 2 * MAX_CHARACTERS) {
            throw new IllegalArgumentException("a policy has at most " + MAX_CHARACTERS + " characters");
        }
        Map<String, Object> policy = PolicyJson.readObject(existing);
        Object there = policy.get(STATEMENT);
        if (there == null) {
            throw new IllegalArgumentException("the policy has no Statement");
        }
        Map<String, Object> merged = new LinkedHashMap<>(policy);
        merged.put(STATEMENT, MergedStatements.of(there instanceof List<?> list ? list : List.of(there), ofKey()));
        if (PolicyJson.writeCompact(merged).length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException("with these statements the policy has more than " + MAX_CHARACTERS
                    + " characters; use a grant, or allow an account rather than many roles");
        }
        String document = PolicyJson.write(merged);
        return new Merged(
                document, UnifiedDiff.of("policy", PolicyJson.write(policy), "policy with keywrap", document));
    }

    /**
     * What the vendor attaches to its own roles and users, which in another account than that of the key is needed besides the
     * policy of the key. An account as a whole has none.
     *
     * @return JSON by principal
     */
    public SortedMap<String, String> vendorPolicies() {
        SortedMap<String, String> policies = new TreeMap<>();
        access.operationsByPrincipal().keySet().stream()
                .filter(principal -> !AwsPrincipals.isAccount(principal))
                .forEach(principal -> policies.put(
                        principal,
                        PolicyJson.write(document(access.roles().stream()
                                .filter(role -> access.principals(role).contains(principal))
                                .flatMap(role -> statements.ofIdentity(role, access.operations(role)).stream())
                                .toList()))));
        return Collections.unmodifiableSortedMap(policies);
    }

    /**
     * Grants in the place of statements, one for each principal, as {@code aws kms create-grant --cli-input-json} takes them.
     *
     * @return JSON by principal
     * @throws IllegalArgumentException if the key is named by an alias, which no grant can be on
     */
    public SortedMap<String, String> grants() {
        SortedMap<String, String> grants = new TreeMap<>();
        grantObjects().forEach((principal, grant) -> grants.put(principal, PolicyJson.write(grant)));
        return Collections.unmodifiableSortedMap(grants);
    }

    private SortedMap<String, Map<String, Object>> grantObjects() {
        if (key.isAlias()) {
            throw new IllegalArgumentException("a grant is on a key and not on an alias; name the key by its own ARN");
        }
        SortedMap<String, Map<String, Object>> grants = new TreeMap<>();
        access.operationsByPrincipal().forEach((principal, operations) -> {
            Map<String, Object> grant = new LinkedHashMap<>();
            grant.put("KeyId", key.toString());
            grant.put("GranteePrincipal", principal);
            grant.put("Operations", PolicyStatements.grantOperations(operations));
            if (!pairs.isEmpty() && PolicyStatements.usesContext(operations)) {
                grant.put("Constraints", Map.of("EncryptionContextSubset", new TreeMap<>(pairs)));
            }
            grant.put("Name", grantName(principal));
            grants.put(principal, grant);
        });
        return grants;
    }

    private String grantName(String principal) {
        StringBuilder name = new StringBuilder("keywrap");
        access.roles().stream()
                .filter(role -> access.principals(role).contains(principal))
                .forEach(role -> name.append('-').append(PolicyStatements.lowerCase(role)));
        return name.toString();
    }

    /**
     * Lines for the AWS CLI that make the grants.
     *
     * @return one line for each principal, for a POSIX shell
     * @throws IllegalArgumentException if the key is named by an alias, which no grant can be on
     */
    public List<String> grantCommands() {
        return grantObjects().values().stream()
                .map(grant -> "aws kms create-grant --region " + key.region() + " --cli-input-json "
                        + shellQuoted(PolicyJson.writeCompact(grant)))
                .toList();
    }

    /**
     * Lines for the AWS CLI that fetch the policy of the key, and put the merged one.
     *
     * @param before the file that the policy is written to
     * @param after the file that the merged policy is taken from
     * @return two lines for a POSIX shell
     * @throws IllegalArgumentException if the key is named by an alias, by which AWS gives no policy
     */
    public List<String> policyCommands(String before, String after) {
        if (key.isAlias()) {
            throw new IllegalArgumentException(
                    "the policy of a key is not to be had by an alias; name the key by its own ARN");
        }
        String which = " --region " + key.region() + " --key-id " + key + " --policy-name default";
        return List.of(
                "aws kms get-key-policy" + which + " --query Policy --output text > " + shellQuoted(before),
                "aws kms put-key-policy" + which + " --policy " + shellQuoted("file://" + after));
    }

    /**
     * What to click in the console of AWS.
     *
     * @return the steps, one sentence or two each
     */
    public List<String> words() {
        return List.of(
                "Open the console of AWS in the Region " + key.region() + ", with a user of the account "
                        + key.account() + " who may change the key.",
                "Open Key Management Service, Customer managed keys, and there the key " + key + ".",
                "Choose the tab Key policy, Switch to policy view, and Edit.",
                "Add the statements below to the list Statement; leave those that are there. Where one has the same Sid, put"
                        + " the new one in its place.",
                "Choose Save changes. It takes effect within minutes.",
                "To end the access, remove these statements again, or disable the key.");
    }

    private List<Map<String, Object>> ofKey() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (PolicyRole role : access.roles()) {
            Set<KekOperation> operations = access.operations(role);
            all.addAll(statements.ofKey(role, operations, List.copyOf(access.principals(role))));
        }
        return all;
    }

    private static Map<String, Object> document(List<Map<String, Object>> statements) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("Version", VERSION);
        document.put(STATEMENT, statements);
        return document;
    }

    private static String shellQuoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /**
     * Whose key and what for, without the values of the context.
     *
     * @return such as {@code AwsKeyPolicy[arn:aws:kms:…, VendorAccess[…]]}
     */
    @Override
    public String toString() {
        return "AwsKeyPolicy[" + key + ", " + access + "]";
    }

    /**
     * A policy of a customer with the statements that were added.
     *
     * @param document the whole policy, JSON
     * @param diff how it differs from the one before, in the unified format, both written in the same way; empty if it does not
     */
    public record Merged(String document, String diff) {}
}
