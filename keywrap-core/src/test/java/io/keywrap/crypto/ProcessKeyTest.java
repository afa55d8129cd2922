package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Secrets that lie sealed in memory. */
class ProcessKeyTest {
    private static final byte[] SECRET = {1, 2, 3, 4, 5};

    private final StubProvider provider = new StubProvider("Stub");
    private final ProcessKey key = new ProcessKey(Jca.of(Optional.of(provider)));

    @Test
    void opensWhatItHasSealed() {
        byte[] sealed = key.seal(SECRET);
        assertThat(sealed).hasSize(SECRET.length + Jca.GCM_OVERHEAD_BYTES).isNotEqualTo(key.seal(SECRET));
        assertThat(key.open(sealed)).isEqualTo(SECRET);
    }

    @Test
    void opensNeitherWhatWasChangedNorWhatIsAnothers() {
        byte[] sealed = key.seal(SECRET);
        ProcessKey other = new ProcessKey(Jca.of(Optional.of(provider)));
        assertThatIllegalStateException().isThrownBy(() -> other.open(sealed)).withMessageContaining("was changed");
        sealed[14] ^= 1;
        assertThatIllegalStateException().isThrownBy(() -> key.open(sealed)).withMessageContaining("was changed");
    }

    @Test
    void leavesItsKeyInNoCipher() {
        byte[] sealed = key.seal(SECRET);
        int before = provider.keyings();
        key.open(sealed);
        assertThat(provider.keyings()).as("the key, and the key of zeros").isEqualTo(before + 2);
    }
}
