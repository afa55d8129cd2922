package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.provider.ServerSideRewrap;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Where clients and credentials come from, and who closes them. */
class AwsKmsTest {
    private final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().region("eu-west-1").start(0);
    private final SdkSettings settings = SdkSettings.of(emulator);
    private final AwsKmsKey key = emulator.createKey();
    private final KekId kek = EmulatedKms.kekId(key.arn());

    @AfterEach
    void close() {
        settings.close();
        emulator.close();
    }

    @Nested
    class ClientsOfItsOwn {
        @Test
        void takeEndpointAndCredentialsFromTheSettingsOfTheSdkAndTheRegionFromTheKey() {
            use(AwsKms.factory(), kek);
            assertThat(emulator.events()).singleElement().satisfies(event -> {
                assertThat(event.awsRegion()).isEqualTo("eu-west-1");
                assertThat(event.accessKeyId()).contains("AKIATEST");
            });
        }

        @Test
        void areSharedByTheProvidersOfARegionAndClosedWithTheLast() {
            AwsKms factory = AwsKms.factory();
            KeyProvider one = factory.create(kek);
            KeyProvider other =
                    factory.create(EmulatedKms.kekId(emulator.createKey().arn()));
            generate(one);
            one.close();
            one.close();
            generate(other);
            other.close();
            assertThatIllegalStateException().isThrownBy(() -> generate(other));
            use(factory, kek);
        }

        @Test
        void useTheCredentialsTheyAreGivenAndLeaveThemOpen() {
            boolean[] closed = new boolean[1];
            class Closeable implements AwsCredentialsProvider, SdkAutoCloseable {
                @Override
                public AwsCredentials resolveCredentials() {
                    return AwsBasicCredentials.create("AKIAOTHER", "secret");
                }

                @Override
                public void close() {
                    closed[0] = true;
                }
            }
            use(AwsKms.builder().credentials(new Closeable()).build(), kek);
            assertThat(emulator.events().get(0).accessKeyId()).contains("AKIAOTHER");
            assertThat(closed[0]).isFalse();
        }

