package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.aws.AwsKms;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** What the Java of docs/guides/onboarding.md finds there: a customer's key, and a vendor whose role is allowed nothing yet. */
public abstract class OnboardingDocBlock {
    private static final String VENDOR = "arn:aws:iam::444455556666:role/";

    public final List<String> logged = new ArrayList<>();
    protected final Path folder;
    protected final String backupRole = VENDOR + "backup";
    /** The guide opens the keychain in one place, so one role stands for both. */
    protected final String restoreRole = backupRole;

    protected final String monitorRole = VENDOR + "monitor";
    protected final String pasted;
    protected final String policyOfTheKey;
    protected final Keychains keychains;
    private final AwsKmsEmulator emulator;
    private final AwsKmsKey key;
    private final KmsClient client;

    protected OnboardingDocBlock(Path folder, AwsKmsEmulator emulator) throws IOException {
        this.folder = folder;
        this.emulator = emulator;
        this.key = emulator.createKey();
        this.pasted = "Key ARN: \u201c" + key.arn() + "\u201d\n";
        this.policyOfTheKey =
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Mine\",\"Effect\":\"Allow\",\"Principal\":"
                        + "{\"AWS\":\"arn:aws:iam::" + emulator.account()
                        + ":root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}";
        Files.writeString(folder.resolve("accounts.csv"), "id,name\n1,acme\n");
        AwsPrincipal vendor = emulator.principal(backupRole);
        this.client = AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(emulator.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(vendor.accessKeyId(), vendor.secretAccessKey())))
                .build();
        KeyProviders providers =
                KeyProviders.builder().register(AwsKms.factory(arn -> client)).build();
        AwsKmsKey seal = emulator.createKey(AwsKeySpec.symmetric().inAccount("444455556666"));
        this.keychains = Keychains.builder(FileKeychainStore.open(folder.resolve("keychains")), providers)
                .seal(KeychainSeal.wrappedBy(KekId.of("aws-kms://" + seal.arn())))
                .build();
    }

    protected final void putPolicyOfTheKey(String document) {
        key.policy(document);
    }

    protected final void attachToRole(String principal, String document) {
        // The role has the vendor's own keys besides.
        String own = "{\"Effect\":\"Allow\",\"Action\":\"kms:*\",\"Resource\":\"arn:aws:kms:*:444455556666:key/*\"},";
        emulator.identityPolicy(
                emulator.principal(principal), document.replaceFirst("\"Statement\": \\[", "\"Statement\": [" + own));
    }

    protected final KmsClient clientOf(String role) {
        return client;
    }

    protected final void log(String line) {
        logged.add(line);
    }

    /** All blocks of the page, one after the other. */
    public abstract void run() throws Exception;
}
