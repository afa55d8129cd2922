package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.CreateGrantRequest;
import software.amazon.awssdk.services.kms.model.DataKeySpec;
import software.amazon.awssdk.services.kms.model.GrantOperation;
import software.amazon.awssdk.services.kms.model.KmsException;

/**
 * The policies that are made, put by the customer's client and met by the vendor's: each role can do its operations with the
 * key context of its tenant, none else, and none with another context.
 */
class AwsPolicyOverTheWireTest {
    private static final String VENDOR = "arn:aws:iam::444455556666:role/";
    private static final EncryptionContext ACME = EncryptionContext.of("tenant", "acme");
    private static final Map<String, String> KEY_CONTEXT = EncryptionContext.ofDek(
                    "tenant-42", DekId.of(new byte[DekId.BYTES]), ACME)
            .asMap();

    /** What AWS has for each role, written down once more. */
    private static final Map<PolicyRole, Set<String>> EXPECTED = Map.of(
            PolicyRole.BACKUP, Set.of("Encrypt", "GenerateDataKey"),
            PolicyRole.RESTORE, Set.of("Decrypt"),
            PolicyRole.REWRAP, Set.of("Encrypt", "Decrypt", "ReEncrypt", "DescribeKey", "GetKeyRotationStatus"),
            PolicyRole.MONITOR, Set.of("Decrypt", "DescribeKey", "GetKeyRotationStatus"));

    private static final Set<String> WITH_CONTEXT = Set.of("Encrypt", "GenerateDataKey", "Decrypt", "ReEncrypt");

    private AwsKmsEmulator emulator;
    private AwsKmsKey key;
    private KmsClient customer;
    private SdkBytes ciphertext;
    private final List<KmsClient> clients = new ArrayList<>();

    @BeforeEach
    void start() {
        emulator = AwsKmsEmulator.builder()
                .region("eu-west-1")
                .account("111122223333")
                .start(0);
        key = emulator.createKey(AwsKeySpec.symmetric());
        customer = client(emulator.principal("arn:aws:iam::111122223333:user/admin"));
        ciphertext = encrypted(KEY_CONTEXT);
    }

    @AfterEach
    void end() {
        clients.forEach(KmsClient::close);
        emulator.close();
    }

    private SdkBytes encrypted(Map<String, String> context) {
        return customer.encrypt(request -> request.keyId(key.arn())
                        .plaintext(SdkBytes.fromUtf8String("0123456789abcdef0123456789abcdef"))
                        .encryptionContext(context))
                .ciphertextBlob();
    }

