package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.exception.ClientAuthenticationException;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Who may not, and in which words. */
class AzureAccessTest extends AzureTest {
    private static final String OTHER = "33333333-3333-4333-8333-333333333333";

    private final byte[] wrapped = wrapped();

    private String unwrap() {
        return failure(() -> unwrapped(key.versionedId(), wrapped));
    }

    @Nested
    class Denied {
        @Test
        void byRoles() {
            azure.deny(AzureDenial.rbac());
            assertThat(unwrap())
                    .startsWith(
                            "403 Forbidden/ForbiddenByRbac: Caller is not authorized to perform action on resource.")
                    .contains("Action: 'Microsoft.KeyVault/vaults/keys/unwrap/action'", "Vault: keywrap-test;");
            assertThat(failure(() -> keys().getKey(key.name())))
                    .contains("Action: 'Microsoft.KeyVault/vaults/keys/read'");
        }

        @Test
        void byAccessPolicies() {
            azure.deny(AzureDenial.policy());
            assertThat(unwrap())
                    .startsWith("403 Forbidden/ForbiddenByPolicy: The user, group or application 'appid=")
                    .contains("does not have keys unwrapKey permission on key vault 'keywrap-test;");
        }

        @Test
        void byAccessPoliciesOfOlderVaults() {
            azure.deny(AzureDenial.oldPolicy());
            assertThat(unwrap()).startsWith("403 Forbidden/AccessDenied: The user, group or application");
        }

        @Test
        void byTheRolesOfAManagedHsm() {
            azure.deny(AzureDenial.managedHsm());
            assertThat(unwrap())
                    .isEqualTo(
                            "403 AccessDenied: Not authorized to access Microsoft.KeyVault/managedHsm/keys/unwrap/action");
        }

        @Test
        void byTheNetwork() {
            azure.deny(AzureDenial.firewall());
            assertThat(unwrap()).startsWith("403 Forbidden/ForbiddenByFirewall: Client address is not authorized");
            azure.allow();
            azure.deny(AzureDenial.connection());
            assertThat(unwrap()).startsWith("403 Forbidden/ForbiddenByConnection: Public network access is disabled");
        }

        @Test
        void untilItIsAllowedAgain() {
            azure.deny(AzureDenial.rbac());
            azure.allow();
            assertThat(unwrapped(key.id(), wrapped)).isEqualTo(DEK);
        }

        /** A denial does not tell whether the key is there. */
        @Test
        void beforeItIsKnownWhetherThereIsAKey() {
            azure.deny(AzureDenial.rbac());
            assertThat(failure(() -> keys().getKey("never"))).startsWith("403 Forbidden/ForbiddenByRbac");
        }
    }

    @Nested
    class Narrowed {
        @Test
        void toOneOperation() {
            azure.deny(AzureDenial.rbac().on("KeyUnwrap"));
            assertThat(unwrap()).startsWith("403");
            wrapped();
            keys().getKey(key.name());
        }

        @Test
        void toOneKey() {
            AzureKey other = azure.createKey();
            azure.deny(AzureDenial.rbac().of(other));
            assertThat(unwrapped(key.id(), wrapped)).isEqualTo(DEK);
            assertThat(failure(() -> keys().getKey(other.name()))).startsWith("403");
        }

        @Test
        void toOneCaller() {
            azure.deny(AzureDenial.rbac().to(OTHER));
            assertThat(unwrapped(key.id(), wrapped)).isEqualTo(DEK);
            assertThat(failure(
                            () -> crypto(key.id(), bearer(azure.token(OTHER))).unwrapKey(OAEP_256, wrapped)))
                    .startsWith("403 Forbidden/ForbiddenByRbac")
                    .contains("appid=" + OTHER);
        }

        @Test
        void toNothingThatThereIsNot() {
            assertThatThrownBy(() -> AzureDenial.rbac().on("KeyUnwarp"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("KeyUnwrap");
            assertThatThrownBy(() -> AzureDenial.rbac().on("Token")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Tokens {
        private String with(String token) {
            return failure(() -> keys(bearer(token)).getKey(key.name()));
        }

        @Test
        void ofAnotherTenantAreRefused() {
            String tenant = "44444444-4444-4444-8444-444444444444";
            assertThat(with(azure.tokenOfTenant(tenant)))
                    .isEqualTo("401 Unauthorized: AKV10032: Invalid issuer. Expected one of https://sts.windows.net/"
                            + azure.tenant() + "/, found https://sts.windows.net/" + tenant + "/.");
            assertThatThrownBy(() -> keys(bearer(azure.tokenOfTenant(tenant))).getKey(key.name()))
                    .isInstanceOf(ClientAuthenticationException.class);
        }

        @Test
        void forAnotherServiceAreRefused() {
            assertThat(with(azure.tokenFor("https://management.azure.com")))
                    .isEqualTo("401 Unauthorized: AKV10022: Invalid audience. Expected https://vault.azure.net, found:"
                            + " https://management.azure.com.");
        }

        @Test
        void ofAManagedHsmAreForItAlone() {
            try (AzureKeyVaultEmulator hsm = start(AzureKeyVaultEmulatorBuilder::managedHsm)) {
                assertThat(hsm.resource()).isEqualTo("https://managedhsm.azure.net");
                assertThat(with(hsm.token())).contains("AKV10022");
            }
        }

        @Test
        void ofAnotherEmulatorAreRefused() {
            try (AzureKeyVaultEmulator other = start(options -> options)) {
                assertThat(with(other.token())).startsWith("401 Unauthorized: Error validating token: IDX10511");
            }
        }

        @Test
        void expireByTheClock() {
            String token = azure.token(OTHER, Duration.ofMinutes(5));
            keys(bearer(token)).getKey(key.name());
            time.advance(Duration.ofMinutes(5));
            assertThat(with(token)).startsWith("401 Unauthorized: Error validating token: IDX10223");
        }

        @Test
        void thatAreNoneAreRefused() {
            assertThat(with("hello")).startsWith("401 Unauthorized: AKV10000");
            assertThat(with("a.b.c")).startsWith("401 Unauthorized: Error validating token");
        }
    }
}
