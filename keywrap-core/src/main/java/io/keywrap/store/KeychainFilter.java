package io.keywrap.store;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which keychains of a store are meant. Every condition must hold.
 *
 * <p>{@link #withKek}, {@link #withKekVersion} and {@link #withRole} describe one recipient or wrap together, so a keychain
 * with one KEK as CONTROL and another as REPLICA is not found as the other's CONTROL. In the same way
 * {@link #withDekState} and {@link #withDekMadeBefore} describe one DEK.
 *
 * <p><b>Security:</b> a filter looks at records whose seals are not checked. It finds; it proves nothing.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class KeychainFilter {
    private static final KeychainFilter ALL = new KeychainFilter(new Conditions());

    private final Conditions conditions;

    private KeychainFilter(Conditions conditions) {
        this.conditions = conditions;
    }

    private KeychainFilter with(Consumer<Conditions> condition) {
        Conditions more = new Conditions(conditions);
        condition.accept(more);
        return new KeychainFilter(more);
    }

    /**
     * Every keychain.
     *
     * @return the filter without a condition
     */
    public static KeychainFilter all() {
        return ALL;
    }

    /**
     * Only keychains whose ids begin alike, such as those of one tenant.
     *
     * @param prefix the beginning; empty for any
     * @return a new filter
     */
    public KeychainFilter withIdPrefix(String prefix) {
        return with(c -> c.idPrefix = prefix);
    }

    /**
     * Only keychains whose key context has a pair, such as the tenant's name. Called again, both pairs must be there.
     *
     * @param key the key of the pair
     * @param value its whole value
     * @return a new filter
     * @throws IllegalArgumentException if no key context has such a pair, or a value of that key was given before
     */
    public KeychainFilter withKeyContext(String key, String value) {
        return with(c -> c.keyContext = c.keyContext.with(key, value));
    }

    /**
     * Only keychains that depend on a KEK: it is a recipient, or a DEK is wrapped under it. The KEK of the seal does not
     * count.
     *
     * @param kekId the KEK
     * @return a new filter
     */
    public KeychainFilter withKek(KekId kekId) {
        return with(c -> c.kek = kekId);
    }

    /**
     * Only keychains with a DEK that is wrapped under a version of a KEK. Recipients have no version and do not count.
     *
     * @param version the version as wraps name it; empty for wraps without one
     * @return a new filter
     */
    public KeychainFilter withKekVersion(String version) {
        return with(c -> c.kekVersion = version);
    }

    /**
     * Only keychains with a recipient or a wrap in a role.
     *
     * @param role the role
     * @return a new filter
     */
    public KeychainFilter withRole(Role role) {
        return with(c -> c.role = role);
    }

    /**
     * Only keychains of one choice of key management.
     *
     * @param choice the choice
     * @return a new filter
     */
    public KeychainFilter withKeyManagement(KeyManagement choice) {
        return with(c -> c.keyManagement = choice);
    }

    /**
     * Only keychains with a DEK in a state.
     *
     * @param state the state
     * @return a new filter
     */
    public KeychainFilter withDekState(State state) {
        return with(c -> c.dekState = state);
    }

    /**
     * Only keychains with a DEK of some age. With {@link #withDekState} {@code PRIMARY}: those that are due for a new one.
     *
     * @param instant later than the DEK was made
     * @return a new filter
     */
    public KeychainFilter withDekMadeBefore(Instant instant) {
        return with(c -> c.dekMadeBefore = instant);
    }

    /**
     * Goes on where something kept is no record, or is one of another version. For recovery, which asks
     * {@link KeychainStore#unreadable()} what was left out; everybody else must not overlook it.
     *
     * @return a new filter
     */
    public KeychainFilter leavingOutUnreadable() {
        return with(c -> c.leavesOutUnreadable = true);
    }

    /**
     * Whether to go on where something kept is no record.
     *
     * @return true if so
     */
    public boolean leavesOutUnreadable() {
        return conditions.leavesOutUnreadable;
    }

    /**
     * How ids begin; for stores that can look for it.
     *
     * @return the beginning; empty for any
     */
    public String idPrefix() {
        return conditions.idPrefix;
    }

    /**
     * Which pairs the key context has; for stores that can look for it.
     *
     * @return the pairs; none for any
     */
    public EncryptionContext keyContext() {
        return conditions.keyContext;
    }

    /**
     * Which KEK is depended on; for stores that can look for it.
     *
     * @return the KEK; empty for any
     */
    public Optional<KekId> kek() {
        return Optional.ofNullable(conditions.kek);
    }

    /**
     * Which version of the KEK; for stores that can look for it.
     *
     * @return the version, which may be the empty text; empty for any, and none
     */
    public Optional<String> kekVersion() {
        return Optional.ofNullable(conditions.kekVersion);
    }

    /**
     * Which role; for stores that can look for it.
     *
     * @return the role; empty for any
     */
    public Optional<Role> role() {
        return Optional.ofNullable(conditions.role);
    }

    /**
     * Whose KEKs they are; for stores that can look for it.
     *
     * @return the choice; empty for any
     */
    public Optional<KeyManagement> keyManagement() {
        return Optional.ofNullable(conditions.keyManagement);
    }

    /**
     * Which state a DEK is in; for stores that can look for it.
     *
     * @return the state; empty for any
     */
    public Optional<State> dekState() {
        return Optional.ofNullable(conditions.dekState);
    }

    /**
     * Before when a DEK was made; for stores that can look for it.
     *
     * @return the instant; empty for any
     */
    public Optional<Instant> dekMadeBefore() {
        return Optional.ofNullable(conditions.dekMadeBefore);
    }

    /**
     * Whether a keychain is meant.
     *
     * @param record its record
     * @return true if every condition holds
     */
    public boolean matches(KeychainRecord record) {
        Conditions c = conditions;
        return record.keychainId().startsWith(c.idPrefix)
                && record.keyContext().contains(c.keyContext)
                && (c.keyManagement == null || record.keyManagement() == c.keyManagement)
                && (!c.askForUse() || uses(record))
                && (!c.askForDek() || record.deks().stream().anyMatch(this::fits));
    }

    private boolean uses(KeychainRecord record) {
        return record.recipients().stream().anyMatch(one -> fits(one.role(), one.kekId(), null))
                || record.deks().stream()
                        .flatMap(entry -> entry.wraps().stream())
                        .anyMatch(wrap -> fits(
                                wrap.role(),
                                wrap.wrapped().kekId(),
                                wrap.wrapped().kekVersion()));
    }

    private boolean fits(Role role, KekId kekId, @Nullable String version) {
        Conditions c = conditions;
        return (c.role == null || role == c.role)
                && (c.kek == null || kekId.equals(c.kek))
                && (c.kekVersion == null || c.kekVersion.equals(version));
    }

    private boolean fits(DekEntry entry) {
        Conditions c = conditions;
        return (c.dekState == null || entry.state() == c.dekState)
                && (c.dekMadeBefore == null || entry.createdAt().isBefore(c.dekMadeBefore));
    }

    /**
     * The conditions; of the key context only the keys.
     *
     * @return such as {@code KeychainFilter[id prefix 'tenant-', KEK keystore:main#a]}
     */
    @Override
    public String toString() {
        Conditions c = conditions;
        return "KeychainFilter[id prefix '" + c.idPrefix + "'"
                + (c.keyContext.isEmpty()
                        ? ""
                        : ", key context " + c.keyContext.asMap().keySet())
                + (c.kek == null ? "" : ", KEK " + c.kek)
                + (c.kekVersion == null ? "" : ", version '" + c.kekVersion + "'")
                + (c.role == null ? "" : ", " + c.role)
                + (c.keyManagement == null ? "" : ", " + c.keyManagement)
                + (c.dekState == null ? "" : ", a DEK " + c.dekState)
                + (c.dekMadeBefore == null ? "" : ", a DEK made before " + c.dekMadeBefore)
                + (c.leavesOutUnreadable ? ", without the unreadable" : "") + "]";
    }

    /** Changed only between their making and that of their filter. */
    private static final class Conditions {
        String idPrefix = "";
        EncryptionContext keyContext = EncryptionContext.empty();

        @Nullable
        KekId kek;

        @Nullable
        String kekVersion;

        @Nullable
        Role role;

        @Nullable
        KeyManagement keyManagement;

        @Nullable
        State dekState;

        @Nullable
        Instant dekMadeBefore;

        boolean leavesOutUnreadable;

        Conditions() {}

        Conditions(Conditions before) {
            idPrefix = before.idPrefix;
            keyContext = before.keyContext;
            kek = before.kek;
            kekVersion = before.kekVersion;
            role = before.role;
            keyManagement = before.keyManagement;
            dekState = before.dekState;
            dekMadeBefore = before.dekMadeBefore;
            leavesOutUnreadable = before.leavesOutUnreadable;
        }

        boolean askForUse() {
            return kek != null || kekVersion != null || role != null;
        }

        boolean askForDek() {
            return dekState != null || dekMadeBefore != null;
        }
    }
}
