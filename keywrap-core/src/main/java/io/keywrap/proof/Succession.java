package io.keywrap.proof;

import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
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
        return sameDeks ? Optional.empty() : Optional.of("usage, date and check value of a DEK never change");
    }

    private static boolean isSameDek(DekEntry one, DekEntry other) {
        return one.usage() == other.usage()
                && one.createdAt().equals(other.createdAt())
                && one.checkValue().equals(other.checkValue());
    }

    static void require(KeychainRecord before, KeychainRecord after) {
        contradiction(before, after).ifPresent(reason -> {
            throw new IllegalStateException(reason);
        });
        for (DekEntry entry : before.deks()) {
            DekEntry kept =
                    after.dek(entry.id()).orElseThrow(() -> new IllegalStateException("a keychain never loses a DEK"));
            if (entry.state() == State.DESTROYED && kept.state() != State.DESTROYED) {
                throw new IllegalStateException("a destroyed DEK never comes back");
            }
        }
    }
}
