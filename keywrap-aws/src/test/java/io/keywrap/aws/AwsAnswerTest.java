package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyResponse;
import software.amazon.awssdk.services.kms.model.KmsResponse;

/** What is believed of an answer, at the limits. */
class AwsAnswerTest {
    private static final String KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String ALIAS = "arn:aws:kms:eu-west-1:111122223333:alias/acme";
    private static final DekId ID = DekId.random();

    private final AwsAnswer ofKey = new AwsAnswer(AwsKeyArn.parse(KEY));
    private final AwsAnswer ofAlias = new AwsAnswer(AwsKeyArn.parse(ALIAS));

    @Nested
    class TheKeyInIt {
        @ParameterizedTest
        @ValueSource(ints = {0, 16, 31, 33, 64})
        void isWipedIfItIsNoDek(int length) {
            byte[] bytes = new byte[length];
            Arrays.fill(bytes, (byte) 7);
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> ofKey.dek(ID, SdkBytes.fromByteArrayUnsafe(bytes)));
            assertThat(bytes).isEqualTo(new byte[length]);
        }

        @Test
        void isTakenOverSoThatItIsWipedWithTheDek() {
            byte[] bytes = new byte[Dek.BYTES];
            Arrays.fill(bytes, (byte) 7);
            ofKey.dek(ID, SdkBytes.fromByteArrayUnsafe(bytes)).close();
            assertThat(bytes).containsOnly(0);
        }

        @Test
        void isMissedIfItIsNotThere() {
            assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> ofKey.dek(ID, null));
        }
    }

    @Nested
    class TheWrapInIt {
        @ParameterizedTest
        @ValueSource(ints = {1, 4096})
        void hasAsManyBytesAsARecordHolds(int length) {
            assertThat(wrap(length).wrappedBytes()).hasSize(length);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 4097, 8000})
        void isRefusedElse(int length) {
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> wrap(length));
        }

        private WrappedDek wrap(int length) {
            return ofKey.wrap(
                    WrappedDek.builder(ID, AwsKeyArn.parse(KEY).kekId()),
                    SdkBytes.fromByteArrayUnsafe(new byte[length]));
        }
    }

    @Nested
    class TheVersionInIt {
        @Test
        void isTheKeyMaterialIfItIsNotTooLong() {
            assertThat(ofKey.version(KEY, "m".repeat(128))).hasSize(128);
            assertThat(ofKey.version(KEY, "m".repeat(129))).isEmpty();
            assertThat(ofKey.version(KEY, null)).isEmpty();
        }

        @Test
        void isOfTheKeyThatWasAsked() {
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> ofKey.version(KEY.replace("1234abcd", "00000000"), "m"));
        }

        @Test
        void isTheKeyBehindAnAlias() {
            assertThat(ofAlias.version(KEY, "m")).isEqualTo(KEY);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    ALIAS,
                    "arn:aws:kms:eu-west-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                    "1234abcd-12ab-34cd-56ef-1234567890ab"
                })
        void isNoOtherThingBehindAnAlias(String keyId) {
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> ofAlias.version(keyId, "m"));
        }
    }

    @Nested
    class ADekThatIsNotGivenOut {
        private final byte[] bytes = new byte[Dek.BYTES];
        private final SdkBytes plaintext = SdkBytes.fromByteArrayUnsafe(bytes);
        private final Deadline deadline = Deadline.after(Duration.ofSeconds(10), TimeSource.system());

        @BeforeEach
        void fill() {
            Arrays.fill(bytes, (byte) 7);
        }

        @Test
        void isWipedIfItsWrapIsNotToBeTrusted() {
            KeyProvider provider = answering(GenerateDataKeyResponse.builder()
                    .plaintext(plaintext)
                    .keyId(ALIAS)
                    .build());
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> provider.generate(ID, EncryptionContext.empty(), deadline));
            assertThat(bytes).containsOnly(0);
        }

        @Test
        void isWipedIfAnotherKeyHasUnwrappedIt() {
            KeyProvider provider = answering(
                    DecryptResponse.builder().plaintext(plaintext).keyId(ALIAS).build());
            WrappedDek wrapped = WrappedDek.builder(ID, provider.kekId()).build(AwsKeyProvider.ALGORITHM, new byte[9]);
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> provider.unwrap(wrapped, EncryptionContext.empty(), deadline));
            assertThat(bytes).containsOnly(0);
        }

        /** A client of the SDK cannot be seen into, so here is one that answers from memory. */
        private KeyProvider answering(KmsResponse answer) {
            KmsClient client = (KmsClient) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {KmsClient.class},
                    (proxy, method, arguments) -> method.getReturnType().isInstance(answer) ? answer : null);
            return AwsKms.factory(arn -> client).create(AwsKeyArn.parse(KEY).kekId());
        }
    }
}
