package io.keywrap.cli;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.aws.AwsKeyArn;
import io.keywrap.aws.AwsKeyPolicy;
import io.keywrap.aws.AwsKms;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.testkit.ManualTime;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** A vendor with an account and roles of its own in AWS, and a customer in another, who clicks by the client of the SDK. */
final class AwsVendor implements AutoCloseable {
    static final String CUSTOMER = "111122223333";
    static final EncryptionContext TENANT = EncryptionContext.of("tenant", "acme");
    static final String ACCOUNT = "444455556666";

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-28T00:00:00Z"));
    final AwsKmsEmulator aws = AwsKmsEmulator.builder()
            .account(CUSTOMER)
            .region("eu-west-1")
            .time(time)
            .start(0);
    final FileKeychainStore store;
    final KekId vendorKek =
            kekId(aws.createKey(AwsKeySpec.symmetric().inAccount(ACCOUNT)).arn());
    private final Deque<ProductHost> hosts = new ArrayDeque<>();
    private final Deque<KmsClient> clients = new ArrayDeque<>();
    final KmsClient customer = client("arn:aws:iam::" + CUSTOMER + ":user/admin");

    AwsVendor(Path folder) {
        store = FileKeychainStore.open(folder.resolve("store"));
    }

    static KekId kekId(String arn) {
        return KekId.of("aws-kms://" + arn);
    }

    static String role(String name) {
        return "arn:aws:iam::" + ACCOUNT + ":role/" + name;
    }

    /** Who may do what: backups go on with the DEK of the day before, so they have to unwrap it too. */
    static VendorAccess access() {
        return VendorAccess.of(PolicyRole.BACKUP, role("backup"))
                .and(PolicyRole.RESTORE, role("backup"))
                .and(PolicyRole.RESTORE, role("restore"))
                .and(PolicyRole.MONITOR, role("restore"))
                .withStatus();
    }

    /** The customer makes a key with an alias. */
    String newKey(String alias) {
        String arn = customer.createKey().keyMetadata().arn();
        customer.createAlias(request -> request.aliasName(alias).targetKeyId(arn));
        return arn;
    }

    /** The customer has a policy made, and puts it; the vendor gives it to its roles. */
    AwsKeyPolicy allow(String arn, VendorAccess access) {
        AwsKeyPolicy policy = AwsKeyPolicy.of(AwsKeyArn.parse(arn), access, TENANT);
        String before = customer.getKeyPolicy(request -> request.keyId(arn).policyName("default"))
                .policy();
        put(arn, policy.mergedInto(before).document());
        String own =
                "{\"Effect\":\"Allow\",\"Action\":\"kms:*\",\"Resource\":\"arn:aws:kms:*:" + ACCOUNT + ":key/*\"},";
        policy.vendorPolicies()
                .forEach((principal, document) -> aws.identityPolicy(
                        aws.principal(principal),
                        document.replaceFirst("\"Statement\": \\[", "\"Statement\": [" + own)));
        return policy;
    }

    /** A vendor who is careless with a role: what is still forbidden is forbidden by the customer. */
    void mayEverything(String role) {
        aws.identityPolicy(
                aws.principal(role(role)),
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}");
    }

    void put(String arn, String document) {
        customer.putKeyPolicy(
                request -> request.keyId(arn).policyName("default").policy(document));
    }

    /** A JVM that runs as a role of the vendor's. */
    ProductHost host(String role) {
        return host(role, options -> options);
    }

    ProductHost host(String role, UnaryOperator<KeyProviders.Builder> options) {
        KeyProvider.Factory kms = kms(role);
        ProductHost host = new ProductHost(
                store, vendorKek, time, InFlight.ABORT, builder -> options.apply(builder.register(kms)));
        hosts.push(host);
        return host;
    }

    /** AWS as a role of the vendor's calls it. */
    KeyProvider.Factory kms(String role) {
        KmsClient client = client(role(role));
        return AwsKms.factory(arn -> client);
    }

    private KmsClient client(String principal) {
        AwsPrincipal signer = aws.principal(principal);
        KmsClient client = AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(aws.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(signer.accessKeyId(), signer.secretAccessKey())))
                .build();
        clients.push(client);
        return client;
    }

    /** What the customer finds in CloudTrail of one operation on a key. */
    List<CloudTrailEvent> log(String operation, String arn) {
        return aws.events().stream()
                .filter(event ->
                        event.eventName().equals(operation) && event.resources().contains(arn))
                .toList();
    }

    @Override
    public void close() {
        hosts.forEach(ProductHost::close);
        clients.forEach(KmsClient::close);
        aws.close();
    }
}
