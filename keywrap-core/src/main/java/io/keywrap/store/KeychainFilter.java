package io.keywrap.store;

import io.keywrap.KekId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which keychains of a store are meant. Every condition must hold.
 *
 * <p><b>Security:</b> a filter looks at records whose seals are not checked. It finds; it proves nothing.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class KeychainFilter {
    private static final KeychainFilter ALL = new KeychainFilter("", null, null, false);

    private final String idPrefix;
    private final @Nullable KekId kek;
    private final @Nullable KeyManagement keyManagement;
    private final boolean leavesOutUnreadable;

    private KeychainFilter(
            String idPrefix, @Nullable KekId kek, @Nullable KeyManagement keyManagement, boolean leavesOutUnreadable) {
        this.leavesOutUnreadable = leavesOutUnreadable;
        this.idPrefix = idPrefix;
        this.kek = kek;
        this.keyManagement = keyManagement;
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
        return new KeychainFilter(prefix, kek, keyManagement, leavesOutUnreadable);
    }

    /**
     * Only keychains that depend on a KEK: it is a recipient, or a DEK is wrapped under it. The KEK of the seal does not
     * count.
     *
     * @param kekId the KEK
     * @return a new filter
     */
    public KeychainFilter withKek(KekId kekId) {
        return new KeychainFilter(idPrefix, kekId, keyManagement, leavesOutUnreadable);
    }

    /**
     * Only keychains of one choice of key management.
     *
     * @param choice the choice
     * @return a new filter
     */
    public KeychainFilter withKeyManagement(KeyManagement choice) {
        return new KeychainFilter(idPrefix, kek, choice, leavesOutUnreadable);
    }

    /**
     * Goes on where something kept is no record, or is one of another version. For recovery, which asks
     * {@link KeychainStore#unreadable()} what was left out; everybody else must not overlook it.
     *
     * @return a new filter
     */
    public KeychainFilter leavingOutUnreadable() {
        return new KeychainFilter(idPrefix, kek, keyManagement, true);
    }

    /**
     * Whether to go on where something kept is no record.
     *
     * @return true if so
     */
    public boolean leavesOutUnreadable() {
        return leavesOutUnreadable;
    }

    /**
     * How ids begin; for stores that can look for it.
     *
     * @return the beginning; empty for any
     */
    public String idPrefix() {
        return idPrefix;
    }

    /**
     * Which KEK is depended on; for stores that can look for it.
     *
     * @return the KEK; empty for any
     */
    public Optional<KekId> kek() {
        return Optional.ofNullable(kek);
    }

    /**
     * Whose KEKs they are; for stores that can look for it.
     *
     * @return the choice; empty for any
     */
    public Optional<KeyManagement> keyManagement() {
        return Optional.ofNullable(keyManagement);
    }

    /**
     * Whether a keychain is meant.
     *
     * @param record its record
     * @return true if every condition holds
     */
    public boolean matches(KeychainRecord record) {
        return record.keychainId().startsWith(idPrefix)
                && (kek == null || dependsOn(record, kek))
                && (keyManagement == null || record.keyManagement() == keyManagement);
    }

    private static boolean dependsOn(KeychainRecord record, KekId kekId) {
        return record.recipients().stream()
                        .anyMatch(recipient -> recipient.kekId().equals(kekId))
                || record.deks().stream()
                        .flatMap(entry -> entry.wraps().stream())
                        .anyMatch(wrap -> wrap.wrapped().kekId().equals(kekId));
    }

    /**
     * The conditions.
     *
     * @return such as {@code KeychainFilter[id prefix 'tenant-', KEK keystore:main#a]}
     */
    @Override
    public String toString() {
        return "KeychainFilter[id prefix '" + idPrefix + "'"
                + (kek == null ? "" : ", KEK " + kek)
                + (keyManagement == null ? "" : ", " + keyManagement)
                + (leavesOutUnreadable ? ", without the unreadable" : "") + "]";
    }
}
