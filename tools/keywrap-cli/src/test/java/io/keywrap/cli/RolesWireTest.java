package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An agent that may only wrap backs up, and a host that may only unwrap restores, in each cloud. */
class RolesWireTest {
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "accounts.csv");
    private static final byte[] PLAIN = "account,amount\n1,2\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    static Stream<Arguments> inEachCloud() {
        return Stream.of(
                cloud(
                        "AWS",
                        clouds -> clouds.inAws,
                        clouds -> clouds.awsKey.policy(allowing("kms:Encrypt", "kms:GenerateDataKey")),
                        clouds -> clouds.awsKey.policy(allowing("kms:Decrypt"))),
                cloud(
                        "Google Cloud",
                        clouds -> clouds.inGcp,
                        clouds -> clouds.gcpKey.deny("cloudkms.cryptoKeyVersions.useToDecrypt"),
                        clouds -> {
                            clouds.gcpKey.allow("cloudkms.cryptoKeyVersions.useToDecrypt");
                            clouds.gcpKey.deny("cloudkms.cryptoKeyVersions.useToEncrypt");
                        }),
                cloud(
                        "Azure",
                        clouds -> clouds.inAzure,
                        clouds -> clouds.azure.deny(
                                AzureDenial.rbac().on("KeyUnwrap").of(clouds.azureKey)),
                        clouds -> {
                            clouds.azure.allow();
                            clouds.azure.deny(AzureDenial.rbac().on("KeyWrap").of(clouds.azureKey));
                        }));
    }

    private static Arguments cloud(
            String name,
            Function<ThreeClouds, KekId> kek,
            Consumer<ThreeClouds> wrapOnly,
            Consumer<ThreeClouds> unwrapOnly) {
        return Arguments.argumentSet(name, kek, wrapOnly, unwrapOnly);
    }

    private static String allowing(String... actions) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":[\""
                + String.join("\",\"", actions) + "\"],\"Resource\":\"*\"}]}";
    }

    @ParameterizedTest
    @MethodSource("inEachCloud")
    void oneBacksUpAndTheOtherRestores(
            Function<ThreeClouds, KekId> kek, Consumer<ThreeClouds> wrapOnly, Consumer<ThreeClouds> unwrapOnly)
            throws Exception {
        try (ThreeClouds clouds = new ThreeClouds()) {
            clouds.keychains(folder).create("tenant-42", spec -> spec.control(kek.apply(clouds)));

            wrapOnly.accept(clouds);
            Keychain agents =
                    clouds.builder(folder, clouds.process()).wrapOnly().build().open("tenant-42");
            byte[] backup = EnvelopeCipher.using(agents).encrypt(PLAIN, OBJECT);
            assertDenied(() -> restore(clouds, backup));
            assertDenied(() -> EnvelopeCipher.using(clouds.keychains(folder).open("tenant-42"))
                    .encrypt(PLAIN, OBJECT)); // By a DEK that is there already, which it would have to unwrap.

            unwrapOnly.accept(clouds);
            assertThat(restore(clouds, backup)).isEqualTo(PLAIN);
            assertDenied(() -> clouds.keychains(folder).open("tenant-42").rotate());
        }
    }

    private byte[] restore(ThreeClouds clouds, byte[] backup) {
        return EnvelopeCipher.using(clouds.keychains(folder).open("tenant-42")).decrypt(backup, OBJECT);
    }

    private static void assertDenied(ThrowingCallable call) {
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
    }
}
