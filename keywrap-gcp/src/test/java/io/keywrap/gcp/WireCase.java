package io.keywrap.gcp;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.emulators.GcpFault;
import io.keywrap.gcp.WireRow.Op;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One way to come to a row.
 *
 * @param row which
 * @param name which way
 * @param change what happens before the call
 * @param operations what is called
 * @param type what the call fails with
 * @param reason how the key was withdrawn, if it was
 * @param code the code of Google; null if Google did not answer, or told a state and no error
 * @param dated whether the date of the destruction is told
 */
record WireCase(
        WireRow row,
        String name,
        Change change,
        Set<Op> operations,
        Class<? extends KekException> type,
        @Nullable Reason reason,
        @Nullable String code,
        boolean dated) {

    /** What happens before the call. */
    interface Change {
        void in(WireWorld world) throws Exception;
    }

    static WireCase failing(
            WireRow row, String name, Class<? extends KekException> type, @Nullable String code, Change change) {
        return new WireCase(row, name, change, row.operations, type, null, code, false);
    }

    static WireCase revoked(WireRow row, String name, Reason reason, String code, Change change) {
        return new WireCase(row, name, change, row.operations, KekRevokedException.class, reason, code, false);
    }

    static WireCase invalid(WireRow row, String name, Change change) {
        return failing(row, name, InvalidWrappedDekException.class, "INVALID_ARGUMENT", change);
    }

    static WireCase ours(WireRow row, String name, @Nullable String code, Change change) {
        return failing(row, name, KekConfigurationException.class, code, change);
    }

    static WireCase outage(WireRow row, String name, @Nullable String code, Change change) {
        return failing(row, name, KekUnreachableException.class, code, change);
    }

    static WireCase throttled(WireRow row, String name, String code, Change change) {
        return failing(row, name, KekThrottledException.class, code, change);
    }

    static WireCase notFound(WireRow row, String name, Change change) {
        return failing(row, name, KekNotFoundException.class, "NOT_FOUND", change);
    }

    /** The service answers every request with a fault. */
    static Change always(GcpFault fault) {
        return world -> world.emulator.injectAlways(fault);
    }

    /** The same for other operations alone. */
    WireCase on(Set<Op> some) {
        return new WireCase(row, name, change, some, type, reason, code, dated);
    }

    /** The same, with the date. */
    WireCase withDate() {
        return new WireCase(row, name, change, operations, type, reason, code, true);
    }

    @Override
    public String toString() {
        return row.situation + ": " + name;
    }
}
