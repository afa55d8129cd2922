package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A plaintext DEK and its lease: what they give, and that they wipe it. */
class DekTest {
    private static final DekId ID = DekId.of("000102030405060708090a0b0c0d0e0f");

    private final byte[] key = patterned();
    private final Dek dek = Dek.takeOwnershipOf(ID, key);

    @Nested
    class Open {
        @Test
        void letsAnActionSeeTheKey() {
            assertThat(dek.<byte[]>withBytes(byte[]::clone)).isEqualTo(patterned());
            assertThat(dek.id()).isEqualTo(ID);
            assertThat(dek.isClosed()).isFalse();
        }

        @Test
        void givesAnActionACopyAndWipesIt() {
            AtomicReference<byte[]> kept = new AtomicReference<>();
            dek.withBytes(bytes -> {
                kept.set(bytes);
                return null;
            });
            assertThat(kept.get()).hasSize(Dek.BYTES).containsOnly(0);
            assertThat(key).isEqualTo(patterned());
        }

        @Test
        void wipesTheCopyOfAnActionThatFails() {
            AtomicReference<byte[]> kept = new AtomicReference<>();
            assertThatExceptionOfType(ArithmeticException.class)
                    .isThrownBy(() -> dek.withBytes(bytes -> {
                        kept.set(bytes);
                        throw new ArithmeticException();
                    }));
            assertThat(kept.get()).hasSize(Dek.BYTES).containsOnly(0);
        }

        @Test
        void keepsAChangeThatAnActionMakesToItself() {
            dek.withBytes(bytes -> {
                Arrays.fill(bytes, (byte) 9);
                return null;
            });
            assertThat(dek.<byte[]>withBytes(byte[]::clone)).isEqualTo(patterned());
        }

        @Test
        void showsTheIdAlone() {
            assertThat(dek).hasToString("Dek[" + ID + ", 256 bits]");
            assertThat(dek.toString()).doesNotContain(HexFormat.of().formatHex(patterned()));
        }

        @Test
        void isRandomWhereItIsMade() throws ReflectiveOperationException {
            assertThat(keyOf(Dek.random(ID))).hasSize(32).isNotEqualTo(keyOf(Dek.random(ID)));
        }

        @Test
        void isRefusedInAnyOtherLengthAndLeavesTheArrayAlone() {
            for (int length : new int[] {0, 16, 31, 33}) {
                byte[] other = new byte[length];
                Arrays.fill(other, (byte) 7);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Dek.takeOwnershipOf(ID, other))
                        .withMessageContaining("not " + length);
                assertThat(other).doesNotContain((byte) 0);
            }
        }

        /** Javadoc of Dek.checkValue: HKDF-Expand of one block, cut. */
        @Test
        void isProvenByTheDocumentedValue() throws Exception {
            DekId other = DekId.of("0f".repeat(DekId.BYTES));
            assertThat(dek.checkValue()).isEqualTo(checkValue(ID)).hasSize(64);
            assertThat(dek.checkValueAs(other)).isEqualTo(checkValue(other));
        }

        @Test
        void isWorkedWithByTheProviderThatIsNamed() {
            assertThat(dek.cryptoProvider()).isEmpty();
            Provider named = Security.getProvider("SunJCE");
            Dek theirs = Dek.takeOwnershipOf(ID, patterned(), Optional.of(named));
            assertThat(theirs.cryptoProvider()).containsSame(named);
            assertThat(theirs.checkValue()).isEqualTo(dek.checkValue());
            assertThat(DekLease.takeOwnershipOf(theirs).cryptoProvider()).containsSame(named);
        }

        private String checkValue(DekId id) throws Exception {
            Mac mac = Mac.getInstance("HmacSHA384");
            mac.init(new SecretKeySpec(patterned(), "HmacSHA384"));
            mac.update("keywrap-check".getBytes(StandardCharsets.US_ASCII));
            mac.update(id.toBytes());
            return HexFormat.of().formatHex(mac.doFinal(new byte[] {1}), 0, 32);
        }

