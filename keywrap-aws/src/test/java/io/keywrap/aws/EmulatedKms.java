package io.keywrap.aws;

import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.ManualTime;
import io.keywrap.testkit.TestKek;
import io.keywrap.testkit.TestKms;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** AWS KMS as the contract of providers drives it: the emulator, called over HTTP by the client of the AWS SDK. */
class EmulatedKms implements TestKms {
    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
    final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().region("eu-west-1").time(time).start(0);
    private final Map<String, KmsClient> clients = new ConcurrentHashMap<>();
    private final KeyProvider.Factory factory = AwsKms.factory(key -> client(key.region()));

    KmsClient client(String region) {
        return clients.computeIfAbsent(
                region,
                name -> AwsKms.tune(KmsClient.builder())
                        .region(Region.of(name))
                        .endpointOverride(emulator.endpoint())
                        .credentialsProvider(
                                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
                        .build());
    }

    @Override
    public TestKek createKek() {
        AwsKmsKey key = emulator.createKey();
        return new Kek(key, kekId(key.arn()));
    }

    static KekId kekId(String arn) {
        return KekId.of("aws-kms://" + arn);
    }

    @Override
    public KekId unknownKek() {
        return kekId("arn:aws:kms:eu-west-1:" + emulator.account() + ":key/00000000-0000-0000-0000-000000000000");
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
    public void advance(Duration duration) {
        time.advance(duration);
    }

    @Override
    public void close() {
        clients.values().forEach(KmsClient::close);
        emulator.close();
    }

    class Kek implements TestKek {
        private final AwsKmsKey key;
        private final KekId id;

        Kek(AwsKmsKey key, KekId id) {
            this.key = key;
            this.id = id;
        }

        @Override
        public KekId id() {
            return id;
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
            key.policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\","
                    + "\"Action\":\"kms:*\",\"Resource\":\"*\"}]}");
        }

        @Override
        public void allow() {
            key.resetPolicy();
        }

        @Override
        public void scheduleDeletion(Duration delay) {
            key.scheduleDeletion(delay);
        }

        @Override
        public void cancelDeletion() {
            key.cancelDeletion();
        }

        @Override
        public void delete() {
            key.delete();
        }

        @Override
        public void rotate() {
            key.rotate();
        }

        @Override
        public void throttle() {
            emulator.injectAlways(AwsFault.throttling());
        }

        @Override
        public void unreachable() {
            emulator.injectAlways(AwsFault.answer(503, ""));
        }

        @Override
        public void slow(Duration delay) {
            emulator.injectAlways(AwsFault.slow(delay));
        }

        @Override
        public void misconfigure() {
            emulator.injectAlways(AwsFault.error(
                    400, "ExpiredTokenException", "The security token included in the request is expired"));
        }

        @Override
        public void recover() {
            emulator.recover();
        }
    }
}
