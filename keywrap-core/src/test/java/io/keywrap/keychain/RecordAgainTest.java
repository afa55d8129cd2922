package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekId;
import io.keywrap.KeychainSealBrokenException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What it takes to read a record again that is as old as a kept DEK may be. */
class RecordAgainTest extends RecipientsFixture {
    private Keychain keychain;
    private DekId dekId;

    @BeforeEach
    void used() {
        keychain = keychain(spec -> spec.control(A));
        dekId = use(keychain);
        time.advance(DEADLINE.plusSeconds(1));
        kms.unwrapsOf.clear();
    }

    @Test
    void theSameRecordTakesNoCallOfTheKmsOfItsSeal() {
        open(keychain, dekId);
        assertThat(kms.unwrapsOf).containsKey(A).doesNotContainKey(SEAL);
    }

    @Test
    void anotherRecordIsCheckedByItsSeal() {
        int before = keychain.record().deks().size();
        process().open(ID).rotate();
        kms.unwrapsOf.clear();
        open(keychain, dekId);
        assertThat(kms.unwrapsOf).containsKey(SEAL);
        assertThat(keychain.record().deks()).hasSizeGreaterThan(before);
    }

    @Test
    void anotherRecordOfTheSameRevisionIsChecked() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            Path record = files.filter(file -> file.toString().endsWith(".keychain"))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(record);
            bytes[bytes.length - 1] ^= 1;
            Files.write(record, bytes);
        }
        assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(() -> open(keychain, dekId));
    }
}
