package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpClient;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.models.EncryptionAlgorithm;
import com.azure.security.keyvault.keys.cryptography.models.KeyWrapAlgorithm;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.TimeSource;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** The roles and access policies that are made, met by the vendor's clients: each role can do its operations and none else. */
class AzurePolicyOverTheWireTest {
    /** What Azure has for each role, written down once more. */
    private static final Map<PolicyRole, Set<String>> EXPECTED = Map.of(
            PolicyRole.BACKUP, Set.of("wrapKey"),
            PolicyRole.RESTORE, Set.of("unwrapKey"),
            PolicyRole.REWRAP, Set.of("get", "wrapKey", "unwrapKey"),
            PolicyRole.MONITOR, Set.of("get", "unwrapKey"));

    private AzureKeyVaultEmulator emulator;
    private HttpClient http;
    private AzureKey key;
    private byte[] wrapped;
    private byte[] encrypted;

    @BeforeEach
    void start() {
        emulator = AzureKeyVaultEmulator.start();
        begin();
    }

    private void begin() {
        http = EmulatedVault.http(emulator);
        key = emulator.createKey();
        CryptographyClient owner = cryptography(EmulatedVault.token(emulator), key.versionedId());
        wrapped = owner.wrapKey(KeyWrapAlgorithm.RSA_OAEP_256, new byte[32]).getEncryptedKey();
        encrypted =
                owner.encrypt(EncryptionAlgorithm.RSA_OAEP_256, new byte[32]).getCipherText();
    }

    @AfterEach
    void end() {
        emulator.close();
    }

    private static String client(PolicyRole role) {
        return "bbbbbbbb-0000-4000-8000-00000000000" + role.ordinal();
    }

    private String objectId(PolicyRole role) {
        return emulator.registerApplication(client(role)).objectId();
    }

    private TokenCredential credential(String clientId) {
        AccessToken token =
                new AccessToken(emulator.token(clientId), OffsetDateTime.now().plusDays(1));
        return request -> Mono.just(token);
    }

    private CryptographyClient cryptography(TokenCredential credential, String id) {
        return new CryptographyClientBuilder()
                .keyIdentifier(id)
                .credential(credential)
                .httpClient(http)
                .disableKeyCaching()
                .disableChallengeResourceVerification()
                .buildClient();
    }

    private KeyClient keys(TokenCredential credential) {
        return new KeyClientBuilder()
                .vaultUrl(emulator.endpoint().toString())
                .credential(credential)
                .httpClient(http)
                .disableChallengeResourceVerification()
                .buildClient();
    }

    /** Of the key as Azure names it; the emulator's host is none of Azure's. */
    private AzureKeyPolicy policy(VendorAccess access, String domain) {
        AzureKeyUrl url = AzureKeyUrl.parse("https://" + emulator.vault() + "." + domain + "/keys/" + key.name());
        return AzureKeyPolicy.of(url, access)
                .locatedAt(
                        emulator.tenant(),
                        "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/backup"
                                + "/providers/Microsoft.KeyVault/vaults/" + emulator.vault());
    }

    private AzureKeyPolicy policy(PolicyRole role) {
        return policy(VendorAccess.of(role, objectId(role)), "vault.azure.net");
    }

    private void assign(AzureKeyPolicy policy) {
        policy.roleDefinitions().values().forEach(emulator.access()::roleDefinition);
        emulator.access().roleAssignments(policy.roleAssignments());
    }

    private Map<String, Runnable> operations(String clientId) {
        TokenCredential credential = credential(clientId);
        CryptographyClient cryptography = cryptography(credential, key.versionedId());
        KeyClient keys = keys(credential);
        Map<String, Runnable> all = new LinkedHashMap<>();
        all.put("wrapKey", () -> cryptography.wrapKey(KeyWrapAlgorithm.RSA_OAEP_256, new byte[32]));
        all.put("unwrapKey", () -> cryptography.unwrapKey(KeyWrapAlgorithm.RSA_OAEP_256, wrapped));
        all.put("encrypt", () -> cryptography.encrypt(EncryptionAlgorithm.RSA_OAEP_256, new byte[32]));
        all.put("decrypt", () -> cryptography.decrypt(EncryptionAlgorithm.RSA_OAEP_256, encrypted));
        all.put("get", () -> keys.getKey(key.name()));
        all.put("list", () -> keys.listPropertiesOfKeys().stream().count());
        all.put("rotate", () -> keys.rotateKey(key.name()));
        all.put("create", () -> keys.createKey("other", com.azure.security.keyvault.keys.models.KeyType.RSA));
        all.put("delete", () -> keys.beginDeleteKey(key.name()).poll());
        return all;
    }

    private Set<String> allowed(PolicyRole role) {
        Set<String> allowed = new TreeSet<>();
        operations(client(role)).forEach((name, call) -> {
            try {
                call.run();
                allowed.add(name);
            } catch (HttpResponseException e) {
                assertThat(e.getResponse().getStatusCode()).as(name).isEqualTo(403);
            }
        });
        return allowed;
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void byRolesEachCanDoItsOperationsAndNoOther(PolicyRole role) {
        assign(policy(role));

        assertThat(allowed(role)).containsAll(EXPECTED.get(role)).hasSameSizeAs(EXPECTED.get(role));
        PolicyRole other = PolicyRole.values()[(role.ordinal() + 1) % PolicyRole.values().length];
        assertThat(allowed(other)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void byAccessPoliciesEachCanDoItsOperationsAndNoOther(PolicyRole role) {
        emulator.access().accessPolicies(policy(role).accessPolicies());

        assertThat(allowed(role)).containsAll(EXPECTED.get(role)).hasSameSizeAs(EXPECTED.get(role));
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void inAManagedHsmEachCanDoItsOperationsAndNoOther(PolicyRole role) {
        emulator.close();
        emulator = AzureKeyVaultEmulator.builder().managedHsm().start(0);
        begin();

        assign(policy(VendorAccess.of(role, objectId(role)), "managedhsm.azure.net"));

        assertThat(allowed(role)).containsAll(EXPECTED.get(role)).hasSameSizeAs(EXPECTED.get(role));
    }

    @Test
    void severalRolesOnOneKeyDoNotAddToEachOther() {
        VendorAccess all = VendorAccess.of(PolicyRole.BACKUP, objectId(PolicyRole.BACKUP));
        for (PolicyRole role : PolicyRole.values()) {
            all = all.and(role, objectId(role));
        }
        assign(policy(all, "vault.azure.net"));

        for (PolicyRole role : PolicyRole.values()) {
            assertThat(allowed(role))
                    .as("%s", role)
                    .containsAll(EXPECTED.get(role))
                    .hasSameSizeAs(EXPECTED.get(role));
        }
    }

    @Test
    void anAssignmentIsOfOneKeyAlone() {
        assign(policy(PolicyRole.REWRAP));
        AzureKey other = emulator.createKey();

        assertThatThrownBy(() -> keys(credential(client(PolicyRole.REWRAP))).getKey(other.name()))
                .isInstanceOf(HttpResponseException.class)
                .hasMessageContaining("not authorized");
    }

    /** Azure's policies know no context; keywrap binds one itself. */
    @Test
    void anotherContextIsRefusedAfterTheUnwrap() {
        assign(policy(PolicyRole.REWRAP));
        KeyProvider.Factory factory = EmulatedVault.builder(emulator, TimeSource.system())
                .credential(credential(client(PolicyRole.REWRAP)))
                .build();
        try (KeyProviders providers = KeyProviders.builder().register(factory).build()) {
            KeyProvider provider = providers.provider(EmulatedVault.kekId(key));
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
