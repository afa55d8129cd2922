package io.keywrap.tink;

import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import io.keywrap.testkit.ManualTime;
import java.nio.file.Path;
import java.util.List;

/** What the Java of docs/guides/tink.md finds there: keys in a vault, credentials, a clock, and a folder. */
public abstract class TinkDocBlock {
    protected final TokenCredential vendorCredential;
    protected final HttpClient trustingTheEmulator;
    protected final int emulatorPort;
    protected final String customerKeyUrl;
    protected final String vendorKeyUrl;
    protected final Path folder;
    protected final ManualTime clock;
    private final AzureVault vault;
    private final List<String> log;

    protected TinkDocBlock(Object vault, Path folder, List<String> log) {
        this.vault = (AzureVault) vault;
        this.log = log;
        this.vendorCredential = this.vault.credential();
        this.trustingTheEmulator = this.vault.http();
        this.emulatorPort = this.vault.emulator.port();
        this.customerKeyUrl = this.vault.key.id();
        this.vendorKeyUrl = this.vault.emulator.createKey().id();
        this.folder = folder;
        this.clock = this.vault.time;
    }

    protected final void disableCustomerKey() {
        vault.key.disable();
    }

    protected final void enableCustomerKey() {
        vault.key.enable();
    }

    protected final void log(Object line) {
        log.add(String.valueOf(line));
    }

    /** All blocks of the page, one after the other. */
    public abstract void run() throws Exception;
}
