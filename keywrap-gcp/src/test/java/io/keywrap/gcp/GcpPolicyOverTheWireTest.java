package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.rpc.FixedHeaderProvider;
import com.google.api.gax.rpc.PermissionDeniedException;
import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.iam.v1.Binding;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bindings that are made, set by the customer's client and met by the vendor's: each role can do its operations and none else. */
class GcpPolicyOverTheWireTest {
    /** What Google has for each role, written down once more. */
    private static final Map<PolicyRole, Set<String>> EXPECTED = Map.of(
            PolicyRole.BACKUP, Set.of("Encrypt"),
            PolicyRole.RESTORE, Set.of("Decrypt"),
            PolicyRole.REWRAP, Set.of("Encrypt", "Decrypt", "GetCryptoKey", "GetCryptoKeyVersion"),
            PolicyRole.MONITOR, Set.of("Decrypt", "GetCryptoKey", "GetCryptoKeyVersion"));

    private GcpKmsEmulator emulator;
    private KeyManagementServiceClient customer;
    private String key;
    private ByteString ciphertext;
    private final List<KeyManagementServiceClient> clients = new ArrayList<>();

    @BeforeEach
    void start() {
        emulator = GcpKmsEmulator.start();
        customer = EmulatedKms.client(emulator.endpoint());
        clients.add(customer);
        key = emulator.createKey().name();
        ciphertext = customer.encrypt(key, ByteString.copyFromUtf8("x")).getCiphertext();
    }

    @AfterEach
    void end() {
        clients.forEach(KeyManagementServiceClient::close);
        emulator.close();
    }

    private static String account(PolicyRole role) {
        return role.name().toLowerCase(Locale.ROOT) + "@vendor.iam.gserviceaccount.com";
    }

    private KeyManagementServiceClient vendor(String account) {
        KeyManagementServiceClient client =
                EmulatedKms.client(GcpKms.tune(EmulatedKms.plain(emulator.endpoint(), NoCredentialsProvider.create())
                        .setHeaderProvider(FixedHeaderProvider.create(
                                "authorization", "Bearer " + emulator.serviceAccount(account)))));
        clients.add(client);
        return client;
    }

    /** As a customer does it who sets the file of bindings, after making the custom role. */
    private void set(GcpKeyPolicy policy) {
        Gson gson = new Gson();
        policy.statusRoleDefinition()
                .ifPresent(definition -> emulator.role(
                        "projects/keywrap-test/roles/" + GcpKeyPolicy.STATUS_ROLE,
                        strings(gson.fromJson(definition, JsonObject.class), "includedPermissions")));
        Policy.Builder bindings =
                customer
                        .getIamPolicy(GetIamPolicyRequest.newBuilder()
                                .setResource(key)
                                .build())
                        .toBuilder();
        gson.fromJson(policy.bindings(), JsonObject.class)
                .getAsJsonArray("bindings")
                .forEach(binding -> bindings.addBindings(Binding.newBuilder()
                        .setRole(binding.getAsJsonObject().get("role").getAsString())
                        .addAllMembers(strings(binding.getAsJsonObject(), "members"))));
        customer.setIamPolicy(SetIamPolicyRequest.newBuilder()
                .setResource(key)
                .setPolicy(bindings)
                .build());
    }

    private static Set<String> strings(JsonObject object, String name) {
        return object.getAsJsonArray(name).asList().stream()
                .map(item -> item.getAsString())
                .collect(Collectors.toSet());
    }

    private GcpKeyPolicy policy(PolicyRole role) {
        return GcpKeyPolicy.of(GcpKeyName.parse(key), VendorAccess.of(role, account(role)));
    }

