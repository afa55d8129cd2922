package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which records a filter means. */
class KeychainFilterTest {
    private final KeychainRecord record = Records.first("tenant-42");
    private final KekId kek = record.recipients().get(0).kekId();

    @Test
    void withoutAConditionMeansAll() {
        assertThat(KeychainFilter.all().matches(record)).isTrue();
    }

    @Test
    void looksForTheBeginningOfTheId() {
        assertThat(KeychainFilter.all().withIdPrefix("tenant-").matches(record)).isTrue();
        assertThat(KeychainFilter.all().withIdPrefix("tenant-42").matches(record))
                .isTrue();
        assertThat(KeychainFilter.all().withIdPrefix("enant").matches(record)).isFalse();
    }

    @Test
    void findsAKekAmongRecipientsAndWraps() {
        KekId next = KekId.of("keystore:main#next");
        KeychainRecord moving = record.next()
                .recipients(List.of(new Recipient(Role.CONTROL, next)))
                .build(Records.SEALER);
        assertThat(KeychainFilter.all().withKek(next).matches(record)).isFalse();
        assertThat(KeychainFilter.all().withKek(next).matches(moving)).isTrue();
        assertThat(KeychainFilter.all().withKek(kek).matches(moving))
                .as("its DEK is still wrapped under it")
                .isTrue();
    }

    @Test
    void needsEveryCondition() {
        KeychainFilter filter =
                KeychainFilter.all().withIdPrefix("tenant").withKek(kek).withKeyManagement(KeyManagement.CUSTOMER);
        assertThat(filter.matches(record)).isTrue();
        assertThat(filter.withIdPrefix("other").matches(record)).isFalse();
        assertThat(filter.withKeyManagement(KeyManagement.VENDOR).matches(record))
                .isFalse();
        assertThat(filter.withKek(KekId.of("keystore:main#none")).matches(record))
                .isFalse();
    }

    @Test
    void wantsKekVersionAndRoleOfOneUse() {
        WrappedDek wrapped = record.deks().get(0).wraps().get(0).wrapped();
        KeychainFilter filter = KeychainFilter.all().withKek(kek).withKekVersion(wrapped.kekVersion());
        assertThat(filter.matches(record)).isTrue();
        assertThat(filter.withRole(Role.CONTROL).matches(record)).isTrue();
        assertThat(filter.withRole(Role.REPLICA).matches(record)).isFalse();
        assertThat(filter.withKekVersion("another").matches(record)).isFalse();
        KekId replica = KekId.of("keystore:main#replica");
        KeychainRecord two = record.next()
                .recipients(List.of(new Recipient(Role.CONTROL, kek), new Recipient(Role.REPLICA, replica)))
                .build(Records.SEALER);
        assertThat(KeychainFilter.all().withKek(replica).withRole(Role.REPLICA).matches(two))
                .isTrue();
        assertThat(KeychainFilter.all().withKek(replica).withRole(Role.CONTROL).matches(two))
                .isFalse();
        assertThat(KeychainFilter.all().withKek(replica).withKekVersion("").matches(two))
                .as("a recipient has no version")
                .isFalse();
    }

    @Test
    void wantsStateAndAgeOfOneDek() {
        Instant made = record.deks().get(0).createdAt();
        KeychainFilter filter = KeychainFilter.all().withDekState(State.PRIMARY).withDekMadeBefore(made.plusMillis(1));
        assertThat(filter.matches(record)).isTrue();
        assertThat(filter.withDekMadeBefore(made).matches(record)).isFalse();
        assertThat(filter.withDekState(State.DESTROYED).matches(record)).isFalse();
        assertThat(KeychainFilter.all().withDekMadeBefore(made).matches(record)).isFalse();
    }

    @Test
    void heedsAConditionThatStandsAlone() {
        assertThat(KeychainFilter.all().withKekVersion("another").matches(record))
                .isFalse();
        assertThat(KeychainFilter.all().withRole(Role.REPLICA).matches(record)).isFalse();
        assertThat(KeychainFilter.all().withDekState(State.DESTROYED).matches(record))
                .isFalse();
    }

    @Test
    void wantsEveryPairOfTheKeyContext() {
        KeychainRecord acme = KeychainRecord.builder("a", record.createdAt())
                .keyContext(EncryptionContext.of("tenant", "acme").with("region", "eu"))
                .recipients(record.recipients())
                .deks(record.deks())
                .sealKey(record.sealKey())
                .build(Records.SEALER);
        KeychainFilter filter = KeychainFilter.all().withKeyContext("tenant", "acme");
        assertThat(filter.matches(acme)).isTrue();
        assertThat(filter.withKeyContext("region", "eu").matches(acme)).isTrue();
        assertThat(filter.withKeyContext("region", "us").matches(acme)).isFalse();
        assertThat(KeychainFilter.all().withKeyContext("tenant", "acm").matches(acme))
                .isFalse();
        assertThat(filter.keyContext()).isEqualTo(EncryptionContext.of("tenant", "acme"));
        assertThat(filter.toString()).contains("tenant").doesNotContain("acme");
    }

    @Test
    void tellsItsConditions() {
        KeychainFilter filter =
                KeychainFilter.all().withIdPrefix("t").withKek(kek).withKeyManagement(KeyManagement.VENDOR);
        assertThat(filter.idPrefix()).isEqualTo("t");
        assertThat(filter.kek()).contains(kek);
        assertThat(filter.keyManagement()).contains(KeyManagement.VENDOR);
        assertThat(filter).hasToString("KeychainFilter[id prefix 't', KEK " + kek + ", VENDOR]");
        KeychainFilter more = KeychainFilter.all()
                .withKekVersion("7")
                .withRole(Role.RETAINED)
                .withDekState(State.DECRYPT_ONLY)
                .withDekMadeBefore(Instant.EPOCH);
        assertThat(more.kekVersion()).contains("7");
        assertThat(more.role()).contains(Role.RETAINED);
        assertThat(more.dekState()).contains(State.DECRYPT_ONLY);
        assertThat(more.dekMadeBefore()).contains(Instant.EPOCH);
        assertThat(more)
                .hasToString("KeychainFilter[id prefix '', version '7', RETAINED, a DEK DECRYPT_ONLY,"
                        + " a DEK made before 1970-01-01T00:00:00Z]");
        assertThat(KeychainFilter.all()).hasToString("KeychainFilter[id prefix '']");
        assertThat(KeychainFilter.all().leavesOutUnreadable()).isFalse();
        assertThat(KeychainFilter.all().leavingOutUnreadable().leavesOutUnreadable())
                .isTrue();
    }
}
