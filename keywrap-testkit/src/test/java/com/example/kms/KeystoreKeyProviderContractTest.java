package com.example.kms;

import io.keywrap.testkit.KeyProviderContract;
import io.keywrap.testkit.TestKms;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/**
 * The provider of key stores keeps the contract on a real PKCS#12 file; what a file cannot show is skipped.
 *
 * <p>In a package of its own, as the test of anybody who writes a provider.
 */
class KeystoreKeyProviderContractTest extends KeyProviderContract {
    @TempDir
    private Path folder;

    @Override
    protected TestKms kms() {
        return new Pkcs12Kms(folder);
    }
}
