package io.keywrap.testkit;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The provider of key stores keeps the contract on a real PKCS#12 file; what a file cannot show is skipped. */
class KeystoreKeyProviderContractTest extends KeyProviderContract {
    @TempDir
    private Path folder;

    @Override
    protected TestKms kms() {
        return new Pkcs12Kms(folder);
    }
}
