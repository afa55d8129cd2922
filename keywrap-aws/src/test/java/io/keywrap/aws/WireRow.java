package io.keywrap.aws;

import static io.keywrap.aws.WireRow.Op.DECRYPT;
import static io.keywrap.aws.WireRow.Op.DESCRIBE;
import static io.keywrap.aws.WireRow.Op.ENCRYPT;
import static io.keywrap.aws.WireRow.Op.GENERATE;
import static io.keywrap.aws.WireRow.Op.RE_ENCRYPT_FROM;
import static io.keywrap.aws.WireRow.Op.RE_ENCRYPT_TO;

import java.util.EnumSet;
import java.util.Set;

/** Everything that AWS KMS can do to a call, one row for each; with the operations that it can happen to. */
enum WireRow {
    DISABLED("disabled", Ops.ALL),
    PENDING_DELETION("deletion pending, of the key or of its replicas", Ops.ALL),
    DELETED("deleted, in the caller's account", Ops.ALL),
    HIDDEN("deleted, never there or in another Region, in another account", Ops.ALL),
    WITHDRAWN("permission, grant or condition taken back", Ops.ALL),
    OWN_PERMISSION("the caller's own permission is missing", Ops.ALL),
    PENDING_IMPORT("imported material gone", Ops.ALL),
    UNAVAILABLE("custom key store disconnected", Ops.ALL),
    EXTERNAL_KEY_STORE("external key store", Ops.CRYPTO),
    MULTI_REGION("being made, or its primary Region being changed", Ops.ALL),
    OTHER_KEY("wrapped under another key", Ops.UNWRAPS),
    CIPHERTEXT("another key context, or damaged bytes", Ops.UNWRAPS),
    USAGE("key of another usage or spec", Ops.ALL),
    PARAMETER("bad parameter", Ops.OF_ONE_KEY),
    THROTTLED("throttled", Ops.OF_ONE_KEY),
    SERVICE_FAULT("the service failed", Ops.OF_ONE_KEY),
    CREDENTIALS("stale or bad credentials", Ops.OF_ONE_KEY),
    NO_ANSWER("no credentials, no connection, no answer in time", Ops.OF_ONE_KEY),
    ROLE_REFUSED("the role may not be assumed", Ops.OF_ONE_KEY),
    UNKNOWN("a code that nobody knows", Ops.OF_ONE_KEY);

    final String situation;
    final Set<Op> operations;

    WireRow(String situation, Set<Op> operations) {
        this.situation = situation;
        this.operations = operations;
    }

    /** What is asked of a key. */
    enum Op {
        GENERATE,
        ENCRYPT,
        DECRYPT,
        RE_ENCRYPT_FROM,
        RE_ENCRYPT_TO,
        DESCRIBE
    }

    /** Sets of operations. */
    static final class Ops {
        static final Set<Op> ALL = EnumSet.allOf(Op.class);
        static final Set<Op> CRYPTO = EnumSet.complementOf(EnumSet.of(DESCRIBE));
        static final Set<Op> OF_ONE_KEY = EnumSet.complementOf(EnumSet.of(RE_ENCRYPT_TO));
        static final Set<Op> UNWRAPS = EnumSet.of(DECRYPT, RE_ENCRYPT_FROM);
        static final Set<Op> ONE_CRYPTO = EnumSet.of(GENERATE, ENCRYPT, DECRYPT, RE_ENCRYPT_FROM);

        private Ops() {}
    }
}
