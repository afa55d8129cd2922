package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.exception.ResourceModifiedException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.security.keyvault.keys.models.CreateRsaKeyOptions;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a key's state does to those who use it. */
class AzureStatesTest extends AzureTest {
    private final byte[] wrapped = wrapped();
    private final String id = key.versionedId();

    private String unwrap() {
        return failure(() -> unwrapped(id, wrapped));
    }

    private String wrap() {
        return failure(this::wrapped);
    }

    private void assertOpens() {
        assertThat(unwrapped(id, wrapped)).isEqualTo(DEK);
    }

    @Nested
    class Disabled {
        @Test
        void neitherWrapsNorUnwraps() {
            key.disable();
            assertThat(unwrap())
                    .isEqualTo("403 Forbidden/KeyDisabled: Operation unwrapKey is not allowed on a disabled key.");
            assertThat(wrap())
                    .isEqualTo("403 Forbidden/KeyDisabled: Operation wrapKey is not allowed on a disabled key.");
            key.enable();
            assertOpens();
        }

        /** Unlike a secret, which is refused. */
        @Test
        void canBeLookedAt() {
            key.disable();
            assertThat(keys().getKey(key.name()).getProperties().isEnabled()).isFalse();
        }

        @Test
        void wrapsOnDemandAsWasOnceObserved() {
            azure.wrapWhileDisabled(true);
            key.disable();
            byte[] more = wrapped();
            assertThat(unwrap()).startsWith("403 Forbidden/KeyDisabled");
            key.enable();
            assertThat(unwrapped(id, more)).isEqualTo(DEK);
        }

        @Test
        void isOneVersionAlone() {
            String first = key.version();
            key.rotate();
            key.disable(first);
            assertThat(unwrap()).startsWith("403 Forbidden/KeyDisabled");
            wrapped();

            key.enable(first);
            key.disable();
            assertOpens();
            assertThat(wrap()).startsWith("403 Forbidden/KeyDisabled");
        }

