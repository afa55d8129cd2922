package io.keywrap.rewrap;

import io.keywrap.rewrap.Dependents.Count;
import io.keywrap.rewrap.Dependents.Dependent;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.rewrap.Dependents.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Says what depends on a KEK, for people. */
final class DependentsText {
    private static final int NAMED = 3;

    private final DependentsTally tally;
    private final List<String> reasons = new ArrayList<>();

    private DependentsText(DependentsTally tally) {
        this.tally = tally;
    }

    static List<String> reasons(DependentsTally tally) {
        return List.copyOf(new DependentsText(tally).all());
    }

    private List<String> all() {
        say(Need.CONTROL, (count, who) -> "it opens " + deks(count) + " of " + who + ": re-wrap them");
        say(Need.REPLICA, (count, who) -> "it is a REPLICA of " + deks(count) + " of " + who + ": re-wrap them");
        say(
                Need.RETAINED,
                (count, who) -> "a wrap of it is kept of " + deks(count) + " of " + who + ", " + retention());
        say(Need.NEW_DEKS, (count, who) -> "new DEKs of " + who + " are wrapped to it: move them");
        say(
                Need.SEAL,
                (count, who) -> "it has wrapped the seal keys of " + who + ": nothing else vouches for their records");
        say(
                Need.ENVELOPES,
                (count, who) -> "envelopes of " + who
                        + " may carry its wraps, since these are portable: list them all, or" + " keep it");
        if (tally.slotCount() > 0) {
            reasons.add("it has wrapped " + number(tally.slotKeys(), "uploaded key", "uploaded keys") + " and "
                    + number(tally.slotSeals(), "seal", "seals") + " of " + slots()
                    + ": re-wrap the slots ('keywrap byok rewrap')");
        }
        reasons.addAll(tally.current());
        if (tally.isOfAlias()) {
            reasons.add(
                    "it is an alias, which is a name and no key, and other names of the key are not known: ask for the ARN"
                            + " of the key that it points to, and of each that it has pointed to");
        }
        if (tally.lookedAt() == 0 && tally.slotsLookedAt() == 0 && tally.unknownRecords() == 0) {
            reasons.add(
                    "the store has no keychains at all, so it tells nothing: check that it is the one that is meant, and"
                            + " mounted");
        }
        if (tally.untold() > 0) {
            reasons.add("the version is not told by " + number(tally.untold(), "of these wraps", "of these wraps")
                    + ", which may need it");
        }
        if (tally.envelopeCount() > 0) {
            reasons.add(
                    "its wraps are carried by " + number(tally.envelopeCount(), "listed envelope", "listed envelopes")
                            + ", such as " + tally.envelopes().get(0) + ": give other recipients to them");
        }
        if (tally.unknownCount() > 0) {
            reasons.add("what is needed is not known of "
                    + number(tally.unknownCount(), "record, slot or envelope", "records, slots or envelopes")
                    + " that could not be read or believed, such as "
                    + tally.unknown().get(0).place());
        }
        return reasons;
    }

    private String retention() {
        return tally.lastUntil()
                .map(time -> "until " + time + " at the latest: a re-wrap after that drops it")
                .orElse("without an end: cut over, or give it one");
    }

    private void say(Need need, BiFunction<Count, String, String> reason) {
        Count count = tally.count(need);
        if (count.keychains() > 0) {
            reasons.add(reason.apply(count, who(need, count)));
        }
    }

    private String who(Need need, Count count) {
        List<String> some = tally.keychains().stream()
                .filter(one -> one.needs().containsKey(need))
                .map(Dependent::keychainId)
                .limit(NAMED)
                .toList();
        return number(count.keychains(), "keychain", "keychains") + names(some, count.keychains());
    }

    private String slots() {
        List<String> some = tally.slots().stream().map(Slot::slot).limit(NAMED).toList();
        return number(tally.slotCount(), "slot", "slots") + names(some, tally.slotCount());
    }

    private static String names(List<String> some, int all) {
        return some.isEmpty() ? "" : " (" + String.join(", ", some) + (some.size() < all ? ", …)" : ")");
    }

    private static String deks(Count count) {
        return number(count.deks(), "DEK", "DEKs");
    }

    private static String number(long count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }

    static List<String> warnings(DependentsTally tally) {
        List<String> warnings = new ArrayList<>();
        if (tally.versions().isEmpty() && tally.keychainCount() == 0 && tally.slotCount() == 0) {
            warnings.add("nothing that was looked at names this KEK: compare its URI with those of 'keywrap kek list'");
        }
        warnings.add(
                "backups, replicas and exports of the store have earlier records, and copies of envelopes earlier wraps:"
                        + " what only they have opens with the KEKs of their time");
        warnings.add("slots of uploaded keys in another store than the one that was looked at are not known");
        warnings.add(
                "processes may keep DEKs in memory until their deadline: disable the KEK, and wait, before it is deleted");
        warnings.add(Rewrap.WARNING);
        return List.copyOf(warnings);
    }
}
