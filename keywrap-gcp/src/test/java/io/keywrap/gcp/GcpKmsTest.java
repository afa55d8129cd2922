package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.retrying.RetrySettings;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.GcpFault;
import io.keywrap.emulators.GcpKeySpec;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where clients come from, who closes them, how they are set up, and keys of every kind. */
class GcpKmsTest extends GcpFixture {
    @Nested
    class ClientsOfTheCaller {
        @Test
        void areAskedForByNameAndNeverClosed() {
            List<GcpKeyName> asked = new ArrayList<>();
            GcpKms factory = GcpKms.factory(name -> {
                asked.add(name);
                return kms.client;
            });
            KeyProvider one = factory.create(provider.kekId());
            wrap(one);
            one.close();
            one.close();
            assertThat(asked).containsExactly(GcpKeyName.parse(key.name()));
            assertThat(kms.client.isShutdown()).isFalse();
            assertThatIllegalStateException().isThrownBy(() -> wrap(one));
        }

        @Test
        void mayBeMadeOfAStub() {
            KeyManagementServiceClient bare = KeyManagementServiceClient.create(kms.client.getStub());
            assertThat(bare.getSettings()).isNull();
            KeyProvider one = GcpKms.factory(name -> bare).create(provider.kekId());
            assertOpens(one, wrap(one));
        }

        @Test
        void areOurOwnMistakeIfTheyAreClosed() throws InterruptedException {
            KeyManagementServiceClient closed = EmulatedKms.client(kms.emulator.endpoint());
            KeyProvider one = GcpKms.factory(name -> closed).create(provider.kekId());
            wrap(one);
            closed.close();
            assertFails(KekConfigurationException.class, () -> wrap(one));
        }

        @Test
        void areRefusedIfTheySpeakHttp() throws IOException {
            try (KeyManagementServiceClient http =
                    KeyManagementServiceClient.create(KeyManagementServiceSettings.newHttpJsonBuilder()
                            .setEndpoint("http://127.0.0.1:1")
                            .setCredentialsProvider(NoCredentialsProvider.create())
                            .build())) {
                GcpKms factory = GcpKms.factory(name -> http);
                assertThat(assertFails(KekConfigurationException.class, () -> factory.create(provider.kekId())))
                        .hasMessageContaining("HTTP/JSON");
                GcpKms ofStub = GcpKms.factory(name -> KeyManagementServiceClient.create(http.getStub()));
                assertFails(KekConfigurationException.class, () -> ofStub.create(provider.kekId()));
            }
        }
    }

    @Nested
    class ClientsOfItsOwn {
        private final List<KeyManagementServiceClient> made = new ArrayList<>();
        private final GcpKms factory = new GcpKms(new OwnClient(() -> {
            KeyManagementServiceClient one = EmulatedKms.client(kms.emulator.endpoint());
            made.add(one);
            return one;
        }));

        @Test
        void areOneForAllKeysAndClosedWithTheLastProvider() {
            KeyProvider one = factory.create(provider.kekId());
            KeyProvider other =
                    factory.create(EmulatedKms.kekId(kms.emulator.createKey().name()));
            assertThat(made).isEmpty();
            wrap(one);
            one.close();
            one.close();
            wrap(other);
            assertThat(made).singleElement().matches(client -> !client.isShutdown());
            other.close();
            assertThat(made).singleElement().matches(KeyManagementServiceClient::isShutdown);
            KeyProvider again = factory.create(provider.kekId());
            wrap(again);
            assertThat(made).hasSize(2);
            again.close();
        }

        @Test
        void areMadeByTheNextCallIfTheyCouldNotBeMade() {
            List<Integer> calls = new ArrayList<>();
            GcpKms late = new GcpKms(new OwnClient(() -> {
                calls.add(calls.size());
                if (calls.size() == 1) {
                    throw new IOException("Your default credentials were not found.");
                }
                return EmulatedKms.client(kms.emulator.endpoint());
            }));
            KeyProvider one = late.create(provider.kekId());
            assertThat(assertFails(KekConfigurationException.class, () -> wrap(one)))
                    .hasMessageContaining("no credentials for Google Cloud")
                    .hasMessageContaining("GOOGLE_APPLICATION_CREDENTIALS");
            wrap(one);
            assertThat(calls).hasSize(2);
            one.close();
        }

        @Test
        void areOurOwnMistakeIfAClassIsMissing() {
            KeyProvider one = new GcpKms(new OwnClient(() -> {
                        throw new NoClassDefFoundError("com/google/auth/Credentials");
                    }))
                    .create(provider.kekId());
            assertFails(KekConfigurationException.class, () -> wrap(one));
        }
    }