        @Test
        void failForWantOfCredentialsAsOurOwnMistake() {
            AwsCredentialsProvider none = () -> {
                throw SdkClientException.create("Unable to load credentials from any of the providers in the chain");
            };
            KeyProvider provider = AwsKms.builder().credentials(none).build().create(kek);
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> generate(provider))
                    .withMessageContaining("credentials");
            provider.close();
        }
    }

    @Nested
    class ClientsOfTheProduct {
        @Test
        void areAskedForByArnAndNeverClosed() {
            List<AwsKeyArn> asked = new ArrayList<>();
            List<String> called = new ArrayList<>();
            KmsClient client = (KmsClient) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {KmsClient.class}, (proxy, method, arguments) -> {
                        called.add(method.getName());
                        return null;
                    });
            AwsKms factory = AwsKms.factory(arn -> {
                asked.add(arn);
                return client;
            });
            factory.create(kek).close();
            assertThat(asked).containsExactly(AwsKeyArn.parse(key.arn()));
            assertThat(called).isEmpty();
        }
    }

    @Nested
    class AClientInOtherHands {
        @Test
        void worksEvenIfItDoesNotTellItsCredentials() {
            try (KmsClient real =
                    AwsKms.tune(KmsClient.builder()).region(Region.EU_WEST_1).build()) {
                KmsClient dressed = (KmsClient) Proxy.newProxyInstance(
                        getClass().getClassLoader(), new Class<?>[] {KmsClient.class}, (proxy, method, arguments) -> {
                            if (method.getName().equals("serviceClientConfiguration")) {
                                throw new UnsupportedOperationException();
                            }
                            return method.invoke(real, arguments);
                        });
                use(AwsKms.factory(arn -> dressed), kek);
            }
            assertThat(emulator.events())
                    .singleElement()
                    .satisfies(event -> assertThat(event.accessKeyId()).contains("AKIATEST"));
        }
    }

    @Nested
    class ARole {
        private static final String ACCOUNT = "999988887777";
        private static final String ROLE = "arn:aws:iam::" + ACCOUNT + ":role/keywrap";

        private final AwsKmsKey theirs =
                emulator.createKey(AwsKeySpec.symmetric().inAccount(ACCOUNT));
        private final AwsPrincipal vendor = emulator.principal("arn:aws:iam::" + emulator.account() + ":user/vendor");

        @Test
        void isAssumedForTheKeysOfItsAccountWithItsExternalId() {
            trust("tenant-42");
            use(factory("tenant-42"), EmulatedKms.kekId(theirs.arn()));
            List<CloudTrailEvent> events = emulator.events();
            assertThat(events).extracting(CloudTrailEvent::eventName).containsExactly("AssumeRole", "GenerateDataKey");
            assertThat(events.get(1).principalArn().orElseThrow())
                    .contains(":assumed-role/keywrap/restore")
                    .contains(ACCOUNT);
        }

        @Test
        void isNotAssumedForTheKeysOfOthers() {
            trust("tenant-42");
            use(factory("tenant-42"), kek);
            assertThat(emulator.events()).extracting(CloudTrailEvent::eventName).containsExactly("GenerateDataKey");
        }

        @Test
        void thatIsRefusedIsTheDenialOfTheCustomer() {
            trust("another-id");
            KeyProvider provider = factory("tenant-42").create(EmulatedKms.kekId(theirs.arn()));
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> generate(provider))
                    .withMessageContaining("external id")
                    .withMessageNotContaining("tenant-42")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DENIED))
                    .satisfies(e -> assertThat(e.rawCode()).contains("AccessDenied"));
            provider.close();
        }

        @Test
        void isNotExpectedToReWrapForOthersNorTheyForIt() {
            trust("tenant-42");
            AwsKms factory = factory("tenant-42");
            KekId theirKek = EmulatedKms.kekId(theirs.arn());
            KeyProvider ours = factory.create(kek);
            KeyProvider byRole = factory.create(theirKek);
            assertThat(((ServerSideRewrap) ours).supports(theirKek)).isFalse();
            assertThat(((ServerSideRewrap) byRole).supports(kek)).isFalse();
            assertThat(((ServerSideRewrap) byRole).supports(theirKek)).isTrue();
            assertThat(((ServerSideRewrap) ours)
                            .supports(EmulatedKms.kekId(emulator.createKey().arn())))
                    .isTrue();
            ours.close();
            byRole.close();
        }

        private void trust(String externalId) {
            emulator.role(
                    io.keywrap.emulators.AwsRole.of(ROLE).trusting(vendor.arn()).withExternalId(externalId));
            theirs.policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\""
                    + ROLE + "\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}");
        }

        private AwsKms factory(String externalId) {
            return AwsKms.builder()
                    .credentials(() -> AwsBasicCredentials.create(vendor.accessKeyId(), vendor.secretAccessKey()))
                    .assumeRole(AwsRole.of(ROLE).externalId(externalId).sessionName("restore"))
                    .build();
        }
    }

    @Nested
    class ATunedClient {
        @Test
        void triesTwiceAndNoMore() {
            emulator.injectAlways(AwsFault.throttling());
            KeyProvider provider = AwsKms.factory().create(kek);
            assertThatExceptionOfType(KekThrottledException.class).isThrownBy(() -> generate(provider));
            assertThat(emulator.events()).hasSize(2);
            provider.close();
        }

        @Test
        void hasTheTimesOfThePages() {
            var set = AwsKms.tune(KmsClient.builder()).overrideConfiguration();
            assertThat(set.apiCallAttemptTimeout()).contains(Duration.ofSeconds(4));
            assertThat(set.apiCallTimeout()).contains(Duration.ofSeconds(10));
        }

        @Test
        void endsACallWhenTheProductThatSetItUpSaysSo() {
            emulator.injectAlways(AwsFault.slow(Duration.ofSeconds(3)));
            try (KmsClient impatient = AwsKms.tune(KmsClient.builder())
                    .overrideConfiguration(set -> set.apiCallTimeout(Duration.ofMillis(200)))
                    .region(Region.EU_WEST_1)
                    .build()) {
                KeyProvider provider = AwsKms.factory(arn -> impatient).create(kek);
                assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> generate(provider));
            }
        }

        @Test
        void takesAnotherHttpClientAsABuilderOrReady() {
            KmsClientBuilder byBuilder =
                    AwsKms.tune(KmsClient.builder()).httpClientBuilder(UrlConnectionHttpClient.builder());
            KmsClientBuilder ready = AwsKms.tune(KmsClient.builder())
                    .httpClientBuilder(null)
                    .httpClient(UrlConnectionHttpClient.create());
            for (KmsClientBuilder builder : List.of(byBuilder, ready)) {
                try (KmsClient client = builder.region(Region.EU_WEST_1).build()) {
                    use(AwsKms.factory(arn -> client), kek);
                }
            }
            assertThat(emulator.events()).hasSize(2);
        }

        @Test
        void keepsTheRestWhereOneTimeIsSetOnTopOfItsOwn() {
            KmsClientBuilder builder = AwsKms.tune(KmsClient.builder());
            builder.overrideConfiguration(builder.overrideConfiguration().toBuilder()
                    .apiCallTimeout(Duration.ofSeconds(7))
                    .build());
            assertThat(builder.overrideConfiguration().apiCallTimeout()).contains(Duration.ofSeconds(7));
            assertThat(builder.overrideConfiguration().apiCallAttemptTimeout()).contains(Duration.ofSeconds(4));
            assertThat(builder.overrideConfiguration().retryStrategy()).isPresent();
        }

        @Test
        void keepsWhatWasSetBefore() {
            var builder = AwsKms.tune(KmsClient.builder().overrideConfiguration(o -> o.putHeader("x-product", "acme")));
            assertThat(builder.overrideConfiguration().headers()).containsKey("x-product");
            assertThat(builder.overrideConfiguration().apiCallTimeout()).isPresent();
        }
    }

    private static void use(AwsKms factory, KekId kekId) {
        KeyProvider provider = factory.create(kekId);
        generate(provider);
        provider.close();
    }

    private static void generate(KeyProvider provider) {
        try (KeyProviders time = KeyProviders.builder().build()) {
            provider.generate(DekId.random(), EncryptionContext.of("tenant", "acme"), time.foregroundDeadline())
                    .dek()
                    .close();
        }
    }
}