    private Map<String, Consumer<KeyManagementServiceClient>> operations() {
        String version = key + "/cryptoKeyVersions/1";
        Map<String, Consumer<KeyManagementServiceClient>> all = new LinkedHashMap<>();
        all.put("Encrypt", kms -> kms.encrypt(key, ByteString.copyFromUtf8("x")));
        all.put("Decrypt", kms -> kms.decrypt(key, ciphertext));
        all.put("GetCryptoKey", kms -> kms.getCryptoKey(key));
        all.put("GetCryptoKeyVersion", kms -> kms.getCryptoKeyVersion(version));
        all.put("ListCryptoKeyVersions", kms -> kms.listCryptoKeyVersions(key).getPage());
        all.put("ListCryptoKeys", kms -> kms.listCryptoKeys(emulator.keyRing()).getPage());
        all.put("GetKeyRing", kms -> kms.getKeyRing(emulator.keyRing()));
        all.put(
                "GetIamPolicy",
                kms -> kms.getIamPolicy(
                        GetIamPolicyRequest.newBuilder().setResource(key).build()));
        all.put(
                "SetIamPolicy",
                kms -> kms.setIamPolicy(
                        SetIamPolicyRequest.newBuilder().setResource(key).build()));
        all.put(
                "UpdateCryptoKey",
                kms -> kms.updateCryptoKey(
                        CryptoKey.newBuilder().setName(key).putLabels("a", "b").build(),
                        FieldMask.newBuilder().addPaths("labels").build()));
        all.put("DestroyCryptoKeyVersion", kms -> kms.destroyCryptoKeyVersion(version));
        return all;
    }

    private Set<String> allowed(KeyManagementServiceClient client) {
        Set<String> allowed = new TreeSet<>();
        operations().forEach((name, call) -> {
            try {
                call.accept(client);
                allowed.add(name);
            } catch (PermissionDeniedException e) {
                // Not in the set.
            }
        });
        return allowed;
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void eachRoleCanDoItsOperationsAndNoOther(PolicyRole role) {
        KeyManagementServiceClient client = vendor(account(role));
        assertThat(allowed(client)).isEmpty();

        set(policy(role));

        assertThat(allowed(client)).isEqualTo(EXPECTED.get(role));
        assertThat(allowed(vendor("other@vendor.iam.gserviceaccount.com"))).isEmpty();
    }

    @Test
    void severalRolesOnOneKeyDoNotAddToEachOther() {
        VendorAccess all = VendorAccess.of(PolicyRole.BACKUP, account(PolicyRole.BACKUP));
        for (PolicyRole role : PolicyRole.values()) {
            all = all.and(role, account(role));
        }
        set(GcpKeyPolicy.of(GcpKeyName.parse(key), all));

        for (PolicyRole role : PolicyRole.values()) {
            assertThat(allowed(vendor(account(role)))).as("%s", role).isEqualTo(EXPECTED.get(role));
        }
    }

    @Test
    void bindingsAreOfOneKeyAlone() {
        set(policy(PolicyRole.RESTORE));
        String other = emulator.createKey().name();
        ByteString there = customer.encrypt(other, ByteString.copyFromUtf8("x")).getCiphertext();

        assertThatThrownBy(() -> vendor(account(PolicyRole.RESTORE)).decrypt(other, there))
                .isInstanceOf(PermissionDeniedException.class);
    }

    @Test
    void theVendorCanAskWhatItMayDo() {
        set(policy(PolicyRole.MONITOR));

        assertThat(vendor(account(PolicyRole.MONITOR))
                        .testIamPermissions(TestIamPermissionsRequest.newBuilder()
                                .setResource(key)
                                .addAllPermissions(EmulatedKms.PERMISSIONS)
                                .build())
                        .getPermissionsList())
                .containsExactly(
                        "cloudkms.cryptoKeyVersions.useToDecrypt",
                        "cloudkms.cryptoKeys.get",
                        "cloudkms.cryptoKeyVersions.get");
    }

    /** Google's policies know no context, its cryptography does. */
    @Test
    void anotherContextIsRefusedByTheKeyItself() {
        set(policy(PolicyRole.REWRAP));
        KeyManagementServiceClient client = vendor(account(PolicyRole.REWRAP));
        try (KeyProviders providers =
                KeyProviders.builder().register(GcpKms.factory(name -> client)).build()) {
            KeyProvider provider = providers.provider(EmulatedKms.kekId(key));
            DekId id = DekId.random();
            EncryptionContext acme = EncryptionContext.ofDek("k", id, EncryptionContext.of("tenant", "acme"));
            EncryptionContext globex = EncryptionContext.ofDek("k", id, EncryptionContext.of("tenant", "globex"));
            KeyProvider.Generated made = provider.generate(id, acme, providers.foregroundDeadline());
            made.dek().close();

            try (Dek back = provider.unwrap(made.wrapped(), acme, providers.foregroundDeadline())) {
                assertThat(back.id()).isEqualTo(id);
            }
            assertThatThrownBy(() -> provider.unwrap(made.wrapped(), globex, providers.foregroundDeadline()))
                    .isInstanceOf(InvalidWrappedDekException.class);
        }
    }
}
