package io.keywrap.proof;

import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import java.util.Optional;

/** What no writer may change from one record of a keychain to the next: docs/format.md, K14. */
public final class Succession {
    private Succession() {}

    /**
     * Why two records cannot be of one keychain, whichever came first.
     *
     * @param one a record
     * @param other another record
     * @return the reason; empty if they can
     */
    public static Optional<String> contradiction(KeychainRecord one, KeychainRecord other) {
        boolean madeAlike = one.keychainId().equals(other.keychainId())
                && one.createdAt().equals(other.createdAt())
                && one.portable() == other.portable()
                && one.migratable() == other.migratable()
                && one.keyContext().equals(other.keyContext())
                && one.sealKey().equals(other.sealKey());
        if (!madeAlike) {
            return Optional.of("what a keychain is made with never changes");
        }
        if (!one.migratable() && one.keyManagement() != other.keyManagement()) {
            return Optional.of("the key management of this keychain is for good: it was not made migratable");
        }
        boolean sameDeks = one.deks().stream()
                .allMatch(entry -> other.dek(entry.id())
                        .map(same -> isSameDek(entry, same))
                        .orElse(true));
        return sameDeks ? Optional.empty() : Optional.of("usage and check value of a DEK never change");
    }

    private static boolean isSameDek(DekEntry one, DekEntry other) {
        return one.usage() == other.usage() && one.checkValue().equals(other.checkValue());
    }

    /**
     * Why a record cannot follow another one of its keychain.
     *
     * @param before the earlier record
     * @param after the later one
     * @return the reason; empty if it can
     */
    public static Optional<String> violation(KeychainRecord before, KeychainRecord after) {
        Optional<String> contradiction = contradiction(before, after);
        if (contradiction.isPresent()) {
            return contradiction;
        }
        if (before.destroyed() && !after.destroyed()) {
            return Optional.of("a keychain that was destroyed makes no DEK");
        }
        for (DekEntry entry : before.deks()) {
            Optional<DekEntry> kept = after.dek(entry.id());
            if (kept.isEmpty()) {
                return Optional.of("a keychain never loses a DEK");
            }
            if (kept.get().state().compareTo(entry.state()) < 0) {
                return Optional.of("the state of a DEK never goes back");
            }
            if (kept.get().createdAt().isAfter(entry.createdAt())) {
                return Optional.of("the date of a DEK never becomes later");
            }
        }
        return Optional.empty();
    }

    static void require(KeychainRecord before, KeychainRecord after) {
        violation(before, after).ifPresent(reason -> {
            throw new IllegalStateException(reason);
        });
    }
}
