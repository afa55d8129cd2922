package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of providers notices what is wrong with a provider, by a test whose name says it. */
class KeyProviderContractTest {
    @TempDir
    Path folder;

    static Stream<Mutant> mutants() {
        return Stream.of(bindings(), answers(), states(), outages(), versions(), failures())
                .flatMap(List::stream);
    }

    private static List<Mutant> bindings() {
        return List.of(
                mutant(
                        "no key context is bound",
                        "cipher.updateAAD(keyContext);",
                        "",
                        "AnotherKeyContext.ofAnotherDekIsRefused"),
                mutant(
                        "only the number of pairs is bound",
                        "cipher.updateAAD(keyContext);",
                        "cipher.updateAAD(keyContext, 0, 2);",
                        "AnotherKeyContext.withAChangedValueIsRefused"),
                mutant(
                        "all but the last byte of the key context is bound",
                        "cipher.updateAAD(keyContext);",
                        "cipher.updateAAD(keyContext, 0, keyContext.length - 1);",
                        "AnotherKeyContext.withAChangedValueIsRefused"),
                mutant(
                        "a new DEK is bound to another key context",
                        "            WrappedDek wrapped = wrapped(call, dek, keyContext);",
                        "            WrappedDek wrapped = wrapped(call, dek, EncryptionContext.empty());",
                        "AGeneratedDek.comesWithAWrapThatOpensToIt"),
                mutant(
                        "a new DEK is bound to no key context",
                        "cipher.updateAAD(keyContext);",
                        "",
                        "AGeneratedDek.isBoundToItsKeyContext"),
                mutant(
                        "whose wrap it is does not matter",
                        "if (!wrapped.kekId().equals(kekId)) {",
                        "if (false) {",
                        "AForeignWrap.ofThisKekUnderTheNameOfAnotherIsRefused"),
                mutant(
                        "the algorithm does not matter",
                        "if (!wrapped.algorithm().equals(ALGORITHM)) {",
                        "if (false) {",
                        "ADamagedWrap.isRefusedUnderAForeignAlgorithm"),
                mutant(
                        "what follows a wrap does not matter",
                        "sealed.length != SEALED_BYTES",
                        "sealed.length < SEALED_BYTES",
                        "ADamagedWrap.isRefusedWithAByteMore"),
                mutant(
                        "a cut wrap is not thought of",
                        "sealed.length != SEALED_BYTES",
                        "sealed.length > SEALED_BYTES",
                        "ADamagedWrap.isRefusedWhereverItIsCut"),
                mutant(
                        "a damaged wrap opens to some key",
                        "throw call.refusals().notAuthentic(e);",
                        "return dek;",
                        "ADamagedWrap.isRefusedWhicheverByteIsChanged"),
                mutant(
                        "a damaged wrap reads as an outage",
                        "throw call.refusals().notAuthentic(e);",
                        "throw call.refusals().unreachable(\"it failed\");",
                        "ADamagedWrap.isRefusedWhicheverByteIsChanged"),
                mutant(
                        "an unknown version reads as a missing KEK",
                        "throw refusals.invalid(\"this KEK has no such version\");",
                        "throw refusals.notFound();",
                        "ADamagedWrap.opensToNoOtherKeyUnderAnUnknownVersion"));
    }

