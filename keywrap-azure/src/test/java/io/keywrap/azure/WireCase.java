package io.keywrap.azure;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.azure.WireRow.Op;
import io.keywrap.emulators.AzureFault;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One way to come to a row.
 *
 * @param row which
 * @param name which way
 * @param change what happens before the call
 * @param operations what is called
 * @param type what the call fails with; null if it does not
 * @param reason how the key was withdrawn, if it was
 * @param code the code of Azure; null if there is none
 * @param byState whether {@code getKey} succeeds and tells the state, so that the status has no code
 * @param deletion the date of the deletion that is told
 */
record WireCase(
        WireRow row,
        String name,
        Change change,
        Set<Op> operations,
        @Nullable Class<? extends KekException> type,
        @Nullable Reason reason,
        @Nullable String code,
        boolean byState,
        Function<WireWorld, Optional<Instant>> deletion) {

    /** What happens before the call. */
    interface Change {
        void in(WireWorld world) throws Exception;
    }

    static WireCase revoked(WireRow row, String name, Reason reason, @Nullable String code, Change change) {
        return new WireCase(
                row,
                name,
                change,
                row.operations,
                KekRevokedException.class,
                reason,
                code,
                false,
                w -> Optional.empty());
    }

    static WireCase failing(
            WireRow row, String name, Class<? extends KekException> type, @Nullable String code, Change change) {
        return new WireCase(row, name, change, row.operations, type, null, code, false, w -> Optional.empty());
    }

    static WireCase working(WireRow row, String name, Change change) {
        return new WireCase(row, name, change, row.operations, null, null, null, false, w -> Optional.empty());
    }

    static WireCase ours(WireRow row, String name, @Nullable String code, Change change) {
        return failing(row, name, KekConfigurationException.class, code, change);
    }

    static WireCase outage(WireRow row, String name, @Nullable String code, Change change) {
        return failing(row, name, KekUnreachableException.class, code, change);
    }

    static WireCase throttled(WireRow row, String name, @Nullable String code, Change change) {
        return failing(row, name, KekThrottledException.class, code, change);
    }

    /** The vault answers every request with an error. */
    static Change error(int status, String code, String inner, String text) {
        return world -> world.emulator.injectAlways(AzureFault.error(status, code, inner, text));
    }

    /** The same for other operations alone. */
    WireCase on(Set<Op> some) {
        return new WireCase(row, name, change, some, type, reason, code, byState, deletion);
    }

    /** The same, where the key can be read. */
    WireCase readable() {
        return new WireCase(row, name, change, operations, type, reason, code, true, deletion);
    }

    /** The same, with a date. */
    WireCase dated() {
        return new WireCase(
                row, name, change, operations, type, reason, code, byState, world -> world.key.scheduledPurgeDate());
    }

    @Override
    public String toString() {
        return row.situation + ": " + name;
    }
}
