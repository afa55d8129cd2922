package io.keywrap.gcp;

import java.util.EnumSet;
import java.util.Set;

/** Everything that Cloud KMS can do to a call, one row for each; with the operations that it can happen to. */
enum WireRow {
    DISABLED("version disabled", Ops.ALL),
    DESTROY_SCHEDULED("version scheduled to be destroyed", Ops.ALL),
    DESTROYED("version destroyed", Ops.ALL),
    PENDING("version being made, or waiting for its material", Ops.ALL),
    FAILED("version that could not be made or imported", Ops.ALL),
    DENIED("permission removed, or nothing there", Ops.ALL),
    ABSENT("nothing there, told to who may know", Ops.ALL),
    OTHER_KEY("wrapped under another key", Ops.UNWRAP),
    CIPHERTEXT("another key context, or damaged bytes", Ops.UNWRAP),
    PURPOSE("key of another purpose", Ops.ALL),
    API_DISABLED("API not enabled", Ops.ALL),
    EXTERNAL("external key manager", Ops.CRYPTO),
    QUOTA("quota", Ops.ALL),
    FAULT("fault", Ops.ALL),
    CREDENTIALS("credentials", Ops.ALL),
    UNKNOWN("a code that nobody knows", Ops.ALL);

    final String situation;
    final Set<Op> operations;

    WireRow(String situation, Set<Op> operations) {
        this.situation = situation;
        this.operations = operations;
    }

    /** What is asked of a key. */
    enum Op {
        GENERATE,
        WRAP,
        UNWRAP,
        STATUS
    }

    /** Sets of operations. */
    static final class Ops {
        static final Set<Op> ALL = EnumSet.allOf(Op.class);
        static final Set<Op> CRYPTO = EnumSet.complementOf(EnumSet.of(Op.STATUS));
        static final Set<Op> UNWRAP = EnumSet.of(Op.UNWRAP);
        static final Set<Op> WRAPS = EnumSet.of(Op.GENERATE, Op.WRAP);

        private Ops() {}
    }
}
