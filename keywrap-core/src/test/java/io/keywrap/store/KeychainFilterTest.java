package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
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
    void tellsItsConditions() {
        KeychainFilter filter =
                KeychainFilter.all().withIdPrefix("t").withKek(kek).withKeyManagement(KeyManagement.VENDOR);
        assertThat(filter.idPrefix()).isEqualTo("t");
        assertThat(filter.kek()).contains(kek);
        assertThat(filter.keyManagement()).contains(KeyManagement.VENDOR);
        assertThat(filter).hasToString("KeychainFilter[id prefix 't', KEK " + kek + ", VENDOR]");
        assertThat(KeychainFilter.all()).hasToString("KeychainFilter[id prefix '']");
    }
}
