package com.example.consumer;

import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AzureKeyVaultEmulator;

/** The emulators that need no client of Google. */
public final class Use {
    private Use() {}

    public static void main(String[] arguments) throws Exception {
        try (AwsKmsEmulator aws = AwsKmsEmulator.builder().start(0);
                AzureKeyVaultEmulator azure = AzureKeyVaultEmulator.start()) {
            aws.createKey();
            azure.createKey();
            System.out.print(", " + aws.endpoint().getScheme() + " and " + azure.endpoint().getScheme());
        }
    }
}