        @Test
        void ofNoVersionIsAMistakeOfTheTest() {
            assertThatThrownBy(() -> key.disable("0")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Dates {
        private final Instant now = time.now();

        @Test
        void anExpiredKeyUnwrapsAndDoesNotWrap() {
            key.expiresAt(Optional.of(now.plusSeconds(60)));
            time.advance(Duration.ofSeconds(59));
            wrapped();
            time.advance(Duration.ofSeconds(1));

            assertThat(wrap())
                    .startsWith("403 Forbidden/KeyExpired: Operation wrapKey is not allowed on an expired key.");
            assertOpens();
            key.expiresAt(Optional.empty());
            wrapped();
        }

        @Test
        void aKeyThatIsNotYetValidUnwrapsAndDoesNotWrap() {
            key.notBefore(Optional.of(now.plusSeconds(60)));
            assertThat(wrap()).startsWith("403 Forbidden/KeyNotYetValid");
            assertOpens();
            time.advance(Duration.ofSeconds(60));
            wrapped();
        }

        @Test
        void areMadeWithTheKey() {
            AzureKey made = azure.createKey(
                    AzureKeySpec.rsa(2048).expiresAt(now.plusSeconds(1)).notBefore(now.minusSeconds(1)));
            assertThat(keys().getKey(made.name()).getProperties().getExpiresOn().toInstant())
                    .isEqualTo(now.plusSeconds(1));
            assertThat(keys().getKey(made.name()).getProperties().getNotBefore().toInstant())
                    .isEqualTo(now.minusSeconds(1));
        }
    }

    @Test
    void anOperationThatIsNotListedIsForbidden() {
        key.keyOps("wrapKey");
        assertThat(unwrap())
                .isEqualTo("403 Forbidden/KeyOperationForbidden: Operation unwrapKey is not permitted on this key.");
        wrapped();
        key.keyOps("unwrapKey");
        assertThat(wrap()).startsWith("403 Forbidden/KeyOperationForbidden");
        assertOpens();
    }

    @Nested
    class Deleted {
        @Test
        void isNotFoundUntilItIsRecovered() {
            key.softDelete();
            assertThat(unwrap()).startsWith("404 KeyNotFound: A key with (name/id) " + key.name() + " was not found");
            assertThat(wrap()).startsWith("404 KeyNotFound");
            assertThatThrownBy(() -> keys().getKey(key.name())).isInstanceOf(ResourceNotFoundException.class);
            key.recover();
            assertOpens();
            time.advance(Duration.ofDays(91));
            assertOpens();
            assertThat(key.scheduledPurgeDate()).isEmpty();
        }

        @Test
        void isFoundAmongTheDeletedWithTheDateOfItsPurge() {
            key.softDelete(7);
            var deleted = keys().getDeletedKey(key.name());
            assertThat(deleted.getDeletedOn().toInstant()).isEqualTo(time.now());
            assertThat(deleted.getScheduledPurgeDate().toInstant())
                    .isEqualTo(time.now().plus(Duration.ofDays(7)));
            assertThat(key.scheduledPurgeDate()).hasValue(time.now().plus(Duration.ofDays(7)));
            assertThat(deleted.getRecoveryId()).isEqualTo(azure.endpoint() + "/deletedkeys/" + key.name());
        }

        @Test
        void isPurgedWhenTheClockGetsThere() {
            key.softDelete(7);
            time.advance(Duration.ofDays(7).minusSeconds(1));
            keys().getDeletedKey(key.name());
            time.advance(Duration.ofSeconds(1));

            assertThat(failure(() -> keys().getDeletedKey(key.name())))
                    .isEqualTo("404 KeyNotFound: Deleted Key not found: " + key.name());
            assertThat(unwrap()).startsWith("404 KeyNotFound");
            assertThatThrownBy(key::recover).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void isPurgedAtOnceOnDemand() {
            key.purge();
            assertThat(failure(() -> keys().getDeletedKey(key.name()))).startsWith("404 KeyNotFound");
            assertThat(unwrap()).startsWith("404 KeyNotFound");
        }

        @Test
        void keepsItsName() {
            key.softDelete();
            CreateRsaKeyOptions again = new CreateRsaKeyOptions(key.name());
            assertThat(failure(() -> keys().createRsaKey(again)))
                    .startsWith("409 Conflict/ObjectIsDeletedButRecoverable");
            assertThatThrownBy(() -> keys().createRsaKey(again)).isInstanceOf(ResourceModifiedException.class);
            assertThatThrownBy(() -> azure.createKey(AzureKeySpec.rsa(2048).named(key.name())))
                    .isInstanceOf(IllegalArgumentException.class);
            key.purge();
            keys().createRsaKey(again);
        }

        @Test
        void isKeptForDaysThatVaultsHave() {
            assertThatThrownBy(() -> key.softDelete(6)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> key.softDelete(91)).isInstanceOf(IllegalArgumentException.class);
            key.softDelete(90);
            assertThatThrownBy(() -> key.softDelete()).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aKeyThatNeverWasIsNotFoundInTheSameWords() {
        String never = azure.endpoint() + "/keys/never";
        assertThat(failure(() -> unwrapped(never, wrapped))).startsWith("404 KeyNotFound: A key with (name/id) never");
        String noVersion = key.id() + "/" + "0".repeat(32);
        assertThat(failure(() -> unwrapped(noVersion, wrapped)))
                .startsWith("404 KeyNotFound: A key with (name/id) " + key.name() + "/0000");
    }

    @Test
    void aTimeThatNoClockShowsIsRefused() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        azure.endpoint().resolve("/keys/" + key.name() + "?api-version=7.6"))
                .header("Authorization", "Bearer " + azure.token())
                .method("PATCH", BodyPublishers.ofString("{\"attributes\":{\"exp\":9223372036854775807}}"))
                .build();
        HttpClient client =
                HttpClient.newBuilder().sslContext(azure.trustingContext()).build();
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("BadParameter");
    }

    @Test
    void aMalformedVersionIsTakenForAnOperation() {
        assertThat(failure(() -> keys().getKey(key.name(), "current")))
                .isEqualTo("400 BadParameter: Method GET does not allow operation 'current'");
    }

    @Test
    void aDeletedVaultIsNotFound() {
        azure.vaultDeleted(true);
        assertThat(unwrap()).startsWith("404 VaultNotFound");
        azure.vaultDeleted(false);
        assertOpens();
    }

    @Test
    void namesHaveNoCase() {
        assertThat(unwrapped(id.replace("/kek-", "/KEK-"), wrapped)).isEqualTo(DEK);
    }
}
