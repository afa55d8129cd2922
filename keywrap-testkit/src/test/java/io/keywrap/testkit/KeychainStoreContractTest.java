package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of stores notices what is wrong with a store. */
class KeychainStoreContractTest {
    /** Long enough for another thread to come in between. */
    private static final String PAUSE = "java.util.concurrent.locks.LockSupport.parkNanos(200_000); ";

    @TempDir
    Path folder;

    static Stream<Mutant> mutants() {
        return Stream.of(
                mutant(
                        "the record that comes back is another",
                        "records.putIfAbsent(record.keychainId(), record.toBytes())",
                        "records.putIfAbsent(record.keychainId(), record.next().build(body -> new byte[48]).toBytes())",
                        "ACreatedKeychain.comesBackByteForByte"),
                mutant(
                        "ids that differ in case are one",
                        "records = new ConcurrentSkipListMap<>()",
                        "records = new ConcurrentSkipListMap<>(String.CASE_INSENSITIVE_ORDER)",
                        "AnId.isAnotherInAnotherCaseOrNormalFormOrWithASpaceMore"),
                mutant(
                        "a creation that is refused overwrites",
                        "records.putIfAbsent(record.keychainId(), record.toBytes())",
                        "records.put(record.keychainId(), record.toBytes())",
                        "ACreatedKeychain.cannotBeCreatedAgainAndStaysAsItWas"),
                mutant(
                        "a creation looks first and writes then",
                        "if (records.putIfAbsent(record.keychainId(), record.toBytes()) != null) {",
                        "boolean there = records.containsKey(record.keychainId()); " + PAUSE
                                + "if (there || records.put(record.keychainId(), record.toBytes()) == null && there) {",
                        "ManyWriters.haveOneWhoCreatesAKeychain"),
                mutant(
                        "an absent keychain is replaced",
                        "if (!follows || ",
                        "if (before == null ? records.put(id, record.toBytes()) != null : !follows || ",
                        "AnAbsentKeychain.cannotBeReplaced"),
                mutant(
                        "the expected revision is not heeded",
                        ".revision() == expectedRevision",
                        ".revision() < record.revision()",
                        "AReplacedKeychain.refusesAWriterWhoExpectsAnEarlierRevisionAndStaysAsItWas"),
                mutant(
                        "only an earlier revision than expected is refused",
                        ".revision() == expectedRevision",
                        ".revision() <= expectedRevision",
                        "AReplacedKeychain.refusesAWriterWhoExpectsALaterRevisionAndStaysAsItWas"),
                mutant(
                        "revisions must follow each other",
                        ".revision() == expectedRevision",
                        ".revision() == record.revision() - 1",
                        "AReplacedKeychain.comesBackByteForByteAndMayJumpOverRevisions"),
                mutant(
                        "a record of the same revision is taken",
                        "record.revision() <= expectedRevision",
                        "record.revision() < expectedRevision",
                        "AReplacedKeychain.refusesARecordThatIsNotLaterAndStaysAsItWas"),
                mutant(
                        "a replacement that is refused overwrites",
                        "if (!follows || ",
                        "if (records.put(id, record.toBytes()) == null || !follows || ",
                        "AReplacedKeychain.refusesAWriterWhoExpectsAnEarlierRevisionAndStaysAsItWas"),
                mutant(
                        "a replacement looks first and writes then",
                        "if (!follows || !records.replace(id, before, record.toBytes())) {",
                        PAUSE + "if (!follows || records.put(id, record.toBytes()) == null) {",
                        "ManyWriters.loseNoUpdate"),
                mutant(
                        "a page begins with the last of the page before",
                        "records.tailMap(last, false)",
                        "records.tailMap(last, true)",
                        "Pages.ofAnySizeGiveEveryKeychainOnceAndInOneOrder"),
                mutant(
                        "pages are longer than their limit",
                        "                .limit(limit)\n                .map(KeychainRecord",
                        "                .map(KeychainRecord",
                        "Pages.ofAnySizeGiveEveryKeychainOnceAndInOneOrder"),
                mutant(
                        "a page is capped below its limit",
                        "                .limit(limit)\n                .map(KeychainRecord",
                        "                .limit(Math.min(limit, 1_000))\n                .map(KeychainRecord",
                        "Pages.holdMoreThanAThousandIds"),
                mutant(
                        "behind an id that is gone the list begins anew",
                        "after.<Map",
                        "after.filter(records::containsKey).<Map",
                        "Pages.goOnBehindAnIdThatIsGone"),
                mutant(
                        "any limit is taken",
                        "limit < 1 || limit > MAX_PAGE",
                        "limit < 1",
                        "Pages.haveALimitInItsRange"),
                mutant(
                        "a page is cut before it is filtered",
                        ".filter(filter::matches)",
                        ".limit(limit).filter(filter::matches)",
                        "AFilter.byPrefixTakesItToTheLetter"),
                mutant(
                        "what is no record reads as another failure",
                        "throw new KeychainSealBrokenException(keychainId",
                        "if (kept.length > 0) throw new IllegalArgumentException(\"\"); throw new KeychainSealBrokenException(keychainId",
                        "ADamagedRecord.isToldByALoadAndNotTakenForNone"),
                mutant(
                        "what is no record is always left out",
                        "if (filter.leavesOutUnreadable()) {",
                        "if (true) {",
                        "ADamagedRecord.isToldByAListAndNotLeftOut"),
                mutant(
                        "what is no record is never left out",
                        "if (filter.leavesOutUnreadable()) {",
                        "if (false) {",
                        "ADamagedRecord.isLeftOutOfAListThatAsksForIt"),
                mutant(
                        "what is no record is not named",
                        "places.add(new Unreadable(id, String.valueOf(e.getMessage())));",
                        "",
                        "ADamagedRecord.isNamedForWhoeverRepairsTheStore"),
                mutant(
                        "what is no record is overwritten",
                        "if (records.putIfAbsent(record.keychainId(), record.toBytes()) != null) {",
                        "byte[] kept = records.get(record.keychainId()); if (kept != null && kept.length < 9)"
                                + " records.remove(record.keychainId());"
                                + " if (records.putIfAbsent(record.keychainId(), record.toBytes()) != null) {",
                        "ADamagedRecord.isNotOverwrittenByACreation"),
                mutant(
                        "only the prefix of a filter is heeded",
                        "filter::matches",
                        "record -> record.keychainId().startsWith(filter.idPrefix())",
                        "AFilter.byKekFindsRecipientsAndWrapsButNotTheSeal"),
                mutant(
                        "the prefix of a filter is not heeded",
                        "filter::matches",
                        "record -> filter.withIdPrefix(\"\").matches(record)",
                        "AFilter.ofSeveralConditionsWantsThemAll"));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void noticesABrokenLine(Mutant mutant) throws Exception {
        assertThat(mutant.failuresOf(InMemoryKeychainStoreContractTest.class, folder))
                .contains(mutant.caughtBy());
    }

    @Test
    void passesWithTheLinesAsTheyAre() throws Exception {
        Mutant none = mutant("nothing", "public String toString()", "public final String toString()", "");
        assertThat(none.failuresOf(InMemoryKeychainStoreContractTest.class, folder))
                .isEmpty();
    }

    @Test
    void noticesAStoreObjectThatGoesOnWithWhatItHasRead() {
        assertThat(Mutant.failuresOf(WrongStores.OfCachingStores.class))
                .contains(
                        "isSeenThroughAnotherStoreObjectThatHadReadItBefore", "isSeenThroughAnotherStoreObjectAtOnce");
    }

    @Test
    void noticesAStoreThatWritesWhenItIsClosed() {
        assertThat(Mutant.failuresOf(WrongStores.OfLateStores.class)).contains("isSeenThroughAnotherStoreObjectAtOnce");
    }

    @Test
    void noticesAStoreThatForgets() {
        assertThat(Mutant.failuresOf(WrongStores.OfForgetfulStores.class))
                .contains("isThereWhenTheStoreIsClosedAndOpenedAgain");
    }

    @Test
    void noticesAStoreThatShowsARecordInTheMiddleOfItsReplacement() {
        assertThat(Mutant.failuresOf(WrongStores.OfStoresWithAGap.class))
                .contains("showReadersWholeRecordsAndNeverAnEarlierOne");
    }

    /** A database that reads what it cannot parse as an absent keychain. */
    @Test
    void noticesAStoreThatTakesADamagedRecordForNone() {
        assertThat(Mutant.failuresOf(WrongStores.OfForgivingStores.class))
                .contains("isToldByALoadAndNotTakenForNone", "isToldByAListAndNotLeftOut");
    }

    @Test
    void skipsWhatItCannotDamage() {
        assertThat(Mutant.abortedOf(WrongStores.OfCachingStores.class)).contains("isToldByALoadAndNotTakenForNone");
    }

    private static Mutant mutant(String what, String line, String broken, String caughtBy) {
        return new Mutant(what, InMemoryKeychainStore.class, line, broken, caughtBy);
    }
}
