package io.keywrap.azure;

import com.azure.core.http.HttpClient;
import io.keywrap.KekId;
import io.keywrap.emulators.AzureApplication;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKeychainStore;
import io.keywrap.testkit.InMemoryKms;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.slf4j.LoggerFactory;

/** What the Java of docs/guides/azure-certificates.md finds there: a keychain of the vendor's, and a customer who uploads. */
public abstract class CertificateDocBlock {
    protected final Path folder;
    protected final Path file;
    protected final String clientId = "66666666-6666-4666-8666-666666666666";
    protected final String tenantId;
    protected final Keychain vendorKeychain;
    protected final String authority;
    protected final HttpClient trustingTheEmulator;
    protected final int emulatorPort;
    protected final String customerKeyUrl;
    private final AzureApplication application;

    protected CertificateDocBlock(Path folder, AzureKeyVaultEmulator emulator) throws IOException {
        this.folder = folder;
        this.file = folder.resolve("app.kwrp");
        Files.writeString(folder.resolve("accounts.csv"), "id,name\n1,acme\n");
        this.tenantId = emulator.tenant();
        this.authority = emulator.authorityHost().toString();
        this.trustingTheEmulator = EmulatedVault.http(emulator);
        this.emulatorPort = emulator.port();
        this.customerKeyUrl = emulator.createKey().id();
        this.application = emulator.registerApplication(clientId);
        InMemoryKms kms = new InMemoryKms();
        KekId vendor = kms.kek("vendor").id();
        this.vendorKeychain = Keychains.builder(
                        new InMemoryKeychainStore(),
                        KeyProviders.builder().register(kms).build())
                .seal(KeychainSeal.wrappedBy(vendor))
                .build()
                .create("certificates", spec -> spec.control(vendor));
    }

    protected final void customerUploads(String pem) throws CertificateException {
        application.upload((X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII))));
    }

    protected static void log(Object line) {
        LoggerFactory.getLogger(CertificateDocBlock.class).info("{}", line);
    }

    /** All blocks of the page, one after the other. */
    public abstract void run() throws Exception;
}
