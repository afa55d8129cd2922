package com.example.backup;

import com.example.backup.Worker.Principals;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.aws.AwsKeyPolicy;
import io.keywrap.aws.AwsKms;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.provider.KeyProvider;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** AWS on this machine: an account of the vendor's, and one of the tenants, who click by the SDK's own client. */
final class Cloud implements AutoCloseable, Principals {
    /** The account of the tenants, as their contracts have it. */
    static final String TENANTS = "111122223333";

    private static final String VENDOR = "444455556666";

    private final AwsKmsEmulator aws;
    private final List<KmsClient> clients = new ArrayList<>();
    private final Map<PolicyRole, KmsClient> workers = new EnumMap<>(PolicyRole.class);
    private final KmsClient tenant;

    Cloud(TimeSource time) {
        aws = AwsKmsEmulator.builder()
                .account(TENANTS)
                .region("eu-west-1")
                .time(time)
                .start(0);
        for (PolicyRole role : PolicyRole.values()) {
            workers.put(role, client(name(role)));
        }
        tenant = client("arn:aws:iam::" + TENANTS + ":user/admin");
    }

    private KmsClient client(String principal) {
        AwsPrincipal signer = aws.principal(principal);
        KmsClient client = AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(aws.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(signer.accessKeyId(), signer.secretAccessKey())))
                .build();
        clients.add(client);
        return client;
    }

    @Override
    public String name(PolicyRole role) {
        return "arn:aws:iam::" + VENDOR + ":role/" + role.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public KeyProvider.Factory kms(PolicyRole role) {
        KmsClient worker = Objects.requireNonNull(workers.get(role));
        return AwsKms.factory(arn -> worker);
    }

    /** The vendor's own key. */
    KekId newVendorKey() {
        return KekId.of("aws-kms://"
                + aws.createKey(AwsKeySpec.symmetric().inAccount(VENDOR)).arn());
    }

    /** A tenant makes a key in a Region. */
    String newKey(String region) {
        return aws.createKey(AwsKeySpec.symmetric().inRegion(region)).arn();
    }

    /** A tenant puts the policy on the key, and sees the difference first. */
    String allow(String arn, AwsKeyPolicy policy) {
        String before = tenant.getKeyPolicy(request -> request.keyId(arn).policyName("default"))
                .policy();
        AwsKeyPolicy.Merged merged = policy.mergedInto(before);
        tenant.putKeyPolicy(request -> request.keyId(arn).policyName("default").policy(merged.document()));
        return merged.diff();
    }

    void rotate(String arn) {
        tenant.rotateKeyOnDemand(request -> request.keyId(arn));
    }

    void disable(String arn) {
        tenant.disableKey(request -> request.keyId(arn));
    }

    void enable(String arn) {
        tenant.enableKey(request -> request.keyId(arn));
    }

    /** What the tenant finds in CloudTrail that others have done with the key. */
    List<CloudTrailEvent> log(String arn) {
        return aws.events().stream()
                .filter(event -> event.resources().contains(arn))
                .filter(event -> event.principalArn().orElse("").contains(VENDOR))
                .toList();
    }

    @Override
    public void close() {
        clients.forEach(KmsClient::close);
        aws.close();
    }
}
