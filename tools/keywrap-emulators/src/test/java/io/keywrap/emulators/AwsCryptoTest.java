package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What encrypts and decrypts, as it is on the wire. */
class AwsCryptoTest extends AwsTest {
    private static final String INVALID = "400 InvalidCiphertextException";

    private Wire.Answer decryptUnder(String blob, String context) {
        return wire.call(
                "Decrypt",
                "{'KeyId':'%s','CiphertextBlob':'%s','EncryptionContext':%s}".formatted(key.arn(), blob, context));
    }

    private String encryptUnder(String context) {
        return wire.call(
                        "Encrypt",
                        "{'KeyId':'%s','Plaintext':'%s','EncryptionContext':%s}"
                                .formatted(key.arn(), Wire.base64("dek"), context))
                .ok("CiphertextBlob");
    }

    @Test
    void dataKeyOpensAgain() {
        Wire.Answer made = generate(wire, key.keyId());

        assertThat(Base64.getDecoder().decode(made.ok("Plaintext"))).hasSize(32);
        assertThat(Base64.getDecoder().decode(made.ok("CiphertextBlob"))).hasSize(184);
        assertThat(made.text("KeyId")).isEqualTo(key.arn());
        assertThat(made.contentType()).hasValue("application/x-amz-json-1.1");
        Wire.Answer opened = decrypt(wire, key.arn(), made.text("CiphertextBlob"));
        assertThat(opened.ok("Plaintext")).isEqualTo(made.text("Plaintext"));
        assertThat(opened.text("KeyId")).isEqualTo(key.arn());
        assertThat(opened.text("EncryptionAlgorithm")).isEqualTo("SYMMETRIC_DEFAULT");
        assertThat(opened.text("KeyMaterialId")).isEqualTo(key.currentKeyMaterialId());
    }

    @Test
    void dataKeyWithoutPlaintextHasNone() {
        Wire.Answer made =
                wire.call("GenerateDataKeyWithoutPlaintext", "{'KeyId':'%s','NumberOfBytes':16}".formatted(key.arn()));

        assertThat(made.json().has("Plaintext")).isFalse();
        Wire.Answer opened = wire.call("Decrypt", "{'CiphertextBlob':'%s'}".formatted(made.ok("CiphertextBlob")));
        assertThat(Base64.getDecoder().decode(opened.ok("Plaintext"))).hasSize(16);
    }

    @Test
    void encryptDoesNotSayWhichMaterial() {
        Wire.Answer made =
                wire.call("Encrypt", "{'KeyId':'%s','Plaintext':'%s'}".formatted(key.arn(), Wire.base64("dek")));

        assertThat(made.json().keySet()).containsExactlyInAnyOrder("CiphertextBlob", "KeyId", "EncryptionAlgorithm");
    }

    @Nested
    class Context {
        private final String blob = encryptUnder("{'a':'1','b':'2'}");

        @Test
        void hasNoOrder() {
            assertThat(decryptUnder(blob, "{'b':'2','a':'1'}").ok("Plaintext")).isEqualTo(Wire.base64("dek"));
        }

        @Test
        void isExactAndCaseSensitive() {
            assertThat(decryptUnder(blob, "{'a':'1'}").error()).isEqualTo(INVALID);
            assertThat(decryptUnder(blob, "{'a':'1','b':'2','c':'3'}").error()).isEqualTo(INVALID);
            assertThat(decryptUnder(blob, "{'A':'1','b':'2'}").error()).isEqualTo(INVALID);
            assertThat(decryptUnder(encryptUnder("{'a':'x'}"), "{'a':'X'}").error())
                    .isEqualTo(INVALID);
            assertThat(decryptUnder(blob, "{}").error()).isEqualTo(INVALID);
        }

        @Test
        void doesNotRunTogether() {
            assertThat(decryptUnder(encryptUnder("{'ab':'c'}"), "{'a':'bc'}").error())
                    .isEqualTo(INVALID);
        }

        @Test
        void ofOtherThanTextIsRefused() {
            assertThat(decryptUnder(blob, "{'a':1}").error()).startsWith("400 SerializationException");
        }
    }

    @Nested
    class CorruptBlob {
        @Test
        void anyChangedByteIsInvalidWithoutAnyText() {
            byte[] blob = Base64.getDecoder().decode(blob());
            for (int i = 0; i < blob.length; i++) {
                blob[i] ^= 1;
                Wire.Answer answer =
                        decrypt(wire, key.arn(), Base64.getEncoder().encodeToString(blob));
                assertThat(answer.error()).as("byte " + i).isEqualTo(INVALID);
                assertThat(answer.json().has("message")).isFalse();
                blob[i] ^= 1;
            }
        }

        @Test
        void aCutOrForeignOneIsInvalid() {
            assertThat(decrypt(wire, key.arn(), blob().substring(0, 100)).error())
                    .isEqualTo(INVALID);
            assertThat(decrypt(wire, key.arn(), Wire.base64("something else")).error())
                    .isEqualTo(INVALID);
        }
    }

