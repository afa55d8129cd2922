package io.keywrap.proof;

import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;

/** What no writer may change from one record of a keychain to the next: docs/format.md, K14. */
final class Succession {
    private Succession() {}

    static void require(KeychainRecord before, KeychainRecord after) {
        boolean fixed = after.keychainId().equals(before.keychainId())
                && after.createdAt().equals(before.createdAt())
                && after.portable() == before.portable()
                && after.migratable() == before.migratable()
                && after.keyContext().equals(before.keyContext())
                && after.sealKey().equals(before.sealKey());
        require(fixed, "what a keychain is made with never changes");
        require(
                before.migratable() || after.keyManagement() == before.keyManagement(),
                "the key management of this keychain is " + before.keyManagement()
                        + " for good: it was not made migratable");
        before.deks().forEach(entry -> requireKept(entry, after));
    }

    private static void requireKept(DekEntry before, KeychainRecord after) {
        DekEntry entry = after.dek(before.id()).orElse(null);
        require(entry != null, "a keychain never loses a DEK");
        require(
                entry.usage() == before.usage()
                        && entry.createdAt().equals(before.createdAt())
                        && entry.checkValue().equals(before.checkValue()),
                "usage, date and check value of a DEK never change");
        require(
                before.state() != State.DESTROYED || entry.state() == State.DESTROYED,
                "a destroyed DEK never comes back");
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalStateException(rule);
        }
    }
}
