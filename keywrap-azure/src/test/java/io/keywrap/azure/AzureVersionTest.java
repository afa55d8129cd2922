package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.azure.SecondLook.Finding;
import io.keywrap.emulators.AzureFault;
import io.keywrap.provider.KeyProvider;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Which version an answer may name. */
class AzureVersionTest extends AzureFixture {
    @Test
    void isThatOfTheKekIfItHasOne() {
        KeyProvider pinned = vault.factory().create(KekId.of("azure-kms://" + key.versionedId()));
        vault.emulator.injectAlways(AzureFault.wrongField("kid", key.id() + "/0123456789abcdef0123456789abcdef"));
        assertFails(InvalidWrappedDekException.class, () -> wrap(pinned));
        vault.emulator.recover();
        WrappedDek wrapped = wrap(pinned);
        key.rotate();
        vault.emulator.clearEvents();
        assertFails(
                InvalidWrappedDekException.class,
                () -> pinned.unwrap(relabelled(wrapped, key.version()), context, deadline()));
        assertThat(events()).isEmpty();
    }

    @Test
    void isTheSameInWhateverFormItIsWritten() {
        String kid = key.id().toUpperCase(Locale.ROOT).replace("HTTPS:", "https:") + "/"
                + key.version().toUpperCase(Locale.ROOT) + "/";
        vault.emulator.injectAlways(AzureFault.wrongField("kid", kid));
        assertThat(wrap(provider).kekVersion()).isEqualTo(key.version());
    }

    @Test
    void isUsableUnlessAzureSaysOtherwise() {
        assertThat(SecondLook.atKey(null, null, null, vault.time()).finding()).isEqualTo(Finding.USABLE);
        assertThat(SecondLook.atKey(false, null, null, vault.time()).finding()).isEqualTo(Finding.DISABLED);
    }
}
