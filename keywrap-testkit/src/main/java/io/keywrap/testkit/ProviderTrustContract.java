package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a provider must not believe, and what it must not tell. */
abstract class ProviderTrustContract extends KekOutageContract {
    /** A wrap that is longer is changed and cut at this many places of it, evenly spread. */
    private static final int MOST_PLACES = 256;

    private static final List<Secret> VALUES =
            List.of(Secret.ofText(KEYCHAIN), Secret.ofText(TENANT), Secret.ofText(ZONE));

    @Nested
    class AForeignWrap {
        @Test
        void ofAnotherKekIsRefused() {
            assertNotOpened(wrappedUnderAnotherKek());
        }

        @Test
        void ofAnotherKekUnderTheNameOfThisOneIsRefused() {
            assertNotOpened(relabelled(wrappedUnderAnotherKek(), kek.id()));
        }

        @Test
        void ofThisKekUnderTheNameOfAnotherIsRefused() {
            assertNotOpened(relabelled(wrapped, kms.createKek().id()));
            assertNotOpened(relabelled(wrapped, kms.unknownKek()));
        }

        @Test
        void ofAnotherDekDoesNotOpenAsThisOne() {
            DekId other = DekId.random();
            EncryptionContext itsContext = EncryptionContext.ofDek(KEYCHAIN, other, tenant);
            assertRefused(InvalidWrappedDekException.class, () -> unwrap(relabelled(wrapped, other), itsContext));
        }

        private WrappedDek wrappedUnderAnotherKek() {
            try (KeyProvider other = kms.factory().create(kms.createKek().id())) {
                return other.wrap(dek, context, deadline());
            }
        }
    }

    @Nested
    class ADamagedWrap {
        @Test
        void isRefusedWhicheverByteIsChanged() {
            byte[] bytes = wrapped.wrappedBytes();
            for (int place : places(bytes.length)) {
                byte[] changed = bytes.clone();
                changed[place] ^= (byte) (1 << (place % Byte.SIZE));
                assertNotOpened(withBytes(wrapped, changed));
            }
        }

        @Test
        void isRefusedWhereverItIsCut() {
            byte[] bytes = wrapped.wrappedBytes();
            for (int place : places(bytes.length - 1)) {
                assertNotOpened(withBytes(wrapped, Arrays.copyOf(bytes, place + 1)));
                assertNotOpened(withBytes(wrapped, Arrays.copyOfRange(bytes, place + 1, bytes.length)));
            }
        }

        @Test
        void isRefusedWithAByteMore() {
            byte[] bytes = wrapped.wrappedBytes();
            assertNotOpened(withBytes(wrapped, Arrays.copyOf(bytes, bytes.length + 1)));
            byte[] before = new byte[bytes.length + 1];
            System.arraycopy(bytes, 0, before, 1, bytes.length);
            assertNotOpened(withBytes(wrapped, before));
        }

        @Test
        void isRefusedUnderAForeignAlgorithm() {
            for (String algorithm : List.of("NONE", "RSA1_5", wrapped.algorithm() + "-2", "x" + wrapped.algorithm())) {
                assertNotOpened(WrappedDek.builder(id, kek.id())
                        .kekVersion(wrapped.kekVersion())
                        .build(algorithm, wrapped.wrappedBytes()));
            }
        }

        /** Where the KMS finds the version by itself, the name is a note, and the key the same. */
        @Test
        void opensToNoOtherKeyUnderAnUnknownVersion() {
            assumeFalse(wrapped.kekVersion().isEmpty(), "KEKs of this KMS have no versions");
            WrappedDek unknown = WrappedDek.builder(id, kek.id())
                    .kekVersion("unknown")
                    .build(wrapped.algorithm(), wrapped.wrappedBytes());
            try (Dek back = unwrap(unknown)) {
                assertArrayEquals(bytesOf(dek), bytesOf(back));
            } catch (KekException e) {
                assertEquals(InvalidWrappedDekException.class, e.getClass());
            }
        }

        @Test
        void harmsNoOther() {
            assertNotOpened(withBytes(wrapped, new byte[] {1}));
            assertUsable();
        }

        private int[] places(int length) {
            int count = Math.min(length, MOST_PLACES);
            int[] places = new int[count];
            for (int i = 0; i < count; i++) {
                places[i] = (int) ((long) i * length / count);
            }
            return places;
        }
    }