    private static List<Mutant> answers() {
        return List.of(
                mutant("the IV is always the same", "RANDOM.nextBytes(iv);", "", "AWrap.isAnotherEachTime"),
                mutant(
                        "a wrap holds the key in the clear",
                        "cipher.doFinal(dek, 0, Dek.BYTES, sealed, IV_BYTES);",
                        "System.arraycopy(dek, 0, sealed, IV_BYTES, Dek.BYTES);",
                        "WhatIsPrinted.orStoredAsAWrapHoldsNoKey"),
                mutant(
                        "a wrap closes the DEK of its caller",
                        "return wrapped;",
                        "dek.close(); return wrapped;",
                        "AWrap.leavesTheCallersDekOpen"),
                mutant(
                        "a wrap names another DEK",
                        "call.is(Kind.ANOTHER_DEK_ID) ? DekId.random() : dek.id(),",
                        "DekId.random(),",
                        "AWrap.namesItsDek"),
                mutant(
                        "a wrap names another KEK",
                        "call.is(Kind.ANOTHER_KEK_ID) ? ANOTHER_KEK : kekId)",
                        "ANOTHER_KEK)",
                        "AWrap.namesItsKek"),
                mutant(
                        "a DEK comes back under another id",
                        "unwrapped(call, wrapped.dekId(), opened(",
                        "unwrapped(call, DekId.random(), opened(",
                        "AnUnwrappedDek.hasTheIdOfItsWrap"),
                mutant("a DEK comes back wiped", "bytes.clone()));", "bytes));", "AWrap.opensToTheKeyThatWasWrapped"),
                mutant(
                        "a new DEK has another id",
                        "Dek.random(call.is(Kind.ANOTHER_DEK_ID) ? DekId.random() : dekId);",
                        "Dek.random(DekId.random());",
                        "AGeneratedDek.hasTheIdThatWasAskedFor"),
                mutant(
                        "a new DEK comes with the wrap of another",
                        "return new Generated(dek, wrapped);",
                        "return new Generated(Dek.random(dekId), wrapped);",
                        "AGeneratedDek.comesWithAWrapThatOpensToIt"),
                mutant(
                        "a new DEK is always the same",
                        "Dek.random(call.is(Kind.ANOTHER_DEK_ID) ? DekId.random() : dekId);",
                        "Dek.takeOwnershipOf(dekId, new byte[Dek.BYTES]);",
                        "AGeneratedDek.isNewEachTime"),
                mutant(
                        "all threads wrap into one array",
                        "return sealed;",
                        "enum Shared { ONE; final byte[] bytes = new byte[60]; }"
                                + " System.arraycopy(sealed, 0, Shared.ONE.bytes, 0, 60);"
                                + " Thread.yield(); return Shared.ONE.bytes;",
                        "ManyThreads.wrapAndUnwrapTheirOwnDeks"));
    }

    private static List<Mutant> states() {
        return List.of(
                mutant(
                        "a disabled KEK is used",
                        "case DISABLED -> throw refusals.disabled();",
                        "case DISABLED -> {}",
                        "WhenDisabled.refusesToUnwrap"),
                mutant(
                        "a key that was unwrapped once is kept",
                        "Call call = call(Operation.UNWRAP, deadline);",
                        "enum Kept { ONE; final java.util.Map<WrappedDek, byte[]> keys = new java.util.HashMap<>(); }"
                                + " if (wrapped.kekId().equals(kekId)) return Dek.takeOwnershipOf(wrapped.dekId(),"
                                + " Kept.ONE.keys.computeIfAbsent(wrapped, one -> opened("
                                + "call(Operation.UNWRAP, deadline), one.kekVersion(), one.wrappedBytes(),"
                                + " keyContext.toBytes())).clone());"
                                + " Call call = call(Operation.UNWRAP, deadline);",
                        "WhenDisabled.refusesToUnwrap"),
                mutant(
                        "a disabled KEK is used for new DEKs",
                        "call.requireUsable();",
                        "if (operation != Operation.GENERATE) call.requireUsable();",
                        "WhenDisabled.refusesToGenerate"),
                mutant(
                        "a disabled KEK is told to be well",
                        "call.requireUsable();",
                        "if (operation != Operation.STATUS) call.requireUsable();",
                        "WhenDisabled.isNotHiddenByTheStatus"),
                mutant(
                        "a disabled KEK reads as an outage",
                        "case DISABLED -> throw refusals.disabled();",
                        "case DISABLED -> throw refusals.unreachable(\"the key is disabled\");",
                        "WhenDisabled.refusesToWrap"),
                mutant(
                        "a denial reads as our own fault",
                        "case DENIED -> throw refusals.denied();",
                        "case DENIED -> throw refusals.misconfigured();",
                        "WhenDenied.refusesToUnwrap"),
                mutant(
                        "a pending deletion reads as a deletion",
                        "throw refusals.pendingDeletion(kek.deletion());",
                        "throw refusals.deleted();",
                        "WhenItsDeletionIsPending.refusesToUnwrap"),
                mutant(
                        "a pending deletion has a date that has passed",
                        "refusals.pendingDeletion(kek.deletion())",
                        "refusals.pendingDeletion(Optional.of(java.time.Instant.EPOCH))",
                        "WhenItsDeletionIsPending.tellsNoDateThatHasPassed"),
                mutant(
                        "a deletion reads as a mistyped id",
                        "case DELETED -> throw refusals.deleted();",
                        "case DELETED -> throw refusals.notFound();",
                        "WhenDeleted.refusesToUnwrap"),
                mutant(
                        "a KEK that is not there reads as damaged data",
                        "case REMOVED -> throw refusals.notFound();",
                        "case REMOVED -> throw refusals.invalid(\"it is not there\");",
                        "WhenItIsNotThereAnyMore.refusesToUnwrap"),
                mutant(
                        "a KEK that was never made reads as a denial",
                        "kms.find(kekId).orElseThrow(refusals::notFound)",
                        "kms.find(kekId).orElseThrow(refusals::denied)",
                        "WhenItWasNeverMade.refusesToUnwrap"));
    }

