package io.keywrap.azure;

import java.util.EnumSet;
import java.util.Set;

/** Everything that Azure can do to a call, one row for each; with the operations that it can happen to. */
enum WireRow {
    DISABLED("disabled", Ops.ALL),
    WRAP_WHILE_DISABLED("disabled, and wrapping allowed all the same", Ops.WRAPS),
    EXPIRED("expired or not yet valid", Ops.ALL),
    KEY_OPS("operation not among those of the key", Ops.ALL),
    RBAC("denied by role assignments", Ops.ALL),
    ACCESS_POLICY("denied by access policy", Ops.ALL),
    MANAGED_HSM("denied by a Managed HSM", Ops.ALL),
    NETWORK("denied by network rules", Ops.ALL),
    DELETED("soft-deleted, purged, or never there", Ops.ALL),
    CONFLICT("name in use by a deleted key, or in a race", Ops.ALL),
    VAULT_GONE("vault deleted or absent", Ops.ALL),
    WRONG_BYTES("wrong version, or damaged bytes", Ops.UNWRAPS),
    PATH("malformed path", Ops.ALL),
    TOKEN("token of another tenant, for others, or expired", Ops.ALL),
    THROTTLED("throttled", Ops.ALL),
    EXTERNAL_KEY("external key manager failed", Ops.ALL),
    SERVICE_FAULT("the service failed", Ops.ALL),
    CREDENTIAL("no credentials, or such as Entra ID refuses", Ops.ALL),
    TENANT("the credential may not take tokens of the tenant", Ops.ALL),
    NO_ANSWER("no connection, no answer, none in time", Ops.ALL),
    UNKNOWN("a code that nobody knows", Ops.ALL);

    final String situation;
    final Set<Op> operations;

    WireRow(String situation, Set<Op> operations) {
        this.situation = situation;
        this.operations = operations;
    }

    /** What is asked of a key. */
    enum Op {
        WRAP,
        UNWRAP,
        STATUS
    }

    /** Sets of operations. */
    static final class Ops {
        static final Set<Op> ALL = EnumSet.allOf(Op.class);
        static final Set<Op> CRYPTO = EnumSet.of(Op.WRAP, Op.UNWRAP);
        static final Set<Op> WRAPS = EnumSet.of(Op.WRAP);
        static final Set<Op> WRAPS_AND_STATUS = EnumSet.of(Op.WRAP, Op.STATUS);
        static final Set<Op> UNWRAPS = EnumSet.of(Op.UNWRAP);
        static final Set<Op> STATUS = EnumSet.of(Op.STATUS);

        private Ops() {}
    }
}
