package io.keywrap.azure;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.emulators.AzureFault;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeySpec;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.ManualTime;
import io.keywrap.testkit.TestKek;
import io.keywrap.testkit.TestKms;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import reactor.core.publisher.Mono;

/** Azure Key Vault as the contract of providers drives it: the emulator, called over https by the clients of the Azure SDK. */
class EmulatedVault implements TestKms {
    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
    final AzureKeyVaultEmulator emulator =
            AzureKeyVaultEmulator.builder().time(time).start(0);
    private final AzureKeySpec spec;
    private final KeyProvider.Factory factory;

    EmulatedVault() {
        this(AzureKeySpec.rsa(2048));
    }

    EmulatedVault(AzureKeySpec spec) {
        this.spec = spec;
        this.factory = builder(emulator, time)
                .credential(token(emulator))
                .aesKeys(key -> spec.equals(AzureKeySpec.octHsm()))
                .settled(Duration.ZERO)
                .build();
    }

    /** A factory that takes an emulator for a vault, without credentials yet. */
    static AzureKms.Builder builder(AzureKeyVaultEmulator emulator, TimeSource time) {
        HttpClient http = http(emulator);
        return AzureKms.builder()
                .trustedHost(host(emulator))
                .clients(client -> client.httpClient(http))
                .time(time);
    }

    /** As {@link AzureKms#tune} has it, with the emulator's authority. */
    static HttpClient http(AzureKeyVaultEmulator emulator) {
        return new JdkHttpClientBuilder(java.net.http.HttpClient.newBuilder().sslContext(emulator.trustingContext()))
                .connectionTimeout(Duration.ofSeconds(2))
                .responseTimeout(Duration.ofSeconds(4))
                .readTimeout(Duration.ofSeconds(4))
                .writeTimeout(Duration.ofSeconds(4))
                .build();
    }

    static String host(AzureKeyVaultEmulator emulator) {
        return emulator.endpoint().getAuthority();
    }

    static TokenCredential token(AzureKeyVaultEmulator emulator) {
        AccessToken token =
                new AccessToken(emulator.token(), OffsetDateTime.now().plusDays(1));
        return request -> Mono.just(token);
    }

    static KekId kekId(AzureKey key) {
        return KekId.of("azure-kms://" + key.id());
    }

    @Override
    public TestKek createKek() {
        return new Kek(emulator.createKey(spec));
    }

    @Override
    public KekId unknownKek() {
        return KekId.of("azure-kms://" + emulator.endpoint() + "/keys/nobody-s");
    }

    @Override
    public KeyProvider.Factory factory() {
        return factory;
    }

    @Override
    public TimeSource time() {
        return time;
    }

    @Override
    public boolean wrapsDeterministically() {
        return spec.equals(AzureKeySpec.octHsm());
    }

    @Override
    public void advance(Duration duration) {
        time.advance(duration);
    }

    @Override
    public void close() {
        emulator.close();
    }

    final class Kek implements TestKek {
        private final AzureKey key;

        Kek(AzureKey key) {
            this.key = key;
        }

        @Override
        public KekId id() {
            return kekId(key);
        }

        @Override
        public void disable() {
            key.disable();
        }

        @Override
        public void enable() {
            key.enable();
        }

        @Override
        public void deny() {
            emulator.deny(AzureDenial.rbac().of(key));
        }

        @Override
        public void allow() {
            emulator.allow();
        }

        @Override
        public void scheduleDeletion(Duration delay) {
            key.softDelete((int) Math.max(7, delay.toDays()));
        }

        @Override
        public void cancelDeletion() {
            key.recover();
        }

        @Override
        public void delete() {
            key.softDelete();
            key.purge();
        }

        @Override
        public void rotate() {
            key.rotate();
        }

        @Override
        public void throttle() {
            emulator.injectAlways(AzureFault.throttling());
        }

        @Override
        public void unreachable() {
            emulator.injectAlways(AzureFault.answer(503, ""));
        }

        @Override
        public void slow(Duration delay) {
            emulator.injectAlways(AzureFault.slow(delay));
        }

        @Override
        public void misconfigure() {
            emulator.injectAlways(
                    AzureFault.error(401, "Unauthorized", "", "AKV10032: Invalid issuer. Expected one of …"));
        }

        @Override
        public void recover() {
            emulator.recover();
        }
    }
}