    @Nested
    class ATunedClient {
        private final KeyManagementServiceSettings.Builder builder =
                EmulatedKms.plain(kms.emulator.endpoint(), NoCredentialsProvider.create());

        @Test
        void triesOnceForFourSeconds() throws IOException {
            KeyManagementServiceSettings settings = GcpKms.tune(builder).build();
            for (var call : List.of(
                    settings.encryptSettings(),
                    settings.decryptSettings(),
                    settings.getCryptoKeySettings(),
                    settings.getCryptoKeyVersionSettings())) {
                assertThat(call.getRetryableCodes()).isEmpty();
                assertThat(call.getRetrySettings().getMaxAttempts()).isEqualTo(1);
                assertThat(call.getRetrySettings().getTotalTimeoutDuration()).isEqualTo(Duration.ofSeconds(4));
            }
        }

        @Test
        void noticesDeadConnectionsAndKeepsItsChannel() {
            GcpKms.tune(builder);
            assertThat(builder.getTransportChannelProvider())
                    .isInstanceOfSatisfying(InstantiatingGrpcChannelProvider.class, channels -> {
                        assertThat(channels.getKeepAliveTimeDuration()).isEqualTo(Duration.ofSeconds(30));
                        assertThat(channels.getKeepAliveTimeoutDuration()).isEqualTo(Duration.ofSeconds(5));
                    });
        }

        @Test
        void endsACallWhenTheProductThatSetItUpSaysSo() {
            RetrySettings first = GcpKms.oneAttempt(Duration.ofSeconds(9)).toBuilder()
                    .setInitialRpcTimeoutDuration(Duration.ofMillis(200))
                    .build();
            GcpKms.tune(builder).decryptSettings().setRetrySettings(first);
            try (KeyManagementServiceClient client = EmulatedKms.client(builder)) {
                KeyProvider one = GcpKms.factory(name -> client).create(provider.kekId());
                WrappedDek wrapped = wrap(one);
                kms.emulator.injectAlways(GcpFault.silent());
                long before = System.nanoTime();
                assertFails(
                        io.keywrap.KekUnreachableException.class,
                        () -> one.unwrap(wrapped, context, deadline()).close());
                assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3));
            }
        }
    }

    @Nested
    class KeysOfEveryKind {
        /** In an HSM plaintext and context have 8 KiB together, and a key context has 2 KiB at most. */
        @ParameterizedTest
        @ValueSource(strings = {"SOFTWARE", "HSM", "HSM_SINGLE_TENANT", "EXTERNAL", "EXTERNAL_VPC"})
        void takeTheLargestKeyContext(String level) {
            GcpKmsKey one = kms.emulator.createKey(GcpKeySpec.software().withProtectionLevel(level));
            KeyProvider by = provider(one);
            DekId other = DekId.random();
            EncryptionContext large =
                    EncryptionContext.ofDek("keychain", other, EncryptionContext.of("tenant", "x".repeat(1_900)));
            try (io.keywrap.Dek secret = io.keywrap.Dek.random(other)) {
                WrappedDek wrapped = by.wrap(secret, large, deadline());
                by.unwrap(wrapped, large, deadline()).close();
                assertThat(wrapped.algorithm()).isEqualTo("ENCRYPT_DECRYPT");
            }
        }

        @Test
        void areAskedByTheirNameAndNeverByAVersion() {
            WrappedDek wrapped = wrap(provider);
            assertOpens(provider, wrapped);
            provider.status(deadline());
            assertThat(kms.emulator.events())
                    .hasSize(3)
                    .allSatisfy(event -> assertThat(event.resource()).isEqualTo(key.name()));
        }

        @Test
        void areNoVersions() {
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> GcpKms.factory().create(EmulatedKms.kekId(key.name() + "/cryptoKeyVersions/1")));
        }

        @Test
        void doNotOpenWhatNamesAnotherKeyOrAlgorithm() {
            WrappedDek wrapped = wrap(provider);
            WrappedDek otherKey = WrappedDek.builder(
                            id, EmulatedKms.kekId(kms.emulator.createKey().name()))
                    .kekVersion("1")
                    .build(wrapped.algorithm(), wrapped.wrappedBytes());
            WrappedDek otherAlgorithm = WrappedDek.builder(id, wrapped.kekId())
                    .kekVersion("1")
                    .build("RAW_ENCRYPT_DECRYPT", wrapped.wrappedBytes());
            kms.emulator.clearEvents();
            for (WrappedDek one : List.of(otherKey, otherAlgorithm)) {
                assertFails(
                        io.keywrap.InvalidWrappedDekException.class,
                        () -> provider.unwrap(one, context, deadline()).close());
            }
            assertThat(kms.emulator.events()).isEmpty();
        }
    }
}
