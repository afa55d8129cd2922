package io.keywrap.emulators;

import java.util.Arrays;
import java.util.Optional;

/** What Key Vault can be asked for here. */
enum VaultOperation {
    /** A request without a token, which is answered by the challenge. */
    AUTHENTICATION("Authentication", "", ""),
    /** A request for a token, at Entra ID. */
    TOKEN("Token", "", ""),
    CREATE("KeyCreate", "create", "create/action"),
    GET("KeyGet", "get", "read"),
    LIST("KeyList", "list", "read"),
    LIST_VERSIONS("KeyListVersions", "list", "read"),
    UPDATE("KeyUpdate", "update", "write"),
    ROTATE("KeyRotate", "rotate", "rotate/action"),
    DELETE("KeyDelete", "delete", "delete"),
    GET_DELETED("KeyGetDeleted", "get", "read"),
    LIST_DELETED("KeyListDeleted", "list", "read"),
    RECOVER("KeyRecover", "recover", "recover/action"),
    PURGE("KeyPurge", "purge", "purge/action"),
    WRAP("KeyWrap", "wrapKey", "wrap/action"),
    UNWRAP("KeyUnwrap", "unwrapKey", "unwrap/action"),
    ENCRYPT("KeyEncrypt", "encrypt", "encrypt/action"),
    DECRYPT("KeyDecrypt", "decrypt", "decrypt/action");

    /** The name in the log of the vault. */
    final String logName;
    /** The name in an access policy, in {@code key_ops} and in error texts. */
    final String permission;
    /** The end of the name in a role definition. */
    final String action;

    VaultOperation(String logName, String permission, String action) {
        this.logName = logName;
        this.permission = permission;
        this.action = action;
    }

    /** Whether it makes a ciphertext, which only a valid key may. */
    boolean seals() {
        return this == WRAP || this == ENCRYPT;
    }

    static Optional<VaultOperation> named(String logName) {
        return Arrays.stream(values())
                .filter(operation -> operation.logName.equals(logName))
                .findFirst();
    }

    /** The same, for what a programmer wrote. */
    static VaultOperation required(String logName) {
        return named(logName)
                .orElseThrow(
                        () -> new IllegalArgumentException("no operation of the emulator: '" + logName + "'; there are "
                                + Arrays.stream(values())
                                        .map(operation -> operation.logName)
                                        .toList()));
    }
}
