package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.KekException.Failure;
import io.keywrap.KekRevokedException.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every exception: what it says, whether a retry helps, and that it survives serialization. */
class ExceptionsTest {
    private static final KekId KEK = KekId.of("keystore:main#tenant-42");
    private static final DekId DEK = DekId.of("000102030405060708090a0b0c0d0e0f");
    private static final Instant DELETION = Instant.parse("2026-12-01T00:00:00Z");
    private static final Set<Class<?>> RETRYABLE = Set.of(
            KekThrottledException.class,
            KekUnreachableException.class,
            KeychainConflictException.class,
            StoreUnavailableException.class);

    static Stream<KeywrapException> all() {
        return Stream.concat(
                keks(),
                Stream.of(
                        new AuthenticationFailedException(Check.KEYCHAIN, "of another keychain; to do: look"),
                        new AuthenticationFailedException(7),
                        new MalformedEnvelopeException("no envelope"),
                        new TruncatedEnvelopeException("cut"),
                        new UnsupportedEnvelopeException("version 2"),
                        new KeychainNotFoundException("tenant-42"),
                        new KeychainNotFoundException("tenant-42", DEK),
                        new KeychainExistsException("tenant-42"),
                        new KeychainDestroyedException("tenant-42"),
                        new KeychainConflictException("tenant-42"),
                        new KeychainSealBrokenException("tenant-42", "its seal is wrong", new IOException("cause")),
                        new StoreUnavailableException("the store is away", new IOException("cause")),
                        new DekDestroyedException("tenant-42", DEK)));
    }

    static Stream<KekException> keks() {
        Stream<Function<Failure, KekException>> leaves = Stream.of(
                KekNotFoundException::new,
                KekThrottledException::new,
                KekUnreachableException::new,
                KekConfigurationException::new,
                InvalidWrappedDekException::new,
                failure -> new KekRevokedException(failure, Reason.DISABLED),
                failure -> new KekRevokedException(failure, DELETION));
        return leaves.map(leaf -> leaf.apply(failure()));
    }

    private static Failure failure() {
        return Failure.of(KEK, "the key is disabled")
                .operatorAction("enable it")
                .rawCode("DisabledException")
                .requestId("r-1")
                .cause(new IOException("cause"));
    }

    @Test
    void noLeafIsForgotten() throws Exception {
        URI folder = Objects.requireNonNull(KeywrapException.class.getResource("KeywrapException.class"))
                .toURI();
        String[] files = Objects.requireNonNull(new File(folder).getParentFile().list());
        Set<String> leaves = Stream.of(files)
                .filter(name -> name.endsWith("Exception.class"))
                .map(name -> name.substring(0, name.length() - 6))
                .filter(name -> !isAbstract(name))
                .collect(Collectors.toSet());
        assertThat(all().map(e -> e.getClass().getSimpleName()).collect(Collectors.toSet()))
                .isEqualTo(leaves)
                .hasSizeGreaterThan(14);
    }

