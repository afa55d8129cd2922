package io.keywrap.emulators;

import com.google.iam.v1.Binding;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Service accounts, roles, and the policies that bind one to the other on keys and key rings. It is part of the store, under its
 * monitor.
 *
 * <p>What is not understood is refused when a policy is set, so that none silently says something else than it would at Google.
 */
final class GcpIam {
    private static final String ENCRYPT = "cloudkms.cryptoKeyVersions.useToEncrypt";
    private static final String DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt";
    private static final String BEARER = "Bearer ";

    /** What the roles of Google have of the permissions that methods here need. */
    private static final Map<String, Set<String>> PREDEFINED = Map.of(
            "roles/cloudkms.cryptoKeyEncrypter",
            Set.of(ENCRYPT),
            "roles/cloudkms.cryptoKeyDecrypter",
            Set.of(DECRYPT),
            "roles/cloudkms.cryptoKeyEncrypterDecrypter",
            Set.of(ENCRYPT, DECRYPT),
            "roles/cloudkms.viewer",
            Set.of(
                    "cloudkms.cryptoKeys.get",
                    "cloudkms.cryptoKeys.list",
                    "cloudkms.cryptoKeyVersions.get",
                    "cloudkms.cryptoKeyVersions.list",
                    "cloudkms.keyRings.get",
                    "cloudkms.keyRings.list"),
            "roles/cloudkms.admin",
            Set.of(
                    "cloudkms.cryptoKeys.create",
                    "cloudkms.cryptoKeys.get",
                    "cloudkms.cryptoKeys.list",
                    "cloudkms.cryptoKeys.update",
                    "cloudkms.cryptoKeys.getIamPolicy",
                    "cloudkms.cryptoKeys.setIamPolicy",
                    "cloudkms.cryptoKeyVersions.create",
                    "cloudkms.cryptoKeyVersions.destroy",
                    "cloudkms.cryptoKeyVersions.get",
                    "cloudkms.cryptoKeyVersions.list",
                    "cloudkms.cryptoKeyVersions.restore",
                    "cloudkms.cryptoKeyVersions.update",
                    "cloudkms.keyRings.create",
                    "cloudkms.keyRings.get",
                    "cloudkms.keyRings.list",
                    "cloudkms.keyRings.getIamPolicy",
                    "cloudkms.keyRings.setIamPolicy"));

    private final GcpStore store;
    private final Map<String, String> accounts = new HashMap<>();
    private final Map<String, Set<String>> roles = new HashMap<>(PREDEFINED);
    private final Map<String, Policy> policies = new HashMap<>();
    private int changes;

    GcpIam(GcpStore store) {
        this.store = store;
    }

    /** A token of a service account, which from now on can do what policies allow it. */
    String account(String email) {
        String token = "emulator-" + email;
        accounts.put(token, "serviceAccount:" + email);
        return token;
    }

    /** Who sent a request, by its {@code authorization}; empty for the owner. */
    Optional<String> member(Optional<String> authorization) {
        return authorization
                .filter(header -> header.startsWith(BEARER))
                .map(header -> accounts.get(header.substring(BEARER.length())));
    }

    void role(String name, Set<String> permissions) {
        roles.put(name, Set.copyOf(permissions));
    }

    /** Whether a binding on the resource, or on what it is in, gives somebody a permission. */
    boolean allows(String member, String permission, String resource) {
        return policies.entrySet().stream()
                .filter(policy -> (resource + "/").startsWith(policy.getKey() + "/"))
                .flatMap(policy -> policy.getValue().getBindingsList().stream())
                .filter(binding -> binding.getMembersList().contains(member))
                .anyMatch(binding ->
                        roles.getOrDefault(binding.getRole(), Set.of()).contains(permission));
    }

    Policy set(SetIamPolicyRequest request) {
        String resource = required(request.getResource(), "setIamPolicy");
        Policy wanted = request.getPolicy();
        if (request.hasUpdateMask()) {
            throw GcpFailure.unimplemented("update_mask is not understood here.");
        }
        if (!wanted.getEtag().isEmpty() && !wanted.getEtag().equals(of(resource).getEtag())) {
            throw GcpFailure.conflict(
                    "There were concurrent policy changes. Please retry the whole read-modify-write.");
        }
        wanted.getBindingsList().forEach(this::requireUnderstood);
        Policy policy = wanted.toBuilder()
                .setEtag(ByteString.copyFromUtf8("etag-" + ++changes))
                .build();
        policies.put(resource, policy);
        return policy;
    }

    Policy get(GetIamPolicyRequest request) {
        return of(required(request.getResource(), "getIamPolicy"));
    }

    private Policy of(String resource) {
        return policies.getOrDefault(
                resource,
                Policy.newBuilder().setEtag(ByteString.copyFromUtf8("etag-0")).build());
    }

    private String required(String resource, String operation) {
        boolean ring = store.rings().containsKey(resource);
        store.require("cloudkms." + (ring ? "keyRings." : "cryptoKeys.") + operation, resource);
        if (!ring) {
            store.key(GcpNames.key(resource));
        }
        return resource;
    }

    private void requireUnderstood(Binding binding) {
        if (binding.hasCondition()) {
            throw GcpFailure.unimplemented("Conditions of bindings are not understood here.");
        }
        if (!roles.containsKey(binding.getRole())) {
            throw GcpFailure.invalidArgument(
                    "Role " + GcpNames.shown(binding.getRole()) + " is not supported for this resource.");
        }
        binding.getMembersList().stream()
                .filter(member -> !member.matches("(?:serviceAccount|user|group):[^@\\s]+@[^@\\s]+"))
                .findFirst()
                .ifPresent(member -> {
                    throw GcpFailure.invalidArgument("Invalid member " + GcpNames.shown(member) + ".");
                });
    }
}
