package io.keywrap.gcp;

import io.keywrap.onboarding.KekOperation;
import io.keywrap.onboarding.VendorAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What lets a vendor's service accounts use a customer's key in Google Cloud KMS, and nothing more: bindings on the key.
 *
 * <p>Wrapping and unwrapping are the roles {@code roles/cloudkms.cryptoKeyEncrypter} and {@code …Decrypter} of Google. Its role for
 * reading, {@code roles/cloudkms.viewer}, shows more than the state of a key, so there is a custom role for that, which the customer
 * makes once in the project of the key.
 *
 * <p><b>Shape and units:</b> texts that depend on nothing but what was given, so that they can be compared and kept under version
 * control.
 *
 * <p><b>Security:</b> Google Cloud decides nothing by the key context. It authenticates it, so what was wrapped with one context is
 * not unwrapped with another; yet whoever may unwrap with the key may do so for every context. A key for each tenant keeps
 * tenants apart.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @see <a href="https://cloud.google.com/kms/docs/reference/permissions-and-roles">Permissions and roles</a>
 */
public final class GcpKeyPolicy {
    /** The id of the custom role, in the project of the key. */
    public static final String STATUS_ROLE = "keywrapKeyStatus";

    private static final List<String> STATUS_PERMISSIONS =
            List.of("cloudkms.cryptoKeyVersions.get", "cloudkms.cryptoKeys.get");
    private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9][a-z0-9.-]*@[a-z0-9.-]+\\.gserviceaccount\\.com");
    private static final Pattern MEMBER = Pattern.compile("serviceAccount:" + ACCOUNT.pattern()
            + "|group:[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+"
            + "|principal(?:Set)?://iam\\.googleapis\\.com/[A-Za-z0-9._:@/+-]+(?:/\\*)?");

    private final GcpKeyName key;
    private final SortedMap<String, SortedSet<String>> membersByRole = new TreeMap<>();

    private GcpKeyPolicy(GcpKeyName key, VendorAccess access) {
        this.key = key;
        access.inForm(GcpKeyPolicy::member)
                .operationsByPrincipal()
                .forEach((member, operations) -> roles(operations)
                        .forEach(role -> membersByRole
                                .computeIfAbsent(role, none -> new TreeSet<>())
                                .add(member)));
    }

    /**
     * Makes the bindings on one key.
     *
     * @param key the customer's key
     * @param access who is to have which role: addresses of service accounts, with or without {@code serviceAccount:};
     *     {@code group:}; {@code principal://} and {@code principalSet://} of workload identity federation
     * @return the policy
     * @throws IllegalArgumentException if a principal is none of these
     */
    public static GcpKeyPolicy of(GcpKeyName key, VendorAccess access) {
        return new GcpKeyPolicy(key, access);
    }

    private static String member(String principal) {
        if (ACCOUNT.matcher(principal).matches()) {
            return "serviceAccount:" + principal;
        }
        if (MEMBER.matcher(principal).matches()) {
            return principal;
        }
        boolean everybody = principal.equals("allUsers") || principal.equals("allAuthenticatedUsers");
        throw new IllegalArgumentException(
                "not a principal that a key is bound to: '" + principal + "'; "
                        + (everybody
                                ? "a policy for everybody is never made"
                                : "expected <name>@<project>.iam.gserviceaccount.com, group:<address>, or principal://iam.googleapis.com/…"));
    }

    private List<String> roles(Set<KekOperation> operations) {
        List<String> roles = new ArrayList<>();
        boolean wraps = operations.contains(KekOperation.WRAP);
        boolean unwraps = operations.contains(KekOperation.UNWRAP);
        if (wraps || unwraps) {
            roles.add("roles/cloudkms.cryptoKey" + (wraps ? "Encrypter" : "") + (unwraps ? "Decrypter" : ""));
        }
        if (operations.contains(KekOperation.STATUS)) {
            roles.add(statusRole());
        }
        return roles;
    }

    private String statusRole() {
        return "projects/" + key.project() + "/roles/" + STATUS_ROLE;
    }

    /**
     * The bindings, as a policy of Google's IAM has them. To set them alone takes away all others that the key has; the lines of
     * {@link #commands()} add them instead.
     *
     * @return JSON
     */
    public String bindings() {
        return "{\n  \"bindings\": [\n"
                + membersByRole.entrySet().stream()
                        .map(binding -> "    {\n      \"role\": \"" + binding.getKey() + "\",\n      \"members\": [\n"
                                + binding.getValue().stream()
                                        .map(member -> "        \"" + member + "\"")
                                        .collect(Collectors.joining(",\n"))
                                + "\n      ]\n    }")
                        .collect(Collectors.joining(",\n"))
                + "\n  ]\n}\n";
    }

    /**
     * The custom role that reads the state of a key, as {@code gcloud iam roles create --file} takes it.
     *
     * @return JSON; empty if nobody is to read the state
     */
    public Optional<String> statusRoleDefinition() {
        return Optional.of("""
                        {
                          "title": "keywrap key status",
                          "description": "Reads the state of keys and of their versions, and uses none.",
                          "stage": "GA",
                          "includedPermissions": [
                            %s
                          ]
                        }
                        """.formatted(STATUS_PERMISSIONS.stream()
                        .map(permission -> "\"" + permission + "\"")
                        .collect(Collectors.joining(",\n    "))))
                .filter(definition -> membersByRole.containsKey(statusRole()));
    }

    /**
     * Lines for {@code gcloud} that make the custom role, if it is needed and not there yet, and add the bindings, without a
     * condition also where the key has bindings with one.
     *
     * @return lines for a POSIX shell
     */
    public List<String> commands() {
        List<String> lines = new ArrayList<>();
        if (membersByRole.containsKey(statusRole())) {
            String role = STATUS_ROLE + " --project='" + key.project() + "'";
            lines.add("gcloud iam roles describe " + role + " > /dev/null 2>&1 || gcloud iam roles create " + role
                    + " --title='keywrap key status' --stage=GA --permissions="
                    + String.join(",", STATUS_PERMISSIONS));
        }
        membersByRole.forEach((role, members) -> members.forEach(member ->
                lines.add("gcloud kms keys add-iam-policy-binding '" + key.key() + "' --project='" + key.project()
                        + "' --location='" + key.location() + "' --keyring='" + key.keyRing() + "' --member='" + member
                        + "' --role='" + role + "' --condition=None")));
        return lines;
    }

    /**
     * What to click in the console of Google Cloud.
     *
     * @return the steps, one sentence or two each
     */
    public List<String> words() {
        List<String> steps = new ArrayList<>();
        steps.add("Open the console of Google Cloud with the project " + key.project()
                + ", as somebody who may change the access to the key.");
        if (membersByRole.containsKey(statusRole())) {
            steps.add("Once for the project: in IAM & Admin, Roles, choose Create role; give it the ID " + STATUS_ROLE
                    + ", the launch stage General Availability, and the permissions "
                    + String.join(" and ", STATUS_PERMISSIONS) + ".");
        }
        steps.add("Open Security, Key Management, the key ring " + key.keyRing() + " in " + key.location()
                + ", and tick the key " + key.key() + ".");
        membersByRole.forEach((role, members) -> steps.add("In the info panel choose Permissions, Add principal; enter "
                + String.join(", ", members) + "; choose the role " + role + ", and Save."));
        steps.add(
                "It takes effect within minutes. To end the access, remove these principals again, or disable the versions of"
                        + " the key.");
        return steps;
    }

    /**
     * Whose key and what for.
     *
     * @return such as {@code GcpKeyPolicy[projects/…, {roles/…=[…]}]}
     */
    @Override
    public String toString() {
        return "GcpKeyPolicy[" + key + ", " + membersByRole + "]";
    }
}
