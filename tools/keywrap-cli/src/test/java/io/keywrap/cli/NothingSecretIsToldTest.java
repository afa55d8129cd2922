package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeywrapException;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AzureFault;
import io.keywrap.emulators.GcpFault;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.stream.EnvelopeCipher;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** What keywrap logs at every level, throws and shows of itself, while all goes well and while much fails, in each cloud. */
class NothingSecretIsToldTest {
    private static final String OF_THE_KEY = "value-of-the-key-context-7f3a";
    private static final String OF_THE_OBJECT = "value-of-the-object-context-91c4";
    private static final String PLAIN = "account 4711, amount 0815, owner Erika Mustermann";
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", OF_THE_OBJECT);

    @TempDir
    Path folder;

    private final List<String> told = new ArrayList<>();
    private final List<byte[]> deks = new ArrayList<>();

    static Stream<Arguments> inEachCloud() {
        String echo = "no {tenant=" + OF_THE_KEY + "}";
        return Stream.of(
                cloud("AWS", clouds -> clouds.inAws, clouds -> clouds.awsKey.disable(), clouds -> {
                    clouds.awsKey.enable();
                    clouds.aws.inject(
                            AwsFault.error(400, "InvalidCiphertextException", echo)
                                    .of(clouds.awsKey),
                            100);
                }),
                cloud(
                        "Google Cloud",
                        clouds -> clouds.inGcp,
                        clouds -> clouds.gcpKey.primary().disable(),
                        clouds -> {
                            clouds.gcpKey.primary().enable();
                            clouds.gcp.inject(GcpFault.error("INVALID_ARGUMENT", echo), 100);
                        }),
                cloud("Azure", clouds -> clouds.inAzure, clouds -> clouds.azureKey.disable(), clouds -> {
                    clouds.azureKey.enable();
                    clouds.azure.inject(
                            AzureFault.error(400, "BadParameter", "BadParameter", "no such wrap"),
                            100); // It is not told the context.
                }));
    }

    private static Arguments cloud(
            String name,
            Function<ThreeClouds, KekId> kek,
            Consumer<ThreeClouds> disable,
            Consumer<ThreeClouds> answerWithItsWords) {
        return Arguments.argumentSet(name, kek, disable, answerWithItsWords);
    }

    @ParameterizedTest
    @MethodSource("inEachCloud")
    void noKeyNoPlaintextAndNoContextValue(
            Function<ThreeClouds, KekId> kek, Consumer<ThreeClouds> disable, Consumer<ThreeClouds> answerWithItsWords)
            throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("io.keywrap");
        Level before = logger.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.TRACE);
        logger.setAdditive(false);
        try (ThreeClouds clouds = new ThreeClouds()) {
            byte[] envelope = goesWell(clouds, kek.apply(clouds));
            disable.accept(clouds);
            fails(clouds, envelope, "disabled");
            answerWithItsWords.accept(clouds);
            fails(clouds, envelope, "answered with words of its own");
        } finally {
            logger.setAdditive(true);
            logger.setLevel(before);
            logger.detachAppender(log);
        }
        assertThat(log.list).isNotEmpty();
        log.list.forEach(event ->
                told.add(event.getFormattedMessage() + ThrowableProxyUtil.asString(event.getThrowableProxy())));
        assertNothingSecret();
    }

    private byte[] goesWell(ThreeClouds clouds, KekId kek) {
        KeyProviders providers = clouds.process();
        Keychains keychains = clouds.keychains(folder, providers);
        Keychain keychain =
                keychains.create("tenant-42", spec -> spec.control(kek).keyContext("tenant", OF_THE_KEY));
        EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
        byte[] envelope = cipher.encrypt(PLAIN.getBytes(StandardCharsets.UTF_8), OBJECT);
        keychain.rotate();
        try (DekLease lease = keychain.primary()) {
            deks.add(lease.withBytes(byte[]::clone));
            shown(lease, lease.secretKey(), keychain, keychains, cipher, providers, providers.states(), OBJECT);
        }
        byte[] changed = envelope.clone();
        changed[changed.length - 1] ^= 1;
        refused(() -> cipher.decrypt(changed, OBJECT));
        refused(() -> cipher.decrypt(Arrays.copyOf(envelope, envelope.length - 1), OBJECT));
        refused(() -> cipher.decrypt(envelope, EncryptionContext.of("object", OF_THE_OBJECT + "x")));
        return envelope;
    }

    private void fails(ThreeClouds clouds, byte[] envelope, String why) {
        KeyProviders providers = clouds.process();
        Keychains keychains = clouds.keychains(folder, providers);
        Keychain keychain = keychains.open("tenant-42");
        EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
        refused(() -> cipher.decrypt(envelope, OBJECT));
        refused(() -> cipher.encrypt(PLAIN.getBytes(StandardCharsets.UTF_8), OBJECT));
        refused(keychain::primary);
        shown(keychain, keychains, cipher, providers, providers.states(), why);
    }

    private void refused(ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        assertThat(failure).isInstanceOf(KeywrapException.class);
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace, true));
        told.add(trace.toString());
    }

    private void shown(Object... objects) {
        Stream.of(objects).map(Object::toString).forEach(told::add);
    }

    private void assertNothingSecret() {
        List<String> secrets = new ArrayList<>(List.of(OF_THE_KEY, OF_THE_OBJECT, PLAIN, "Mustermann"));
        for (byte[] dek : deks) {
            secrets.add(HexFormat.of().formatHex(dek));
            secrets.add(Base64.getEncoder().withoutPadding().encodeToString(dek));
            secrets.add(Arrays.toString(dek));
        }
        assertThat(deks).isNotEmpty();
        String all = String.join("\n", told).toLowerCase(Locale.ROOT);
        assertThat(all).contains("tenant-42");
        secrets.forEach(secret -> assertThat(all).doesNotContain(secret.toLowerCase(Locale.ROOT)));
    }
}
