package io.keywrap.rewrap;

import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which uses of a keychain need a new primary, and whom that is wrapped to. */
final class OldPrimaries {
    private OldPrimaries() {}

    static List<Usage> of(KeychainRecord record, Instant before) {
        List<Usage> usages = new ArrayList<>();
        for (Usage usage : Usage.values()) {
            record.primary(usage)
                    .map(DekEntry::createdAt)
                    .filter(made -> made.isBefore(before))
                    .ifPresent(made -> usages.add(usage));
        }
        return usages;
    }

    /** CONTROL first, which are asked first. */
    static List<Recipient> targets(KeychainRecord record) {
        return record.recipients().stream()
                .filter(recipient -> recipient.role() != Role.RETAINED)
                .sorted(Comparator.comparing(Recipient::role))
                .toList();
    }

    static boolean hasRoom(KeychainRecord record, int more) {
        return record.deks().size() + more <= KeychainRecord.MAX_DEKS;
    }
}