    private static List<Mutant> outages() {
        return List.of(
                mutant(
                        "throttling reads as our own fault",
                        "case THROTTLED -> throw refusals.throttled();",
                        "case THROTTLED -> throw refusals.misconfigured();",
                        "WhenThrottled.refusesToWrap"),
                mutant(
                        "an outage reads as a revocation",
                        "throw refusals.unreachable(\"the KMS cannot be reached\");",
                        "throw refusals.denied();",
                        "WhenUnreachable.refusesToUnwrap"),
                mutant(
                        "our own fault reads as an outage",
                        "throw refusals.misconfigured();",
                        "throw refusals.unreachable(\"the credentials have expired\");",
                        "WhenMisconfigured.refusesToGenerate"),
                mutant(
                        "a late answer is waited for",
                        "if (tooLate) {",
                        "if (false) {",
                        "WhenSlow.endsAnUnwrapWithItsDeadline"),
                mutant(
                        "a late answer is waited for and refused",
                        "kms.elapse(arrival, tooLate ? left : delay);",
                        "kms.elapse(arrival, delay);",
                        "WhenSlow.endsAWrapWithItsDeadline"),
                mutant(
                        "an answer in time is refused",
                        "delay.compareTo(left) >= 0",
                        "delay.compareTo(left) < 0",
                        "WhenSlow.answersWhereTheDeadlineIsLater"),
                mutant(
                        "a status is waited for longer than its deadline",
                        "call(Operation.STATUS, deadline)",
                        "call(Operation.STATUS, Deadline.after(Duration.ofDays(1), kms.time()))",
                        "WhenSlow.endsAStatusWithItsDeadline"),
                mutant(
                        "a deadline that has passed does not matter",
                        "if (arrival.tooLate()) {",
                        "if (false) {",
                        "WhenTheDeadlineHasPassed.refusesToUnwrap"));
    }

    private static List<Mutant> versions() {
        return List.of(
                mutant(
                        "the current version opens all wraps",
                        "wrapped.kekVersion(), sealed",
                        "call.kek().currentVersion(), sealed",
                        "WhenRotated.stillOpensOldWraps"),
                mutant(
                        "the first version makes all wraps",
                        "String version = call.kek().currentVersion();",
                        "String version = \"1\";",
                        "WhenRotated.tellsThatNewWrapsNeedNone"),
                mutant(
                        "a rotation is not told",
                        "Status.ofVersion(call.kek().currentVersion())",
                        "Status.ofVersion(\"1\")",
                        "WhenRotated.tellsThatOldWrapsNeedARewrap"),
                mutant(
                        "a rotation is told that never was",
                        "Status.ofVersion(call.kek().currentVersion())",
                        "Status.ofVersion(\"next\")",
                        "WhenNothingHasHappened.tellsThatNoWrapNeedsARewrap"));
    }

