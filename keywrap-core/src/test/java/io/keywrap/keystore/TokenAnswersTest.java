package io.keywrap.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.UnrecoverableKeyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the answers of a key store mean: a wrong wrap, a wrong key, or a token that is out of reach; and what they leave. */
class TokenAnswersTest {
    private static final KekId KEK = KekId.of("keystore:token#kek");
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");

    private final ManualTime time = new ManualTime();
    private final Dek dek = Dek.random(DekId.random());
    private KeyProvider provider;

    @BeforeEach
    void open() throws Exception {
        provider = Keystores.builder()
                .keyStore("token", FailingToken.open(), () -> new char[0])
                .build()
                .create(KEK);
    }

    @AfterEach
    void mend() {
        FailingToken.mend();
    }

    @Nested
    class AWrongTag {
        @ParameterizedTest
        @ValueSource(strings = {"CKR_ENCRYPTED_DATA_INVALID", "CKR_GENERAL_ERROR"})
        void isAWrongWrapWhateverTheTokenCallsIt(String code) {
            FailingToken.wrongTag = code;
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> unwrap(changed()))
                    .withMessageContaining("refused key, key context and wrapped bytes together");
        }

        @Test
        void isNoneWhereTheCodeIsOfAFailure() {
            FailingToken.wrongTag = "CKR_DEVICE_ERROR";
            assertThat(outOfReach(changed()).rawCode()).contains("CKR_DEVICE_ERROR");
        }

        /** Whether it failed or refused is found out by a wrap of something fresh, for which there must be time. */
        @Test
        void isNotCalledOneWhereTheTokenAnswersTooLate() {
            FailingToken.wrongTag = "CKR_GENERAL_ERROR";
            FailingToken.meanwhile = () -> time.advance(Duration.ofSeconds(6));
            assertThat(outOfReach(changed()).rawCode()).contains("CKR_GENERAL_ERROR");
        }
    }

    @Nested
    class AFailure {
        @Test
        void withoutACodeIsToldWithoutOne() {
            WrappedDek wrapped = wrap();
            FailingToken.failure = "the reader is gone";
            KekException e = outOfReach(wrapped);
            assertThat(e.rawCode()).isEmpty();
            assertThat(e).hasRootCauseMessage("the reader is gone");
        }

        @Test
        void toGiveTheKeyIsTheTokensWhereItSaysSo() {
            FailingToken.keyFailure = new NoSuchAlgorithmException("no key", new Exception("CKR_DEVICE_REMOVED"));
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> wrap())
                    .matches(e -> e.rawCode().orElse("").equals("CKR_DEVICE_REMOVED"));
        }

        @ParameterizedTest
        @CsvSource({"true, the password does not open the key", "false, the key cannot be read"})
        void toGiveTheKeyIsOurConfigurationElse(boolean password, String what) {
            GeneralSecurityException failure =
                    password ? new UnrecoverableKeyException("no") : new NoSuchAlgorithmException("no");
            FailingToken.keyFailure = failure;
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> wrap())
                    .withMessageContaining(what)
                    .withCause(failure);
        }

        @Test
        void ofATokenThatKnowsTheKeyAndDoesNotGiveItIsNoVerdict() {
            FailingToken.key = null;
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> provider.status(deadline()))
                    .withMessageContaining("does not give the key any more");
        }
    }

    @Nested
    class AKey {
        @Test
        void thatStaysInsideIsUsedAsItIs() {
            WrappedDek wrapped = wrap();
            assertThat(wrapped.algorithm()).isEqualTo("AES-256-GCM");
            assertThat(wrapped.wrappedBytes()).hasSize(60);
            unwrap(wrapped).close();
        }

        @Test
        void ofAnotherKindThatStaysInsideIsOurConfiguration() {
            FailingToken.key = new FailingToken.InsideKey("DESede");
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> provider.status(deadline()));
        }

        @Test
        void thatComesOutIsWipedAfterEachUse() {
            Watched watched = new Watched(32, "AES");
            FailingToken.key = watched;
            unwrap(wrap()).close();
            provider.status(deadline());
            assertThat(watched.given).hasSize(3);
            watched.assertWiped();
        }

        @ParameterizedTest
        @CsvSource({"16, AES", "32, HmacSHA256"})
        void ofAnotherKindThatComesOutIsWipedToo(int bytes, String algorithm) {
            Watched watched = new Watched(bytes, algorithm);
            FailingToken.key = watched;
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> wrap());
            assertThat(watched.given).hasSize(1);
            watched.assertWiped();
        }
    }

    private WrappedDek wrap() {
        return provider.wrap(dek, CONTEXT, deadline());
    }

    private WrappedDek changed() {
        byte[] bytes = wrap().wrappedBytes();
        bytes[20] ^= 1;
        return WrappedDek.builder(dek.id(), KEK).build("AES-256-GCM", bytes);
    }

    private Dek unwrap(WrappedDek wrapped) {
        return provider.unwrap(wrapped, CONTEXT, deadline());
    }

    private KekException outOfReach(WrappedDek wrapped) {
        try (Dek unwrapped = unwrap(wrapped)) {
            throw new AssertionError(unwrapped);
        } catch (KekUnreachableException e) {
            return e;
        }
    }

    private Deadline deadline() {
        return Deadline.after(Duration.ofSeconds(10), time);
    }

    /** A key that remembers which arrays it gave. */
    private static final class Watched extends SecretKeySpec {
        private static final long serialVersionUID = 1L;

        private final transient List<byte[]> given = new ArrayList<>();

        Watched(int bytes, String algorithm) {
            super("k".repeat(bytes).getBytes(), algorithm);
        }

        @Override
        public byte[] getEncoded() {
            byte[] bytes = super.getEncoded();
            given.add(bytes);
            return bytes;
        }

        void assertWiped() {
            assertThat(given).allSatisfy(bytes -> assertThat(bytes).containsOnly(0));
        }
    }
}