    private KmsClient client(AwsPrincipal principal) {
        KmsClient client = AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(emulator.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(principal.accessKeyId(), principal.secretAccessKey())))
                .build();
        clients.add(client);
        return client;
    }

    private KmsClient vendor(PolicyRole role) {
        return client(emulator.principal(VENDOR + PolicyStatements.lowerCase(role)));
    }

    private AwsKeyPolicy policy(PolicyRole role) {
        return AwsKeyPolicy.of(
                AwsKeyArn.parse(key.arn()), VendorAccess.of(role, VENDOR + PolicyStatements.lowerCase(role)), ACME);
    }

    private void put(AwsKeyPolicy policy) {
        String before = customer.getKeyPolicy(
                        request -> request.keyId(key.arn()).policyName("default"))
                .policy();
        customer.putKeyPolicy(request -> request.keyId(key.arn())
                .policyName("default")
                .policy(policy.mergedInto(before).document()));
    }

    private void grant(String json) {
        JsonObject grant = new Gson().fromJson(json, JsonObject.class);
        CreateGrantRequest.Builder request = CreateGrantRequest.builder()
                .keyId(grant.get("KeyId").getAsString())
                .granteePrincipal(grant.get("GranteePrincipal").getAsString())
                .name(grant.get("Name").getAsString())
                .operations(grant.getAsJsonArray("Operations").asList().stream()
                        .map(operation -> GrantOperation.fromValue(operation.getAsString()))
                        .toList());
        if (grant.has("Constraints")) {
            Map<String, String> subset = new HashMap<>();
            grant.getAsJsonObject("Constraints")
                    .getAsJsonObject("EncryptionContextSubset")
                    .asMap()
                    .forEach((name, value) -> subset.put(name, value.getAsString()));
            request.constraints(constraints -> constraints.encryptionContextSubset(subset));
        }
        customer.createGrant(request.build());
    }

    /** Every operation on a key that the emulator has and that could be done without harm, as the SDK names it. */
    private Map<String, Consumer<KmsClient>> operations(Map<String, String> context) {
        String arn = key.arn();
        Map<String, Consumer<KmsClient>> all = new LinkedHashMap<>();
        all.put(
                "Encrypt",
                kms -> kms.encrypt(r ->
                        r.keyId(arn).plaintext(SdkBytes.fromUtf8String("x")).encryptionContext(context)));
        all.put(
                "GenerateDataKey",
                kms -> kms.generateDataKey(
                        r -> r.keyId(arn).keySpec(DataKeySpec.AES_256).encryptionContext(context)));
        all.put(
                "GenerateDataKeyWithoutPlaintext",
                kms -> kms.generateDataKeyWithoutPlaintext(
                        r -> r.keyId(arn).keySpec(DataKeySpec.AES_256).encryptionContext(context)));
        SdkBytes blob = context.equals(KEY_CONTEXT) ? ciphertext : encryptedBefore.get(context);
        all.put(
                "Decrypt",
                kms -> kms.decrypt(r -> r.keyId(arn).ciphertextBlob(blob).encryptionContext(context)));
        all.put(
                "ReEncrypt",
                kms -> kms.reEncrypt(r -> r.ciphertextBlob(blob)
                        .sourceKeyId(arn)
                        .sourceEncryptionContext(context)
                        .destinationKeyId(arn)
                        .destinationEncryptionContext(context)));
        all.put("DescribeKey", kms -> kms.describeKey(r -> r.keyId(arn)));
        all.put("GetKeyRotationStatus", kms -> kms.getKeyRotationStatus(r -> r.keyId(arn)));
        all.put("ListKeyRotations", kms -> kms.listKeyRotations(r -> r.keyId(arn)));
        all.put("GetKeyPolicy", kms -> kms.getKeyPolicy(r -> r.keyId(arn).policyName("default")));
        all.put("ListGrants", kms -> kms.listGrants(r -> r.keyId(arn)));
        all.put(
                "CreateGrant",
                kms -> kms.createGrant(
                        r -> r.keyId(arn).granteePrincipal(VENDOR + "other").operations(GrantOperation.DECRYPT)));
        all.put("EnableKeyRotation", kms -> kms.enableKeyRotation(r -> r.keyId(arn)));
        all.put("DisableKey", kms -> kms.disableKey(r -> r.keyId(arn)));
        all.put("ScheduleKeyDeletion", kms -> kms.scheduleKeyDeletion(r -> r.keyId(arn)));
        return all;
    }

    private final Map<Map<String, String>, SdkBytes> encryptedBefore = new HashMap<>();

    private Set<String> allowed(KmsClient client, Map<String, String> context) {
        Set<String> allowed = new TreeSet<>();
        operations(context).forEach((name, call) -> {
            try {
                call.accept(client);
                allowed.add(name);
            } catch (KmsException e) {
                assertThat(e.awsErrorDetails().errorCode()).as(name).isEqualTo("AccessDeniedException");
            }
        });
        return allowed;
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void byTheKeysPolicyEachRoleCanDoItsOperationsAndNoOther(PolicyRole role) {
        assertThat(allowed(vendor(role), KEY_CONTEXT)).isEmpty();

        put(policy(role));

        assertThat(allowed(vendor(role), KEY_CONTEXT)).isEqualTo(EXPECTED.get(role));
        assertThat(allowed(client(emulator.principal(VENDOR + "other")), KEY_CONTEXT))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void byAGrantEachRoleCanDoItsOperationsAndNoOther(PolicyRole role) {
        policy(role).grants().values().forEach(this::grant);

        Set<String> expected = new TreeSet<>(EXPECTED.get(role));
        expected.remove("GetKeyRotationStatus"); // No grant can allow it.
        assertThat(allowed(vendor(role), KEY_CONTEXT)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void theVendorsOwnPolicyAllowsJustAsMuch(PolicyRole role) {
        AwsPrincipal principal = emulator.principal(VENDOR + PolicyStatements.lowerCase(role));
        emulator.identityPolicy(principal, policy(role).vendorPolicies().get(principal.arn()));
        key.policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
                + "\"Action\":\"kms:*\",\"Resource\":\"*\"}]}");

        assertThat(allowed(client(principal), KEY_CONTEXT)).isEqualTo(EXPECTED.get(role));
    }

    static Stream<Arguments> otherContexts() {
        Map<String, Map<String, String>> contexts = new LinkedHashMap<>();
        contexts.put("another tenant", changed(map -> map.put("tenant", "globex")));
        contexts.put("the tenant in another case", changed(map -> map.put("tenant", "Acme")));
        contexts.put("the key in another case", changed(map -> map.put("Tenant", map.remove("tenant"))));
        contexts.put("no tenant", changed(map -> map.remove("tenant")));
        contexts.put("one pair more", changed(map -> map.put("purpose", "spying")));
        contexts.put("the tenant alone", Map.of("tenant", "acme"));
        contexts.put("no keychain", changed(map -> map.remove("kw:keychain")));
        contexts.put("no DEK", changed(map -> map.remove("kw:dek")));
        contexts.put("none", Map.of());
        return contexts.entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    private static Map<String, String> changed(Consumer<Map<String, String>> change) {
        Map<String, String> context = new TreeMap<>(KEY_CONTEXT);
        change.accept(context);
        return context;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("otherContexts")
    void withAnotherContextNothingIsDone(String name, Map<String, String> context) {
        encryptedBefore.put(context, encrypted(context));
        for (PolicyRole role : PolicyRole.values()) {
            put(policy(role));

            assertThat(allowed(vendor(role), context)).as("%s", role).doesNotContainAnyElementsOf(WITH_CONTEXT);
        }
    }

    @Test
    void aGrantWantsThePairsOfTheTenant() {
        policy(PolicyRole.REWRAP).grants().values().forEach(this::grant);
        Map<String, String> other = changed(map -> map.put("tenant", "globex"));
        encryptedBefore.put(other, encrypted(other));

        assertThat(allowed(vendor(PolicyRole.REWRAP), other)).containsExactly("DescribeKey");
    }

    @Test
    void severalRolesOnOneKeyDoNotAddToEachOther() {
        VendorAccess all = VendorAccess.of(PolicyRole.BACKUP, VENDOR + "backup")
                .and(PolicyRole.RESTORE, VENDOR + "restore")
                .and(PolicyRole.REWRAP, VENDOR + "rewrap")
                .and(PolicyRole.MONITOR, VENDOR + "monitor");
        put(AwsKeyPolicy.of(AwsKeyArn.parse(key.arn()), all, ACME));

        for (PolicyRole role : PolicyRole.values()) {
            assertThat(allowed(vendor(role), KEY_CONTEXT)).as("%s", role).isEqualTo(EXPECTED.get(role));
        }
    }

    @Test
    void whatTheCustomerHadStillWorks() {
        put(policy(PolicyRole.BACKUP));

        customer.describeKey(request -> request.keyId(key.arn()));
        assertThatThrownBy(() -> vendor(PolicyRole.RESTORE).describeKey(request -> request.keyId(key.arn())))
                .isInstanceOf(KmsException.class);
    }
}
