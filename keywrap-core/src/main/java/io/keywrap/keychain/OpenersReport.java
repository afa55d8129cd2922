package io.keywrap.keychain;

import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.keychain.Openers.KekOwner;
import io.keywrap.keychain.Openers.Known;
import io.keywrap.keychain.Openers.Opener;
import io.keywrap.provider.KeptDeks;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Tells of a record who can still open what. */
final class OpenersReport {
    private final KekId sealKek;
    private final Predicate<KekId> vendorKeks;
    private final KeptDeks kept;
    private final TimeSource time;

    OpenersReport(KekId sealKek, Predicate<KekId> vendorKeks, KeptDeks kept, TimeSource time) {
        this.sealKek = sealKek;
        this.vendorKeks = vendorKeks;
        this.kept = kept;
        this.time = time;
    }

    Openers of(KeychainRecord record) {
        Instant now = time.now();
        List<Opener> openers = openers(record);
        // A record is read again within one deadline, and a DEK that was unwrapped just before goes after another one.
        Duration caches = kept.deadline().multipliedBy(2);
        return new Openers(
                record.keychainId(),
                record.revision(),
                now,
                record.portable(),
                record.destroyed(),
                openers,
                sealKek,
                now.plus(caches),
                now.plus(kept.maxInFlight()).plus(caches),
                warnings(record, openers, now),
                elsewhere(record));
    }

    private List<Opener> openers(KeychainRecord record) {
        Map<List<Object>, Found> found = new LinkedHashMap<>();
        for (DekEntry entry : record.deks()) {
            for (Wrap wrap : entry.wraps()) {
                Found one = found.computeIfAbsent(
                        List.of(wrap.role(), wrap.wrapped().kekId()),
                        key -> new Found(wrap.role(), wrap.wrapped().kekId()));
                one.deks++;
                if (!wrap.wrapped().kekVersion().isEmpty()) {
                    one.versions.add(wrap.wrapped().kekVersion());
                }
            }
        }
        record.recipients()
                .forEach(recipient -> found.computeIfAbsent(
                        List.of(recipient.role(), recipient.kekId()),
                        key -> new Found(recipient.role(), recipient.kekId())));
        return found.values().stream()
                .map(one -> opener(record, one))
                .sorted(Comparator.comparing(Opener::role)
                        .thenComparing(one -> one.kekId().uri()))
                .toList();
    }

    private Opener opener(KeychainRecord record, Found found) {
        Optional<Recipient> recipient = record.recipients().stream()
                .filter(one -> one.kekId().equals(found.kekId))
                .findFirst();
        Known known = known(found.kekId, recipient);
        KekOwner owner = switch (known) {
            case BY_SEAL, BY_CONFIGURATION -> KekOwner.VENDOR;
            case BY_RECORD -> record.keyManagement() == KeyManagement.VENDOR ? KekOwner.VENDOR : KekOwner.CUSTOMER;
            case NOT -> KekOwner.UNKNOWN;
        };
        return new Opener(
                found.kekId,
                found.role,
                owner,
                known,
                List.copyOf(found.versions),
                found.deks,
                record.portable(),
                found.role == Role.RETAINED ? recipient.flatMap(Recipient::until) : Optional.empty());
    }

    private Known known(KekId kekId, Optional<Recipient> recipient) {
        if (kekId.equals(sealKek)) {
            return Known.BY_SEAL;
        }
        if (vendorKeks.test(kekId)) {
            return Known.BY_CONFIGURATION;
        }
        // What was a recipient once may be of the time before the tenant chose otherwise.
        return recipient.filter(one -> one.role() != Role.RETAINED).isPresent() ? Known.BY_RECORD : Known.NOT;
    }

    private static List<String> warnings(KeychainRecord record, List<Opener> openers, Instant now) {
        List<String> warnings = new ArrayList<>();
        for (Opener opener : openers) {
            String name = opener.role() + " KEK " + opener.kekId();
            if (opener.canOpen()
                    && opener.owner() == KekOwner.VENDOR
                    && record.keyManagement() == KeyManagement.CUSTOMER) {
                warnings.add(name + " is the vendor's: the customer cannot withdraw it");
            }
            if (opener.canOpen() && opener.owner() == KekOwner.UNKNOWN) {
                warnings.add(name + " is not known to be the customer's: it was a recipient earlier");
            }
            if (opener.deks() > 0
                    && opener.until().filter(until -> !now.isBefore(until)).isPresent()) {
                warnings.add(name + " was to be kept until " + opener.until().get()
                        + ": repair the keychain to drop its" + " wraps");
            }
        }
        if (!record.incomplete().isEmpty()) {
            warnings.add(
                    record.incomplete().size() + " DEKs are not wrapped under every recipient: a CONTROL KEK closes"
                            + " only what it has wrapped; repair the keychain");
        }
        if (record.portable()) {
            warnings.add(
                    "envelopes carry wraps: a copy of one opens with any one of these KEKs, whatever this store says");
        }
        return warnings;
    }

    private static List<String> elsewhere(KeychainRecord record) {
        List<String> places = new ArrayList<>();
        places.add(
                "backups, replicas and exports of the store have earlier records, with the wraps of their time: the KEKs"
                        + " that these name open them");
        places.add("leases that are open in other processes go on until they are closed, as long as their KEKs answer");
        if (record.portable()) {
            places.add("copies of envelopes have the wraps of the time when they were written");
        }
        return places;
    }

    private static final class Found {
        private final Role role;
        private final KekId kekId;
        private final TreeSet<String> versions = new TreeSet<>();
        private int deks;

        Found(Role role, KekId kekId) {
            this.role = role;
            this.kekId = kekId;
        }
    }
}