    private static List<Mutant> failures() {
        return List.of(
                mutant(
                        "a provider names another KEK",
                        "return kekId;",
                        "return ANOTHER_KEK;",
                        "AProvider.isBoundToItsKek"),
                mutant(
                        "it is closed once only",
                        "closed = true;",
                        "if (closed) throw new IllegalStateException(); closed = true;",
                        "AProvider.isHarmlessToCloseTwice"),
                mutant(
                        "it works on when it is closed",
                        "if (closed) {",
                        "if (false) {",
                        "AProvider.refusesCallsOnceItIsClosed"),
                mutant(
                        "its closing reads as an outage",
                        "throw new IllegalStateException(\"the provider of",
                        "throw new Refusals(kekId, \"\").unreachable(\"the provider of",
                        "AProvider.refusesCallsOnceItIsClosed"),
                mutant(
                        "it calls the KMS when it is made",
                        "this.kms = kms;",
                        "this.kms = kms; kms.find(kekId).ifPresent(kek -> kek.begin(Operation.STATUS));",
                        "AProvider.isMadeWithoutACallToTheKms"),
                mutant(
                        "it forgets that its thread was interrupted",
                        "if (closed) {",
                        "if (Thread.interrupted() && closed) {",
                        "AProvider.keepsTheInterruptionOfItsThread"),
                mutant(
                        "its closing closes the KMS",
                        "closed = true;",
                        "kms.close();",
                        "AProvider.leavesOthersOfItsKekOpenWhenClosed"),
                mutant(
                        "a failure names another KEK",
                        "new Refusals(kekId, kms",
                        "new Refusals(ANOTHER_KEK, kms",
                        "AFailure.namesItsKekAndWhatTheOperatorCanDo"),
                mutant(
                        "a failure tells the key context",
                        "\"it is cut, or too long\"",
                        "\"it is cut, or too long, in \" + keyContext.asMap()",
                        "AFailure.tellsNoValueOfTheKeyContext"),
                mutant(
                        "a failure tells the key",
                        "Call call = call(Operation.WRAP, deadline);",
                        "Call call; try { call = call(Operation.WRAP, deadline); } catch (io.keywrap.KekException e) {"
                                + " e.addSuppressed(new Exception(dek.<String>withBytes(java.util.HexFormat.of()::formatHex)));"
                                + " throw e; }",
                        "AFailure.tellsNoKeyByte"),
                mutant(
                        "a failure tells the key among other bytes",
                        "Call call = call(Operation.WRAP, deadline);",
                        "Call call; try { call = call(Operation.WRAP, deadline); } catch (io.keywrap.KekException e) {"
                                + " byte[] body = new byte[52]; dek.withBytes(key -> {"
                                + " System.arraycopy(key, 0, body, 13, 32); return 0; });"
                                + " e.addSuppressed(new Exception(java.util.Base64.getEncoder().encodeToString(body)));"
                                + " throw e; }",
                        "AFailure.tellsNoKeyByte"),
                mutant(
                        "a failure tells the key context in Base64",
                        "\"it is cut, or too long\"",
                        "java.util.Base64.getEncoder().encodeToString(keyContext.toBytes())",
                        "AFailure.tellsNoValueOfTheKeyContext"),
                mutant(
                        "a failure tells the keychain",
                        "\"it is cut, or too long\"",
                        "\"it is cut, or too long, in \" + keyContext.asMap().get(\"kw:keychain\")",
                        "AFailure.tellsNoValueOfTheKeyContext"),
                mutant(
                        "a failure cannot be serialised",
                        "notAuthentic(e);",
                        "notAuthentic(new Exception() { final Object lost = new Object(); });",
                        "AFailure.survivesSerialization"));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void noticesABrokenLine(Mutant mutant) throws Exception {
        assertThat(mutant.failuresOf(InMemoryKeyProviderContractTest.class, folder))
                .contains(mutant.caughtBy());
    }

    @Test
    void passesWithTheLinesAsTheyAre() throws Exception {
        Mutant none = mutant("nothing", "private volatile boolean closed;", "volatile boolean closed;", "nothing");
        assertThat(none.failuresOf(InMemoryKeyProviderContractTest.class, folder))
                .isEmpty();
    }

    @Test
    void skipsWhatADeterministicKmsCannotShow() {
        assertThat(Mutant.failuresOf(DeterministicKms.Contract.class)).isEmpty();
        assertThat(Mutant.abortedOf(DeterministicKms.Contract.class))
                .containsExactly("AWrap.isAnotherEachTime", "isAnotherEachTime");
    }

    private static Mutant mutant(String what, String line, String broken, String caughtBy) {
        return new Mutant(what, InMemoryKeyProvider.class, line, broken, caughtBy);
    }
}
