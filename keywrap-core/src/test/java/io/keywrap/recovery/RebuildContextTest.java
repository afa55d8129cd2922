package io.keywrap.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Envelopes with the wraps of another one, and a key context that is not theirs. */
class RebuildContextTest {
    private static final String ID = "tenant-42";

    @Test
    void envelopeThatClaimsAnotherKeyContextIsToldThoughItsWrapsAreKnown(@TempDir Path folder) throws IOException {
        RecoveryFixture fixture = new RecoveryFixture(folder);
        Keychain keychain =
                fixture.tenant().keychain(ID, spec -> spec.portable().keyContext("tenant", "acme"));
        EnvelopeSource genuine = fixture.envelope(keychain, "genuine");
        EnvelopeSource claimed = fixture.reheaded(
                "genuine", "claimed", header -> header.keyContext(EncryptionContext.of("tenant", "other")));
        fixture.lose();
        fixture.recovery()
                .rebuild(
                        Map.of(ID, Set.of(TestTenant.CUSTOMER)),
                        List.of(genuine, claimed, genuine),
                        fixture.findings::add);
        assertThat(fixture.found()).containsExactly("DEK_RECOVERED " + ID, "ENVELOPE_REFUSED claimed", "REBUILT " + ID);
        assertThat(fixture.record(ID).keyContext()).isEqualTo(EncryptionContext.of("tenant", "acme"));
        assertThat(fixture.decrypt(ID, genuine)).isEqualTo(RecoveryFixture.plaintext("genuine"));
    }
}