    @Test
    void anotherKeyThanThePinnedIsIncorrect() {
        assertThat(decrypt(wire, aws.createKey().arn(), blob()).error())
                .isEqualTo(
                        "400 IncorrectKeyException: The key ID in the request does not identify a CMK that can perform"
                                + " this operation.");
    }

    @Test
    void withoutAKeyIdTheBlobChoosesTheKey() {
        Wire.Answer opened =
                wire.call("Decrypt", "{'CiphertextBlob':'%s','EncryptionContext':{'tenant':'acme'}}".formatted(blob()));

        assertThat(opened.ok("KeyId")).isEqualTo(key.arn());
    }

    @Nested
    class ReEncrypt {
        private final AwsKmsKey target = aws.createKey();

        private Wire.Answer reEncrypt(String context) {
            return wire.call(
                    "ReEncrypt",
                    ("{'CiphertextBlob':'%s','SourceKeyId':'%s','SourceEncryptionContext':%s,'DestinationKeyId':'%s',"
                                    + "'DestinationEncryptionContext':{'tenant':'acme'}}")
                            .formatted(blob(), key.arn(), context, target.arn()));
        }

        @Test
        void movesToTheOtherKey() {
            Wire.Answer moved = reEncrypt("{'tenant':'acme'}");

            assertThat(moved.ok("KeyId")).isEqualTo(target.arn());
            assertThat(moved.text("SourceKeyId")).isEqualTo(key.arn());
            assertThat(moved.text("SourceKeyMaterialId")).isEqualTo(key.currentKeyMaterialId());
            assertThat(moved.text("DestinationKeyMaterialId")).isEqualTo(target.currentKeyMaterialId());
            assertThat(decrypt(wire, target.arn(), moved.text("CiphertextBlob")).status())
                    .isEqualTo(200);
        }

        @Test
        void needsTheContextOfTheSourceAndBothKeys() {
            assertThat(reEncrypt("{'tenant':'other'}").error()).isEqualTo(INVALID);
            target.disable();
            assertThat(reEncrypt("{'tenant':'acme'}").error())
                    .isEqualTo("400 DisabledException: " + target.arn() + " is disabled.");
        }
    }

    @Test
    void badParametersAreValidationErrors() {
        assertThat(wire.call("Encrypt", "{'KeyId':'%s'}".formatted(key.arn())).error())
                .isEqualTo("400 ValidationException: 1 validation error detected: Value null at 'plaintext' failed to"
                        + " satisfy constraint: Member must not be null");
        assertThat(wire.call(
                                "Encrypt",
                                "{'KeyId':'%s','Plaintext':'%s'}"
                                        .formatted(
                                                key.arn(), Base64.getEncoder().encodeToString(new byte[4097])))
                        .error())
                .startsWith("400 ValidationException")
                .contains("4096");
        assertThat(wire.call("GenerateDataKey", "{'KeyId':'%s'}".formatted(key.arn()))
                        .error())
                .startsWith("400 ValidationException");
        assertThat(wire.call("Decrypt", "[]").error()).startsWith("400 SerializationException");
        assertThat(wire.call("Sign", "{}").error()).startsWith("400 UnknownOperationException");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{KeyId:'%s','NumberOfBytes':32}",
                "{'KeyId'='%s','NumberOfBytes':32}",
                "{'KeyId':'%s','NumberOfBytes':32}}",
                "{'KeyId':'%s','NumberOfBytes':32",
                "{'KeyId':'%s','NumberOfBytes':32.5}",
                "{'KeyId':'%s','NumberOfBytes':4294967328}",
                "{'KeyId':'%s','NumberOfBytes':1e999999999}",
                "{'KeyId':'%s','NumberOfBytes':true}"
            })
    void whatIsNoJsonOrNoNumberIsRefused(String json) {
        assertThat(wire.call("GenerateDataKey", json.formatted(key.arn())).error())
                .startsWith("400 SerializationException");
    }

    @Test
    void aDryRunAlwaysFails() {
        assertThat(wire.call("GenerateDataKey", "{'KeyId':'%s','KeySpec':'AES_256','DryRun':true}".formatted(key.arn()))
                        .error())
                .startsWith("400 DryRunOperationException");
    }

    @Test
    void aDryRunNeedsNoCiphertextIfItIsToldSo() {
        String dry = "'DryRun':true,'DryRunModifiers':['IGNORE_CIPHERTEXT']}";
        assertThat(wire.call("Decrypt", "{'KeyId':'%s',".formatted(key.arn()) + dry)
                        .error())
                .startsWith("400 DryRunOperationException");
        assertThat(wire.call(
                                "ReEncrypt",
                                "{'SourceKeyId':'%s','DestinationKeyId':'%s',".formatted(key.arn(), key.arn()) + dry)
                        .error())
                .startsWith("400 DryRunOperationException");
        assertThat(wire.call("Decrypt", "{'KeyId':'%s','DryRun':true}".formatted(key.arn()))
                        .error())
                .startsWith("400 ValidationException");
        key.disable();
        assertThat(wire.call("Decrypt", "{'KeyId':'%s',".formatted(key.arn()) + dry)
                        .error())
                .startsWith("400 DisabledException");
    }
}