        @Test
        void isEqualToItselfOnly() {
            assertThat(dek).isNotEqualTo(Dek.takeOwnershipOf(ID, patterned()));
        }
    }

    @Nested
    class Closed {
        @Test
        void hasWipedTheVeryArray() throws ReflectiveOperationException {
            assertThat(keyOf(dek)).isSameAs(key);
            dek.close();
            assertThat(key).containsOnly(0);
            assertThat(dek.isClosed()).isTrue();
        }

        @Test
        void refusesToBeUsed() {
            dek.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> dek.withBytes(byte[]::clone))
                    .withMessageContaining(ID.hex());
            assertThatIllegalStateException().isThrownBy(dek::checkValue);
        }

        @Test
        void mayBeClosedAgain() {
            dek.close();
            dek.close();
            assertThat(dek.isClosed()).isTrue();
        }

        @Test
        void letsAnActionUnderWayGoOnWithItsOwnCopy() {
            byte[] seen = dek.withBytes(bytes -> {
                dek.close();
                return bytes.clone();
            });
            assertThat(seen).isEqualTo(patterned());
            assertThat(key).containsOnly(0);
        }
    }

    @Nested
    class Leased {
        private final DekLease lease = DekLease.takeOwnershipOf(dek);

        @Test
        void givesTheKeyAndItsId() {
            assertThat(lease.dekId()).isEqualTo(ID);
            assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(patterned());
            assertThat(lease).hasToString("DekLease[" + ID + ", open]");
            lease.ensureUsable();
        }

        @Test
        void givesAKeyThatTheJcaTakes() throws Exception {
            SecretKey leased = lease.secretKey();
            assertThat(leased.getAlgorithm()).isEqualTo("AES");
            assertThat(leased.getFormat()).isEqualTo("RAW");
            assertThat(leased.getEncoded()).isEqualTo(patterned());
            assertThat(leased.isDestroyed()).isFalse();
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, leased);
            assertThat(cipher.doFinal(new byte[5])).hasSize(21);
        }

        @Test
        void wipesTheKeyWhenItIsClosed() {
            lease.close();
            lease.close();
            assertThat(key).containsOnly(0);
            assertThat(lease.isClosed()).isTrue();
            assertThat(lease).hasToString("DekLease[" + ID + ", closed]");
            assertThatIllegalStateException().isThrownBy(lease::ensureUsable);
            assertThatIllegalStateException().isThrownBy(lease::secretKey);
            assertThatIllegalStateException().isThrownBy(() -> lease.withBytes(byte[]::clone));
        }

        @Test
        void endsEveryKeyItGaveToTheJca() throws Exception {
            SecretKey leased = lease.secretKey();
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            lease.close();
            assertThat(leased.isDestroyed()).isTrue();
            assertThatIllegalStateException().isThrownBy(leased::getEncoded).withMessageContaining(ID.hex());
            assertThatIllegalStateException().isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, leased));
        }

        @Test
        void endsWhenAKeyItGaveIsDestroyed() throws Exception {
            lease.secretKey().destroy();
            assertThat(lease.isClosed()).isTrue();
            assertThat(key).containsOnly(0);
        }

        @Test
        void endsWhatItSharesWithNobody() {
            AtomicInteger ends = new AtomicInteger();
            AutoCloseable made = lease.shared(AutoCloseable.class, () -> ends::incrementAndGet);
            assertThat(lease.shared(AutoCloseable.class, () -> ends::decrementAndGet))
                    .isSameAs(made);
            lease.close();
            lease.close();
            assertThat(ends).hasValue(1);
            assertThatIllegalStateException()
                    .isThrownBy(() -> lease.shared(AutoCloseable.class, () -> ends::incrementAndGet))
                    .withMessageContaining(ID.hex());
        }

        @Test
        void wipesTheRestWhereOneOfItFails() {
            AtomicInteger wiped = new AtomicInteger();
            lease.shared(AutoCloseable.class, () -> () -> {
                throw new IOException("of the one");
            });
            lease.onClose(() -> {
                throw new IllegalArgumentException("of the other");
            });
            lease.onClose(wiped::incrementAndGet);
            assertThatIllegalStateException()
                    .isThrownBy(lease::close)
                    .satisfies(failure -> assertThat(failure.getCause()).hasMessage("of the one"))
                    .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
            assertThat(wiped).hasValue(1);
            assertThat(key).containsOnly(0);
        }

        /** As the JVM does with an error that it has made ready for when there is no memory. */
        @Test
        void wipesTheRestWhereOneFailureComesTwice() {
            AtomicInteger wiped = new AtomicInteger();
            IllegalStateException always = new IllegalStateException("of both");
            for (int i = 0; i < 2; i++) {
                lease.onClose(() -> {
                    throw always;
                });
            }
            lease.onClose(wiped::incrementAndGet);
            assertThatIllegalStateException().isThrownBy(lease::close).withMessage("of both");
            assertThat(wiped).hasValue(1);
        }

        /** Such as native code that is missing only then. */
        @Test
        void wipesTheRestAlsoAfterAnError() {
            AtomicInteger wiped = new AtomicInteger();
            lease.shared(AutoCloseable.class, () -> () -> {
                throw new UnsatisfiedLinkError("said by the test");
            });
            lease.onClose(wiped::incrementAndGet);
            assertThatExceptionOfType(UnsatisfiedLinkError.class).isThrownBy(lease::close);
            assertThat(wiped).hasValue(1);
            assertThat(key).containsOnly(0);
        }

        @Test
        void showsNoKeyInTheJcasView() {
            assertThat(lease.secretKey()).hasToString("LeasedKey[" + ID + "]");
        }
    }

    @Test
    void nothingThatHoldsAKeyIsSerialisable() {
        DekLease lease = DekLease.takeOwnershipOf(dek);
        for (Object holder : new Object[] {dek, lease, lease.secretKey()}) {
            assertThatExceptionOfType(NotSerializableException.class)
                    .as(holder.getClass().getName())
                    .isThrownBy(() -> new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(holder));
        }
    }

    private static byte[] keyOf(Dek dek) throws ReflectiveOperationException {
        Field field = Dek.class.getDeclaredField("key");
        field.setAccessible(true);
        return (byte[]) field.get(dek);
    }

    private static byte[] patterned() {
        byte[] bytes = new byte[Dek.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (0x51 + i);
        }
        return bytes;
    }
}
