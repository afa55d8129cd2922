package io.keywrap.stream;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A tenant's cipher, whose keys and leases are recorded. */
abstract class RecordedFixture {
    static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");
    static final int SEGMENT = 65_536;

    @TempDir
    Path folder;

    RecordingKeys keys;
    EnvelopeCipher cipher;

    @BeforeEach
    void record() {
        keys = new RecordingKeys(new KeychainKeys(TestTenant.in(folder).keychain("tenant-42")));
        cipher = EnvelopeCipher.of(keys);
    }
}
