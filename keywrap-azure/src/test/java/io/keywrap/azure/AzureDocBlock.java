package io.keywrap.azure;

import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** What the Java of docs/quickstart/azure.md finds there: keys in a vault, credentials, and a file. */
public abstract class AzureDocBlock {
    protected final Path folder;
    protected final TokenCredential vendorCredential;
    protected final HttpClient trustingTheEmulator;
    protected final int emulatorPort;
    protected final String customerKeyUrl;
    protected final String vendorKeyUrl;
    protected final String realKeyUrl = "https://acme.vault.azure.net/keys/tenant-42";
    private final AzureKey customerKey;

    protected AzureDocBlock(Path folder, AzureKeyVaultEmulator emulator) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("accounts.csv"), "id,name\n1,acme\n".repeat(1_000));
        this.vendorCredential = EmulatedVault.token(emulator);
        this.trustingTheEmulator = EmulatedVault.http(emulator);
        this.emulatorPort = emulator.port();
        this.customerKey = emulator.createKey();
        this.customerKeyUrl = customerKey.id();
        this.vendorKeyUrl = emulator.createKey().id();
    }

    protected final void disableCustomerKey() {
        customerKey.disable();
    }

    protected final void enableCustomerKey() {
        customerKey.enable();
    }

    protected final void rotateCustomerKey() {
        customerKey.rotate();
    }

    protected static void log(Object line) {
        LoggerFactory.getLogger(AzureDocBlock.class).info("{}", line);
    }

    /** All blocks of the page, one after the other. */
    public abstract void run() throws Exception;
}
