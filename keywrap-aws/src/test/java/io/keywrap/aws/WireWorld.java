package io.keywrap.aws;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.aws.WireRow.Op;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.ServerSideRewrap;
import io.keywrap.testkit.ManualTime;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** An emulator with a key that works, and whatever calls it: what a case changes before the call that fails. */
final class WireWorld implements AutoCloseable {
    static final String OTHER_ACCOUNT = "999988887777";
    static final String SECRET_VALUE = "acme-secretive";

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
    final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().region("eu-west-1").time(time).start(0);
    final AwsPrincipal vendor = emulator.principal("arn:aws:iam::" + emulator.account() + ":role/vendor");
    final Deque<AutoCloseable> opened = new ArrayDeque<>();

    AwsKmsKey key = emulator.createKey();
    EncryptionContext context;
    KeyProvider provider;
    WrappedDek wrapped;
    KeyProvider healthy;
    WrappedDek wrappedHealthily;
    KekId destination;
    Duration budget = Duration.ofSeconds(10);

    private final Dek dek = Dek.random(DekId.random());

    WireWorld() {
        opened.push(emulator);
        context = EncryptionContext.ofDek("keychain", dek.id(), EncryptionContext.of("tenant", SECRET_VALUE));
        provider = provider(key.arn(), of(vendor), emulator.endpoint());
        wrapped = wrap(provider);
        healthy = provider(emulator.createKey().arn(), of(vendor), emulator.endpoint());
        wrappedHealthily = wrap(healthy);
        destination = healthy.kekId();
    }

    KekId kekId() {
        return EmulatedKms.kekId(key.arn());
    }

    /** The key is that of another account, which lets everybody in the caller's account use it. */
    void theirs() {
        use(emulator.createKey(AwsKeySpec.symmetric()
                .inAccount(OTHER_ACCOUNT)
                .withPolicy(allowing("\"arn:aws:iam::" + emulator.account() + ":root\"", ""))));
    }

    /** The key is another one, by which the DEK is wrapped. */
    void use(AwsKmsKey other) {
        key = other;
        provider = provider(key.arn(), of(vendor), emulator.endpoint());
        wrapped = wrap(provider);
    }

    /** The provider is a new one, with the same client in other hands. */
    void callBy(AwsCredentialsProvider credentials, URI endpoint) {
        provider = provider(key.arn(), credentials, endpoint);
    }

    /** The provider is a new one, with a client of another Region than the key's. */
    void callFrom(String region) {
        provider = AwsKms.factory(name -> client(of(vendor), emulator.endpoint(), region))
                .create(kekId());
    }

    /** The provider has a client of keywrap's own, which assumes a role of the other account. */
    void callByRole(String externalId) {
        opened.push(SdkSettings.of(emulator));
        provider = AwsKms.builder()
                .credentials(of(vendor))
                .assumeRole(AwsRole.of(role()).externalId(externalId))
                .build()
                .create(kekId());
        opened.push(provider);
        destination = EmulatedKms.kekId(emulator.createKey(
                        AwsKeySpec.symmetric().inAccount(OTHER_ACCOUNT).withPolicy(allowing("\"" + role() + "\"", "")))
                .arn());
    }

    static String role() {
        return "arn:aws:iam::" + OTHER_ACCOUNT + ":role/keywrap";
    }

    static String allowing(String principal, String condition) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":" + principal
                + "},\"Action\":\"kms:*\",\"Resource\":\"*\"" + condition + "}]}";
    }

    static AwsCredentialsProvider of(AwsPrincipal principal) {
        return StaticCredentialsProvider.create(
                AwsBasicCredentials.create(principal.accessKeyId(), principal.secretAccessKey()));
    }

    KmsClient client(AwsCredentialsProvider credentials, URI endpoint, String region) {
        KmsClient client = AwsKms.tune(KmsClient.builder())
                .region(Region.of(region))
                .endpointOverride(endpoint)
                .credentialsProvider(credentials)
                .build();
        opened.push(client);
        return client;
    }

    private KeyProvider provider(String arn, AwsCredentialsProvider credentials, URI endpoint) {
        return AwsKms.factory(name -> client(credentials, endpoint, name.region()))
                .create(EmulatedKms.kekId(arn));
    }

    private WrappedDek wrap(KeyProvider by) {
        return by.wrap(dek, context, deadline());
    }

    void call(Op operation) {
        switch (operation) {
            case GENERATE ->
                provider.generate(DekId.random(), context, deadline()).dek().close();
            case ENCRYPT -> wrap(provider);
            case DECRYPT -> provider.unwrap(wrapped, context, deadline()).close();
            case RE_ENCRYPT_FROM -> ((ServerSideRewrap) provider).rewrap(wrapped, destination, context, deadline());
            case RE_ENCRYPT_TO -> ((ServerSideRewrap) healthy).rewrap(wrappedHealthily, kekId(), context, deadline());
            case DESCRIBE -> provider.status(deadline());
        }
    }

    private Deadline deadline() {
        return Deadline.after(budget, time);
    }

    @Override
    public void close() {
        dek.close();
        opened.forEach(AwsKms::closeQuietly);
    }
}
