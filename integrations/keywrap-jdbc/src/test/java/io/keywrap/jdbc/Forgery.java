package io.keywrap.jdbc;

import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** What somebody may want a record to say, under the seal that was there: the best that he has. */
enum Forgery {
    PLANTS_A_DEK(record -> record.next().deks(Rows.next(record).deks())),
    ADDS_A_RECIPIENT(record -> record.next().recipients(more(record.recipients()))),
    TAKES_THE_VETO(record -> record.next().deks(each(record, Forgery::retained))),
    DESTROYS_THE_DEKS(record -> record.next().deks(each(record, entry -> entry.inState(State.DESTROYED)))),
    LOWERS_THE_QUORUM(record -> record.next().writeQuorum(1)),
    COUNTS_UP(KeychainRecord::next);

    private final Function<KeychainRecord, KeychainRecord.Builder> change;

    Forgery(Function<KeychainRecord, KeychainRecord.Builder> change) {
        this.change = change;
    }

    KeychainRecord of(KeychainRecord record) {
        byte[] encoded = record.toBytes();
        byte[] seal = Arrays.copyOfRange(encoded, encoded.length - KeychainRecord.SEAL_BYTES, encoded.length);
        return change.apply(record).build(body -> seal);
    }

    private static List<Recipient> more(List<Recipient> recipients) {
        List<Recipient> more = new ArrayList<>(recipients);
        more.add(new Recipient(Role.REPLICA, Products.OTHER));
        return more;
    }

    private static DekEntry retained(DekEntry entry) {
        return entry.withWraps(entry.wraps().stream()
                .map(wrap -> new Wrap(Role.RETAINED, wrap.wrapped()))
                .toList());
    }

    private static List<DekEntry> each(KeychainRecord record, UnaryOperator<DekEntry> change) {
        return record.deks().stream().map(change).toList();
    }
}
