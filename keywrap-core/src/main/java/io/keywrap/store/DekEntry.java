package io.keywrap.store;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One DEK of a keychain.
 *
 * @param id its id
 * @param usage what it may be used for
 * @param state where it is in its life
 * @param createdAt when it was made, kept to the millisecond
 * @param checkValue 64 lower-case hexadecimal digits that prove an unwrapped key to be this DEK
 * @param wraps its wraps; none if and only if it was destroyed
 */
public record DekEntry(DekId id, Usage usage, State state, Instant createdAt, String checkValue, List<Wrap> wraps) {
    /**
     * Checks the shape.
     *
     * @param id its id
     * @param usage what it may be used for
     * @param state where it is in its life
     * @param createdAt when it was made
     * @param checkValue what proves the key
     * @param wraps its wraps
     * @throws IllegalArgumentException if the shape is wrong
     */
    public DekEntry {
        wraps = List.copyOf(wraps);
        createdAt = Instant.ofEpochMilli(createdAt.toEpochMilli());
        if (HexFormat.of().parseHex(checkValue).length != 32
                || !checkValue.equals(checkValue.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("a check value has 64 lower-case hexadecimal digits");
        }
        if (wraps.isEmpty() != (state == State.DESTROYED) || wraps.size() > KeychainRecord.MAX_WRAPS) {
            throw new IllegalArgumentException(
                    "a DEK has 1 to " + KeychainRecord.MAX_WRAPS + " wraps, a destroyed one none");
        }
        for (Wrap wrap : wraps) {
            if (!wrap.wrapped().dekId().equals(id)) {
                throw new IllegalArgumentException("the wrap of a DEK names another DEK");
            }
        }
    }

    /**
     * The same DEK in another state; in {@link State#DESTROYED} without its wraps.
     *
     * @param next the state
     * @return a new entry
     */
    public DekEntry inState(State next) {
        return new DekEntry(id, usage, next, createdAt, checkValue, next == State.DESTROYED ? List.of() : wraps);
    }

    /**
     * The same DEK with other wraps.
     *
     * @param others the wraps
     * @return a new entry
     */
    public DekEntry withWraps(List<Wrap> others) {
        return new DekEntry(id, usage, state, createdAt, checkValue, others);
    }

    /**
     * The wrap under one KEK.
     *
     * @param kekId the KEK
     * @return the wrap; empty if that KEK has not wrapped it
     */
    public Optional<Wrap> wrapUnder(KekId kekId) {
        return wraps.stream()
                .filter(wrap -> wrap.wrapped().kekId().equals(kekId))
                .findFirst();
    }
}