    @Nested
    class AFailure {
        @Test
        void namesItsKekAndWhatTheOperatorCanDo() {
            Set<KekId> known = Set.of(kek.id(), kms.unknownKek());
            for (KekException failure : failures()) {
                assertTrue(failure.kekId().filter(known::contains).isPresent(), () -> "the KEK of " + failure);
                assertFalse(failure.operatorAction().isBlank(), () -> "what to do about " + failure);
            }
        }

        @Test
        void survivesSerialization() {
            for (KekException failure : failures()) {
                KekException again = Failures.serializedAndBack(failure);
                assertEquals(failure.getMessage(), again.getMessage());
                assertEquals(failure.kekId(), again.kekId());
                assertEquals(failure.rawCode(), again.rawCode());
                assertEquals(failure.requestId(), again.requestId());
                assertEquals(failure.operatorAction(), again.operatorAction());
                if (failure instanceof KekRevokedException revoked) {
                    assertEquals(revoked.reason(), ((KekRevokedException) again).reason());
                    assertEquals(revoked.deletion(), ((KekRevokedException) again).deletion());
                }
            }
        }

        @Test
        void tellsNoKeyByte() {
            assertTellsNone(List.of(Secret.ofKey(bytesOf(dek))));
        }

        @Test
        void tellsNoValueOfTheKeyContext() {
            assertTellsNone(VALUES);
        }

        private void assertTellsNone(List<Secret> secrets) {
            for (KekException failure : failures()) {
                String name = failure.getClass().getSimpleName();
                ProviderTrustContract.assertTellsNone(name, Failures.everythingIn(failure), secrets);
            }
        }

        private List<KekException> failures() {
            return new Failures(ProviderTrustContract.this).all();
        }
    }

    @Nested
    class WhatIsPrinted {
        @Test
        void holdsNoKeyByteAndNoValueOfTheKeyContext() {
            KeyProvider.Generated generated = generate();
            List<Secret> secrets = new ArrayList<>(VALUES);
            secrets.add(Secret.ofKey(bytesOf(dek)));
            secrets.add(Secret.ofKey(bytesOf(generated.dek())));
            generated.dek().close();
            assertTellsNone("a provider", provider.toString(), secrets);
            assertTellsNone("a factory", kms.factory().toString(), secrets);
            assertTellsNone("a wrap", wrapped.toString(), secrets);
            assertTellsNone("a generated DEK", generated.toString(), secrets);
            assertTellsNone("a status", provider.status(deadline()).toString(), secrets);
        }

        @Test
        void orStoredAsAWrapHoldsNoKey() {
            assertTellsNone("a wrap", Secret.latin(wrapped.toBytes()), List.of(Secret.ofKey(bytesOf(dek))));
        }
    }

    @Nested
    class ManyThreads {
        @Test
        void wrapAndUnwrapTheirOwnDeks() {
            ThreadStorm.run((thread, round) -> {
                DekId own = DekId.random();
                EncryptionContext itsContext = EncryptionContext.ofDek(KEYCHAIN, own, tenant);
                KeyProvider.Generated generated = provider.generate(own, itsContext, deadline());
                try (Dek made = generated.dek();
                        Dek back = unwrap(generated.wrapped(), itsContext);
                        Dek again = unwrap(provider.wrap(made, itsContext, deadline()), itsContext)) {
                    assertArrayEquals(bytesOf(made), bytesOf(back));
                    assertArrayEquals(bytesOf(made), bytesOf(again));
                }
            });
        }

        @Test
        void areAnsweredRightlyOrRefusedWhileTheKekIsDisabled() {
            kek.disable();
            kek.enable();
            ThreadStorm.run((thread, round) -> {
                if (thread == 0 && round == ThreadStorm.ROUNDS / 2) {
                    kek.disable();
                }
                try {
                    assertOpens(wrapped);
                    assertOpens(wrap(dek));
                } catch (KekRevokedException e) {
                    assertEquals(KekRevokedException.Reason.DISABLED, e.reason());
                }
            });
        }
    }

    private void assertNotOpened(WrappedDek one) {
        assertRefused(InvalidWrappedDekException.class, () -> unwrap(one));
    }

    /** Not by assertEquals, which would print the secret. */
    private static void assertTellsNone(String what, String text, List<Secret> secrets) {
        for (Secret secret : secrets) {
            secret.toldBy(text).ifPresent(form -> fail("a secret was told by " + what + ", " + form));
        }
    }
}
