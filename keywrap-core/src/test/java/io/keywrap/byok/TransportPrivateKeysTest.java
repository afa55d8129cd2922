package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.MalformedEnvelopeException;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.RsaOaep;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of private transport keys, and that every array of them that was handed over is wiped. */
class TransportPrivateKeysTest {
    private static final RsaOaep RSA = RsaOaep.of(Jca.platform());

    private static byte[] pkcs8(String name) {
        return TransportFixture.pair(name).getPrivate().getEncoded();
    }

    private static List<TransportKey> publics(String name) {
        return List.of(new TransportKey(
                TransportFixture.REGION,
                Instant.EPOCH,
                TransportFixture.pair(name).getPublic().getEncoded()));
    }

    private static TransportPrivateKeys one(byte[] encoded) {
        return TransportPrivateKeys.parse(RSA, encoded, publics("one"));
    }

    @Nested
    class Read {
        @Test
        void areWipedWhereTheyWereReadFrom() {
            byte[] good = TransportPrivateKeys.encode(List.of(pkcs8("one")));
            one(good).close();
            assertThat(good).containsOnly(0);

            byte[] other = TransportPrivateKeys.encode(List.of(pkcs8("two")));
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> one(other))
                    .withMessageContaining("is not that of transport key");
            assertThat(other).containsOnly(0);
        }

        @Test
        void areWipedWhenTheyAreClosed() {
            TransportPrivateKeys keys = one(TransportPrivateKeys.encode(List.of(pkcs8("one"))));
            byte[] key = keys.get(0);
            assertThat(key).isEqualTo(pkcs8("one"));
            assertThat(keys).hasToString("TransportPrivateKeys[1]");
            keys.close();
            assertThat(key).containsOnly(0);
        }

        @Test
        void haveALimit() {
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> one(TransportPrivateKeys.encode(List.of(new byte[8 * 1024]))))
                    .withMessageContaining("is not that of transport key");
            assertThatExceptionOfType(MalformedEnvelopeException.class)
                    .isThrownBy(() -> one(TransportPrivateKeys.encode(List.of(new byte[8 * 1024 + 1]))))
                    .withMessageContaining("too long");
        }

        @Test
        void wipeWhatIsNotOfTheRightForm() {
            byte[] encrypted = TransportFixture.encrypted("one", new byte[] {1, 2, 3});
            List<byte[]> seen = new ArrayList<>();
            try (TransportPrivateKeys keys = one(TransportPrivateKeys.encode(List.of(pkcs8("one"))))) {
                assertThat(keys.decrypt(encrypted, bytes -> {
                            assertThat(bytes).containsExactly(1, 2, 3);
                            return !seen.add(bytes);
                        }))
                        .isEmpty();
                assertThat(keys.decrypt(encrypted, bytes -> true))
                        .hasValueSatisfying(bytes -> assertThat(bytes).containsExactly(1, 2, 3));
            }
            assertThat(seen).singleElement().isEqualTo(new byte[3]);
        }
    }

    /** What a provider of RSA gives: its arrays are kept here, to be looked at. */
    @Nested
    class Made {
        @TempDir
        Path folder;

        private final List<Given> given = new ArrayList<>();
        private TransportFixture vendor;

        @BeforeEach
        void makeAVendor() {
            vendor = new TransportFixture(folder);
        }

        private TransportKeys.Builder builder(UnaryOperator<Given> as) {
            return TransportKeys.builder(vendor.cipher)
                    .region(TransportFixture.REGION)
                    .time(vendor.time)
                    .keyPairs(() -> {
                        String name = given.isEmpty() ? "one" : "two";
                        given.add(as.apply(new Given("PKCS#8", pkcs8(name))));
                        return new KeyPair(TransportFixture.pair(name).getPublic(), given.get(given.size() - 1));
                    });
        }

        @Test
        void areWipedOnceTheyAreSealed() {
            TransportKeys made = builder(key -> key).create();
            assertThat(given.get(0).encoded).containsOnly(0);
            assertThat(given.get(0).isDestroyed()).isTrue();
            made.renew();
            assertThat(given.get(1).encoded).containsOnly(0);
        }

        @Test
        void areWipedAlsoWhereTheirProviderFailsToDestroyItsOwn() {
            builder(key -> {
                        key.indestructible = true;
                        return key;
                    })
                    .create();
            assertThat(given.get(0).encoded).containsOnly(0);
        }

        @Test
        void areRefusedIfTheirProviderDoesNotGiveThemOut() {
            for (Given other : List.of(new Given("PKCS#8", null), new Given("RAW", pkcs8("one")))) {
                assertThatExceptionOfType(ProviderException.class)
                        .isThrownBy(() -> builder(key -> other).create())
                        .withMessageContaining("does not give its private keys out");
                assertThat(other.isDestroyed()).isTrue();
                if (other.encoded != null) {
                    assertThat(other.encoded).as("nor does it stay").containsOnly(0);
                }
            }
        }
    }

    private static final class Given implements PrivateKey {
        private static final long serialVersionUID = 1L;

        private final String format;
        private final transient byte @Nullable [] encoded;
        private boolean destroyed;
        private boolean indestructible;

        Given(String format, byte @Nullable [] encoded) {
            this.format = format;
            this.encoded = encoded;
        }

        @Override
        public String getAlgorithm() {
            return "RSA";
        }

        @Override
        public String getFormat() {
            return format;
        }

        @Override
        public byte @Nullable [] getEncoded() {
            return encoded;
        }

        @Override
        public void destroy() {
            if (indestructible) {
                throw new IllegalStateException("the module is in an error state");
            }
            destroyed = true;
        }

        @Override
        public boolean isDestroyed() {
            return destroyed;
        }
    }
}
