package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.core.credential.TokenCredential;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.security.interfaces.RSAPrivateCrtKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Private keys are in memory and in envelopes, and nowhere else. */
class CertificateSecretsTest extends CertificateFixture {
    private static final int ENOUGH = 24;

    @TempDir
    Path folder;

    private final Instant started = Instant.now().minusSeconds(1);
    private final KeyPair first = pairs.getFirst();
    private final List<byte[]> secrets = secretsOf(first);

    /** Whatever of a key would give it away, in each form that a file or a text may have it in. */
    private static List<byte[]> secretsOf(KeyPair pair) {
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) pair.getPrivate();
        List<byte[]> parts = new ArrayList<>();
        parts.add(Arrays.copyOfRange(key.getEncoded(), 320, 320 + ENOUGH)); // In the private exponent, within PKCS#8.
        for (BigInteger number : List.of(
                key.getPrimeP(),
                key.getPrimeQ(),
                key.getPrivateExponent(),
                key.getPrimeExponentP(),
                key.getCrtCoefficient())) {
            byte[] bytes = number.toByteArray();
            parts.add(Arrays.copyOfRange(bytes, 8, 8 + ENOUGH));
            parts.add(number.toString().substring(0, ENOUGH).getBytes(StandardCharsets.US_ASCII));
        }
        List<byte[]> all = new ArrayList<>(parts);
        for (byte[] part : parts) {
            String hex = HexFormat.of().formatHex(part);
            all.add(hex.getBytes(StandardCharsets.US_ASCII));
            all.add(hex.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
        }
        String pem = new String(Pem.encode("PRIVATE KEY", key.getEncoded()), StandardCharsets.US_ASCII);
        pem.lines()
                .skip(2)
                .limit(20)
                .forEach(line -> all.add(line.substring(0, ENOUGH).getBytes(StandardCharsets.US_ASCII)));
        all.add("PRIVATE KEY".getBytes(StandardCharsets.US_ASCII));
        return all;
    }

    private boolean gives(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        return secrets.stream().anyMatch(secret -> text.contains(new String(secret, StandardCharsets.ISO_8859_1)));
    }

    /** The files in a folder that were written since the test began, and have something of the key. */
    private List<Path> giveaways(Path root) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                boolean fresh = attributes.lastModifiedTime().compareTo(FileTime.from(started)) >= 0;
                if (fresh && attributes.isRegularFile() && attributes.size() < 4_000_000 && Files.isReadable(file)) {
                    look(file);
                }
                return FileVisitResult.CONTINUE;
            }

            private void look(Path file) {
                try {
                    if (gives(Files.readAllBytes(file))) {
                        found.add(file);
                    }
                } catch (IOException e) {
                    // Gone already: another process's.
                }
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    private void useItAll(Path file) throws IOException {
        ApplicationCertificates made = builder().create();
        made.save(file);
        application.upload(made.current().x509());
        ApplicationCertificates renewed = builder().open(file).renew();
        renewed.save(file);
        TokenCredential credential = builder().open(file).credential(this::settings);
        freshToken(credential);
        application.remove(made.current().sha1Thumbprint());
        assertThat(catchThrowable(() -> freshToken(credential))).isNotNull();
    }

    @Test
    void noFileThatIsWrittenHasAnythingOfThem() throws IOException {
        Path file = folder.resolve("app.kwrp");
        useItAll(file);
        assertThat(file).isNotEmptyFile();
        assertThat(giveaways(folder)).isEmpty();
        assertThat(giveaways(Path.of(System.getProperty("java.io.tmpdir")))).isEmpty();
        for (String cache : List.of(".IdentityService", ".azure", ".msal")) {
            Path home = Path.of(System.getProperty("user.home"), cache);
            assertThat(Files.exists(home) ? giveaways(home) : List.of()).isEmpty();
        }
    }

    /** If this fails, the test above proves nothing. */
    @Test
    void aFileThatHadThemWouldBeFound() throws IOException {
        Path der = Files.write(folder.resolve("der"), first.getPrivate().getEncoded());
        Path pem = Files.write(
                folder.resolve("pem"), Pem.encode("ANYTHING", first.getPrivate().getEncoded()));
        Path prime = Files.write(
                folder.resolve("prime"),
                ((RSAPrivateCrtKey) first.getPrivate()).getPrimeP().toByteArray());
        assertThat(giveaways(folder)).containsExactlyInAnyOrder(der, pem, prime);
        assertThat(giveaways(Path.of(System.getProperty("java.io.tmpdir")))).contains(der);
    }

    @Test
    void noTextHasAnythingOfThem() throws IOException {
        StringWriter texts = new StringWriter();
        String logged = CapturedLog.of(() -> {
            try {
                useItAll(folder.resolve("app.kwrp"));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            ApplicationCertificates open = builder().create();
            TokenCredential credential = open.credential(this::settings);
            Throwable refused = catchThrowable(() -> freshToken(credential));
            refused.printStackTrace(new PrintWriter(texts, true));
            texts.append(open + " " + open.current() + " " + credential + " " + open.credentials(this::settings) + " "
                    + new CertificateIssuer(() -> first)
                            .issue(open.current().application(), vault.time.now(), java.time.Duration.ofDays(1))
                    + " "
                    + PrivateKeys.takeOwnershipOf(List.of(first.getPrivate().getEncoded())));
        });
        assertThat(logged).contains(CLIENT).contains("refuses certificate");
        assertThat(texts.toString()).contains("AADSTS700027").contains("PrivateKeys[1]");
        assertThat(gives(logged.replace("PRIVATE KEY", "").getBytes(StandardCharsets.ISO_8859_1)))
                .isFalse();
        assertThat(gives(texts.toString().getBytes(StandardCharsets.ISO_8859_1)))
                .isFalse();
    }

    @Test
    void arraysAreWipedAfterUse() {
        byte[] pkcs8 = first.getPrivate().getEncoded();
        PrivateKeys keys = PrivateKeys.takeOwnershipOf(List.of(pkcs8));
        byte[] encoded = PrivateKeys.encode(keys.all());
        keys.close();
        assertThat(pkcs8).containsOnly(0);
        ApplicationCertificate certificate = builder().create().current();
        PrivateKeys parsed = PrivateKeys.parse(encoded, List.of(certificate));
        assertThat(encoded).containsOnly(0);
        byte[] key = parsed.get(0);
        assertThat(key).isEqualTo(first.getPrivate().getEncoded());
        parsed.close();
        assertThat(key).containsOnly(0);
    }
}
