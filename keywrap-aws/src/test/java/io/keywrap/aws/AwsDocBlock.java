package io.keywrap.aws;

import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AwsPrincipal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** What the Java of docs/quickstart/aws.md finds there: keys in AWS KMS, a role, and a file. */
public abstract class AwsDocBlock {
    private static final String OTHER_ACCOUNT = "999988887777";

    protected final Path folder;
    protected final AwsCredentialsProvider vendorCredentials;
    protected final String customerKeyArn;
    protected final String vendorKeyArn;
    protected final String customerRoleArn = "arn:aws:iam::" + OTHER_ACCOUNT + ":role/keywrap";
    protected final String otherAccountKeyArn;
    private final AwsKmsKey customerKey;

    protected AwsDocBlock(Path folder, AwsKmsEmulator emulator) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("accounts.csv"), "id,name\n1,acme\n".repeat(1_000));
        this.customerKey = emulator.createKey();
        this.customerKeyArn = customerKey.arn();
        this.vendorKeyArn = emulator.createKey().arn();
        AwsPrincipal vendor = emulator.principal("arn:aws:iam::" + emulator.account() + ":user/admin");
        this.vendorCredentials = StaticCredentialsProvider.create(
                AwsBasicCredentials.create(vendor.accessKeyId(), vendor.secretAccessKey()));
        emulator.role(io.keywrap.emulators.AwsRole.of(customerRoleArn)
                .trusting("arn:aws:iam::" + emulator.account() + ":root")
                .withExternalId("tenant-42"));
        AwsKmsKey other = emulator.createKey(AwsKeySpec.symmetric().inAccount(OTHER_ACCOUNT));
        other.policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\""
                + customerRoleArn + "\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}");
        this.otherAccountKeyArn = other.arn();
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
        LoggerFactory.getLogger(AwsDocBlock.class).info("{}", line);
    }

    /** All blocks of the page, one after the other. */
    public abstract void run() throws Exception;
}
