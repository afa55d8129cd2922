package io.keywrap.emulators;

import java.util.Optional;

/**
 * A permission that a caller lacks, for {@link AzureKeyVaultEmulator#deny}; by default for every caller and operation.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class AzureDenial {
    /** How the service words it. */
    enum Kind {
        RBAC,
        POLICY,
        OLD_POLICY,
        MANAGED_HSM,
        FIREWALL,
        CONNECTION
    }

    private final Kind kind;
    private final Optional<VaultOperation> operation;
    private final Optional<String> keyName;
    private final Optional<String> clientId;

    private AzureDenial(Kind kind) {
        this(kind, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private AzureDenial(
            Kind kind, Optional<VaultOperation> operation, Optional<String> keyName, Optional<String> clientId) {
        this.kind = kind;
        this.operation = operation;
        this.keyName = keyName;
        this.clientId = clientId;
    }

    /**
     * No role assignment: {@code ForbiddenByRbac}.
     *
     * @return the denial
     */
    public static AzureDenial rbac() {
        return new AzureDenial(Kind.RBAC);
    }

    /**
     * No entry in the access policies: {@code ForbiddenByPolicy}.
     *
     * @return the denial
     */
    public static AzureDenial policy() {
        return new AzureDenial(Kind.POLICY);
    }

    /**
     * No entry in the access policies, as older vaults word it: {@code AccessDenied}.
     *
     * @return the denial
     */
    public static AzureDenial oldPolicy() {
        return new AzureDenial(Kind.OLD_POLICY);
    }

    /**
     * No local role assignment of a Managed HSM: {@code AccessDenied}, without an inner code.
     *
     * @return the denial
     */
    public static AzureDenial managedHsm() {
        return new AzureDenial(Kind.MANAGED_HSM);
    }

    /**
     * An address that the firewall of the vault does not let in: {@code ForbiddenByFirewall}.
     *
     * @return the denial
     */
    public static AzureDenial firewall() {
        return new AzureDenial(Kind.FIREWALL);
    }

    /**
     * Public access switched off: {@code ForbiddenByConnection}.
     *
     * @return the denial
     */
    public static AzureDenial connection() {
        return new AzureDenial(Kind.CONNECTION);
    }

    /**
     * The same denial, of one operation alone.
     *
     * @param name its name in the log of a vault, such as {@code KeyUnwrap}
     * @return the narrower denial
     * @throws IllegalArgumentException if the emulator has no such operation
     */
    public AzureDenial on(String name) {
        VaultOperation only = VaultOperation.required(name);
        if (only.permission.isEmpty()) {
            throw new IllegalArgumentException("nobody needs a permission for it: " + name);
        }
        return new AzureDenial(kind, Optional.of(only), keyName, clientId);
    }

    /**
     * The same denial, of one key alone.
     *
     * @param only the key
     * @return the narrower denial
     */
    public AzureDenial of(AzureKey only) {
        return new AzureDenial(kind, operation, Optional.of(only.name()), clientId);
    }

    /**
     * The same denial, of one caller alone.
     *
     * @param id the client id
     * @return the narrower denial
     */
    public AzureDenial to(String id) {
        return new AzureDenial(kind, operation, keyName, Optional.of(id));
    }

    boolean matches(VaultCall call) {
        return operation.map(call.operation()::equals).orElse(true)
                && keyName.map(name -> call.key().filter(name::equalsIgnoreCase).isPresent())
                        .orElse(true)
                && clientId.map(call.clientId()::equalsIgnoreCase).orElse(true);
    }

    AzureFailure failure(VaultCall call, String vault, String tenant) {
        VaultOperation wanted = call.operation();
        String caller = "appid=" + call.clientId() + ";oid=" + EntraTokens.objectId(call.clientId())
                + ";iss=https://sts.windows.net/" + tenant + "/";
        String place = vault + ";location=westeurope";
        return switch (kind) {
            case RBAC ->
                AzureFailure.forbidden(
                        "ForbiddenByRbac",
                        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or"
                                + " role definitions were changed recently, please observe propagation time.\r\nCaller: "
                                + caller + "\r\nAction: 'Microsoft.KeyVault/vaults/keys/" + wanted.action
                                + "'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nVault: " + place + "\r\n");
            case POLICY, OLD_POLICY ->
                AzureFailure.forbidden(
                        kind == Kind.POLICY ? "ForbiddenByPolicy" : "AccessDenied",
                        "The user, group or application '" + caller + "' does not have keys " + wanted.permission
                                + " permission on key vault '" + place + "'. For help resolving this issue, please see"
                                + " https://go.microsoft.com/fwlink/?linkid=2125287");
            case MANAGED_HSM ->
                new AzureFailure(
                        403,
                        "AccessDenied",
                        "",
                        "Not authorized to access Microsoft.KeyVault/managedHsm/keys/" + wanted.action);
            case FIREWALL ->
                AzureFailure.forbidden(
                        "ForbiddenByFirewall",
                        "Client address is not authorized and caller is not a trusted service.\r\nClient address:"
                                + " 203.0.113.9\r\nCaller: " + caller + "\r\nVault: " + place);
            case CONNECTION ->
                AzureFailure.forbidden(
                        "ForbiddenByConnection",
                        "Public network access is disabled and request is not from a trusted service nor via an approved"
                                + " private link.\r\nCaller: " + caller + "\r\nVault: " + place);
        };
    }

    /**
     * What is denied.
     *
     * @return such as {@code AzureDenial[RBAC]}
     */
    @Override
    public String toString() {
        return "AzureDenial[" + kind + operation.map(o -> " " + o.logName).orElse("") + "]";
    }
}
