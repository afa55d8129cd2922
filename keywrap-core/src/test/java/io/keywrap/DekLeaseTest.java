package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.KekException.Failure;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A lease that somebody watches over: who is asked, who is told, and what ends with it. */
class DekLeaseTest {
    private static final DekId ID = DekId.of("000102030405060708090a0b0c0d0e0f");

    private final Recorded watch = new Recorded();
    private final DekLease.Shared shared = new DekLease.Shared();
    private final AtomicInteger runs = new AtomicInteger();
    private final DekLease lease = lease();

    private DekLease lease() {
        return DekLease.takeOwnershipOf(Dek.random(ID), watch, shared);
    }

    @Nested
    class Watched {
        @Test
        void isAskedForAtEveryUse() {
            lease.ensureUsable();
            lease.secretKey();
            lease.withBytes(bytes -> bytes.length);
            assertThat(watch.asked).isEqualTo(3);
        }

        @Test
        void givesNoKeyWhereItMayNotGoOn() {
            watch.refusal = new KekUnreachableException(Failure.ofUnknownKek("said by the test"));
            for (ThrowingCallable use : List.<ThrowingCallable>of(
                    lease::ensureUsable, lease::secretKey, () -> lease.withBytes(bytes -> runs.incrementAndGet()))) {
                assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(use);
            }
            assertThat(runs).hasValue(0);
        }

        @Test
        void endsWithItsKekWhereItsUserSaysSo() {
            lease.endWithKek();
            assertThat(watch.endsWithKek).isTrue();
        }
    }

    @Nested
    class WhoeverHearsOfItsEnd {
        @Test
        void isToldByTheWatch() {
            lease.onEnd(runs::incrementAndGet);
            assertThat(runs).hasValue(0);
            watch.end();
            assertThat(runs).hasValue(1);
        }

        @Test
        void isForgottenOnceTheLeaseIsClosed() {
            lease.onEnd(runs::incrementAndGet);
            lease.close();
            assertThat(watch.onEnd).isNull();
        }

        /** The watch may have begun to tell, on a thread of its own, while the lease is closed. */
        @Test
        void isNotToldAfterThat() {
            lease.onEnd(runs::incrementAndGet);
            Runnable telling = Objects.requireNonNull(watch.onEnd);
            lease.close();
            telling.run();
            assertThat(runs).hasValue(0);
        }

        @Test
        void isNotToldWhereNobodyWatches() {
            for (DekLease alone : List.of(
                    DekLease.takeOwnershipOf(Dek.random(ID)), DekLease.takeOwnershipOf(Dek.random(ID), () -> {}))) {
                alone.endWithKek();
                alone.onEnd(runs::incrementAndGet);
                alone.ensureUsable();
                alone.close();
            }
            assertThat(runs).hasValue(0);
        }

        @Test
        void isNotEvenRememberedWhereTheLeaseIsClosedAlready() {
            lease.close();
            lease.onEnd(runs::incrementAndGet);
            assertThat(watch.onEnd).isNull();
            assertThat(watch.forgotten).isZero();
        }
    }

    @Nested
    class Wiped {
        @Test
        void hasNoKeyButIsStillToBeClosed() {
            assertThat(lease.isWiped()).isFalse();
            lease.wipe();
            assertThat(lease.isWiped()).isTrue();
            assertThat(lease.isClosed()).isFalse();
            assertThat(lease).hasToString("DekLease[" + ID + ", wiped]");
            assertThatIllegalStateException()
                    .isThrownBy(lease::ensureUsable)
                    .withMessageContainingAll(ID.hex(), "wiped");
            assertThatIllegalStateException()
                    .isThrownBy(() -> lease.withBytes(byte[]::clone))
                    .withMessageContainingAll(ID.hex(), "lease", "wiped");
            lease.close();
            assertThat(lease.isClosed()).isTrue();
        }

        @Test
        void endsWhatEndsWithItOnce() {
            lease.onClose(runs::incrementAndGet);
            lease.wipe();
            assertThat(runs).hasValue(1);
            lease.wipe();
            lease.close();
            assertThat(runs).hasValue(1);
        }

        @Test
        void endsAtOnceWhatComesTooLate() {
            lease.wipe();
            lease.onClose(runs::incrementAndGet);
            assertThat(runs).hasValue(1);
            lease.close();
            assertThat(runs).hasValue(1);
        }
    }

    @Nested
    class SharedByLeases {
        @Test
        void isOneForAllAndEndsWithTheLast() {
            try (DekLease other = lease()) {
                AutoCloseable made = lease.shared(AutoCloseable.class, () -> runs::incrementAndGet);
                assertThat(made).isNotNull();
                lease.close();
                assertThat(runs).hasValue(0);
                assertThat(other.shared(AutoCloseable.class, () -> runs::decrementAndGet))
                        .isSameAs(made);
                shared.close();
                shared.close();
                assertThat(runs).hasValue(1);
                assertThatIllegalStateException()
                        .isThrownBy(() -> other.shared(AutoCloseable.class, () -> runs::incrementAndGet))
                        .withMessageContaining("last lease");
            }
        }

        @Test
        void failsAsItDidWhereNothingHasToBeWrappedForIt() {
            lease.shared(AutoCloseable.class, () -> () -> {
                throw new ArithmeticException("as it was");
            });
            assertThatExceptionOfType(ArithmeticException.class)
                    .isThrownBy(shared::close)
                    .withMessage("as it was");
        }

        @Test
        void failsWithItsCauseElse() {
            IOException cause = new IOException("of the one");
            lease.shared(AutoCloseable.class, () -> () -> {
                throw cause;
            });
            assertThatIllegalStateException().isThrownBy(shared::close).withCause(cause);
        }
    }

    /** What a lease asks and tells whoever has given it out. */
    private static final class Recorded implements DekLease.Watch {
        private @Nullable KekException refusal;
        private @Nullable Runnable onEnd;
        private boolean endsWithKek;
        private int asked;
        private int forgotten;

        @Override
        public void ensureUsable() {
            asked++;
            if (refusal != null) {
                throw refusal;
            }
        }

        @Override
        public void endWithKek() {
            endsWithKek = true;
        }

        @Override
        public Runnable onEnd(Runnable action) {
            onEnd = action;
            return () -> {
                onEnd = null;
                forgotten++;
            };
        }

        void end() {
            Objects.requireNonNull(onEnd).run();
        }
    }
}
