package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.crypto.StubProvider;
import io.keywrap.crypto.StubProvider.Flaw;
import io.keywrap.keychain.Keychain;
import io.keywrap.provider.KeyProviders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A provider that the user names does everything, and no other does anything; its envelopes are like all others. */
class OneProviderTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");
    private static final Pattern USES = Pattern.compile("USES (\\d+) (\\d+)");

    @TempDir
    Path folder;

    @Test
    void nothingElseIsUsedThanTheOneThatIsNamed() throws Exception {
        Matcher uses = uses("named");
        assertThat(Integer.parseInt(uses.group(1))).isGreaterThan(100);
        assertThat(uses.group(2)).isEqualTo("0");
    }

    @Test
    void theWatchSeesWhatTheJvmsProviderDoes() throws Exception {
        Matcher uses = uses("none");
        assertThat(uses.group(1)).isEqualTo("0");
        assertThat(Integer.parseInt(uses.group(2))).isGreaterThan(100);
    }

    @Test
    void envelopesOpenWhoeverMadeThem() throws IOException {
        StubProvider provider = new StubProvider("Stub");
        TestTenant plain = TestTenant.in(folder);
        Keychain keychain = plain.keychain("tenant-1");
        TestTenant named = TestTenant.in(folder, options -> options.cryptoProvider(provider));
        EnvelopeCipher ours = EnvelopeCipher.using(keychain);
        EnvelopeCipher theirs = EnvelopeCipher.using(named.keychains().open("tenant-1"));
        assertThat(named.providers().cryptoProvider()).containsSame(provider);
        for (int size : new int[] {0, 1024, 140_000}) {
            byte[] plaintext = new byte[size];
            Arrays.fill(plaintext, (byte) 5);
            for (Encrypting verb : Encrypting.values()) {
                assertThat(ours.decrypt(verb.encrypt(theirs, plaintext, CONTEXT, folder), CONTEXT))
                        .isEqualTo(plaintext);
                assertThat(theirs.decrypt(verb.encrypt(ours, plaintext, CONTEXT, folder), CONTEXT))
                        .isEqualTo(plaintext);
            }
        }
    }

    @Test
    void oneThatFailsIsRefusedWhenItIsNamed() {
        StubProvider flawed = new StubProvider("Flawed", Flaw.ACCEPTS_WRONG_TAGS);
        KeyProviders.Builder builder = KeyProviders.builder();
        assertThatExceptionOfType(ProviderException.class)
                .isThrownBy(() -> builder.cryptoProvider(flawed))
                .withMessageContaining("accepts what was changed");
        assertThatExceptionOfType(ProviderException.class).isThrownBy(() -> builder.cryptoProvider("Missing"));
        assertThat(builder.build().cryptoProvider()).isEmpty();
    }

    private Matcher uses(String which) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OneProviderScenario.class.getName(),
                        folder.toString(),
                        which)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        Matcher uses = USES.matcher(said);
        assertThat(uses.find()).as(said).isTrue();
        return uses;
    }
}
