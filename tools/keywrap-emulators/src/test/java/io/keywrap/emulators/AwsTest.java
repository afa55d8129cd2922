package io.keywrap.emulators;

import io.keywrap.testkit.ManualTime;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/** An emulator with one key, and a client that is an administrator of the key's account. */
abstract class AwsTest {
    static final String OTHER_ACCOUNT = "444455556666";

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-25T08:00:00Z"));
    final AwsKmsEmulator aws = start(UnaryOperator.identity());
    final AwsKmsKey key = aws.createKey();
    final Wire wire = Wire.to(aws);

    AwsKmsEmulator start(UnaryOperator<AwsKmsEmulator.Builder> options) {
        return options.apply(AwsKmsEmulator.builder().time(time)).start(0);
    }

    @AfterEach
    void stop() {
        aws.close();
    }

    Wire vendor() {
        return wire.as(aws.principal("arn:aws:iam::" + OTHER_ACCOUNT + ":role/vendor"));
    }

    /** A new ciphertext of the key under the context {@code tenant=acme}. */
    String blob() {
        return generate(wire, key.arn()).ok("CiphertextBlob");
    }

    static Wire.Answer generate(Wire client, String keyId) {
        return client.call(
                "GenerateDataKey",
                "{'KeyId':'%s','KeySpec':'AES_256','EncryptionContext':{'tenant':'acme'}}".formatted(keyId));
    }

    static Wire.Answer decrypt(Wire client, String keyId, String blob) {
        return client.call(
                "Decrypt",
                "{'KeyId':'%s','CiphertextBlob':'%s','EncryptionContext':{'tenant':'acme'}}".formatted(keyId, blob));
    }

    static Wire.Answer describe(Wire client, String keyId) {
        return client.call("DescribeKey", "{'KeyId':'%s'}".formatted(keyId));
    }

    static String state(Wire client, String keyId) {
        return describe(client, keyId)
                .json()
                .getAsJsonObject("KeyMetadata")
                .get("KeyState")
                .getAsString();
    }
}