    @ParameterizedTest
    @MethodSource("all")
    void saysWhetherARetryHelps(KeywrapException e) {
        assertThat(e.retryable()).isEqualTo(RETRYABLE.contains(e.getClass()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void survivesSerializationWithEveryField(KeywrapException e) throws Exception {
        KeywrapException read = copy(e);

        assertThat(read).isExactlyInstanceOf(e.getClass()).hasMessage(e.getMessage());
        assertThat(read.retryable()).isEqualTo(e.retryable());
        for (Class<?> type = e.getClass(); type != RuntimeException.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    assertThat(field.get(read)).as(field.toString()).isEqualTo(field.get(e));
                }
            }
        }
        if (e.getCause() != null) {
            assertThat(read.getCause()).hasMessage(e.getCause().getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("keks")
    void ofAKekSaysWhatFailedWhichKekAndWhatToDo(KekException e) {
        assertThat(e)
                .hasMessage("the key is disabled; KEK keystore:main#tenant-42; code DisabledException; request r-1;"
                        + " to do: enable it");
        assertThat(e.kekId()).contains(KEK);
        assertThat(e.rawCode()).contains("DisabledException");
        assertThat(e.requestId()).contains("r-1");
        assertThat(e.operatorAction()).isEqualTo("enable it");
        assertThat(e).hasRootCauseInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("keks")
    void ofAKekIsTheSameWithoutItsTrace(KekException e) {
        for (KekException kept : List.of(e.withoutTrace(), e.withoutTrace().withoutTrace())) {
            assertThat(kept)
                    .isExactlyInstanceOf(e.getClass())
                    .hasMessage(e.getMessage())
                    .hasNoCause();
            assertThat(kept.getStackTrace()).isEmpty();
            kept.addSuppressed(new IOException("nobody keeps it"));
            assertThat(kept).hasNoSuppressedExceptions();
            assertThat(kept)
                    .usingRecursiveComparison()
                    .ignoringFields(
                            "stackTrace", "cause", "backtrace", "depth", "suppressedExceptions", "detailMessage")
                    .isEqualTo(e);
        }
        assertThat(e).hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void ofAKekThatIsNotKeywrapsOwnStaysAsItIs() {
        KekException theirs = new KekException(failure()) {
            private static final long serialVersionUID = 1L;
        };
        assertThat(theirs.withoutTrace()).isSameAs(theirs);
    }

    @Test
    void ofAKekLeavesOutACauseThatTellsAValueOfTheKeyContext() {
        EncryptionContext context = EncryptionContext.of(Map.of("tenant", "acme", "empty", ""));
        IOException deep = new IOException("outer", new IOException("of tenant 'acme'"));
        IOException suppressing = new IOException("outer");
        suppressing.addSuppressed(deep);
        for (IOException telling : List.of(new IOException("acme"), deep, suppressing)) {
            assertThat(new KekUnreachableException(Failure.of(KEK, "?").cause(telling, context)))
                    .hasNoCause();
        }
        IOException silent = new IOException("of nobody");
        assertThat(new KekUnreachableException(Failure.of(KEK, "?").cause(silent, context)))
                .hasCause(silent);
    }

    @Test
    void ofAKekLeavesOutWhatIsNotKnown() {
        KekException e = new InvalidWrappedDekException(Failure.ofUnknownKek("it cannot be read"));
        assertThat(e).hasMessage("it cannot be read; to do: see the cause");
        assertThat(e.kekId()).isEmpty();
        assertThat(e.rawCode()).isEmpty();
        assertThat(e.requestId()).isEmpty();
    }

    @Test
    void ofAKekSaysHowLongItsProviderAsksToBeLeftAlone() {
        for (Duration asked : List.of(Duration.ofSeconds(7), Duration.ZERO)) {
            KekException e = new KekThrottledException(failure().retryAfter(asked));
            assertThat(e.retryAfter()).contains(asked);
            assertThat(e.withoutTrace().retryAfter()).contains(asked);
        }
        assertThat(new KekThrottledException(failure().retryAfter(Duration.ofNanos(-1))).retryAfter())
                .isEmpty();
        assertThat(new KekThrottledException(failure().retryAfter(null)).retryAfter())
                .isEmpty();
    }

    @Nested
    class Revoked {
        @ParameterizedTest
        @EnumSource(Reason.class)
        void isPresumedOnlyWhereAccessWasDeniedAndFinalOnlyWhereTheKeyIsDeleted(Reason reason) {
            KekRevokedException e = new KekRevokedException(failure(), reason);
            assertThat(e.reason()).isEqualTo(reason);
            assertThat(e.presumed()).isEqualTo(reason == Reason.DENIED);
            assertThat(e.recoverable()).isEqualTo(reason != Reason.DELETED);
            assertThat(e.deletion()).isEmpty();
        }

        @Test
        void namesTheDateOfADeletion() throws Exception {
            KekRevokedException e = copy(new KekRevokedException(failure(), DELETION));
            assertThat(e.reason()).isEqualTo(Reason.PENDING_DELETION);
            assertThat(e.deletion()).contains(DELETION);
        }
    }

    @Test
    void ofAKeychainSaysWhichAndWhatToDo() {
        assertThat(new KeychainNotFoundException("t"))
                .hasMessageStartingWith("keychain 't': ")
                .hasMessageContaining("to do: ");
        assertThat(new KeychainNotFoundException("t", DEK))
                .hasMessageContainingAll("keychain 't'", DEK.hex(), "to do: ");
        assertThat(new KeychainExistsException("t")).hasMessageContainingAll("keychain 't'", "to do: ");
        assertThat(new KeychainConflictException("t")).hasMessageContainingAll("keychain 't'", "to do: try again");
        assertThat(new KeychainSealBrokenException("t", "its seal is wrong", null))
                .hasMessageContainingAll("keychain 't'", "its seal is wrong", "to do: ");
        DekDestroyedException destroyed = new DekDestroyedException("t", DEK);
        assertThat(destroyed).hasMessageContainingAll("keychain 't'", DEK.hex());
        assertThat(destroyed.dekId()).isEqualTo(DEK);
        assertThat(new KeychainExistsException("t").keychainId()).isEqualTo("t");
        assertThat(new KeychainNotFoundException("t").dekId()).isEmpty();
        assertThat(new KeychainNotFoundException("t", DEK).dekId()).contains(DEK);
        assertThat(new StoreUnavailableException("the store is away", null).keychainId())
                .isEmpty();
    }

    @Test
    void ofASegmentSaysWhich() {
        AuthenticationFailedException e = new AuthenticationFailedException(7);
        assertThat(e.check()).isEqualTo(Check.SEGMENT);
        assertThat(e.segment()).hasValue(7);
        assertThat(new AuthenticationFailedException(0).segment()).hasValue(0);
        assertThat(e).hasMessageContainingAll("segment 7", "to do: ");
        assertThat(new AuthenticationFailedException(Check.DEK, "").segment()).isEmpty();
    }

    private static boolean isAbstract(String simpleName) {
        try {
            return Modifier.isAbstract(Class.forName("io.keywrap." + simpleName).getModifiers());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> T copy(T object) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
            objects.writeObject(object);
        }
        try (ObjectInputStream objects = new ObjectInputStream(new ByteArrayInputStream(out.toByteArray()))) {
            return (T) objects.readObject();
        }
    }
}
