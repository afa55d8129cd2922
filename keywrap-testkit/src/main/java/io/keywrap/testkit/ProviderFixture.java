package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrowsExactly;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;

/** What each test of a provider begins with: a fresh KEK, its provider, and one DEK wrapped under it. */
abstract class ProviderFixture {
    static final Duration BUDGET = Duration.ofSeconds(10);
    static final String KEYCHAIN = "keychain-whose-name-stays-out";
    static final String OTHER_KEYCHAIN = "another-" + KEYCHAIN;
    static final String TENANT = "tenant-whose-name-stays-out";
    static final String ZONE = "zone-whose-name-stays-out";

    final DekId id = DekId.random();
    final EncryptionContext tenant = EncryptionContext.of(Map.of("tenant", TENANT, "zone", ZONE));
    final EncryptionContext context = EncryptionContext.ofDek(KEYCHAIN, id, tenant);
    final Dek dek = Dek.random(id);

    TestKms kms;
    TestKek kek;
    KeyProvider provider;
    WrappedDek wrapped;

    /**
     * The KMS whose provider is held to the contract; called once before each test, and closed after it.
     *
     * @return the KMS
     */
    protected abstract TestKms kms();

    @BeforeEach
    void wrapADekUnderAFreshKek() {
        kms = kms();
        kek = kms.createKek();
        provider = kms.factory().create(kek.id());
        wrapped = wrap(dek);
    }

    @AfterEach
    void takeDown() {
        dek.close();
        provider.close();
        kms.close();
    }

    Deadline deadline() {
        return deadline(BUDGET);
    }

    Deadline deadline(Duration budget) {
        return Deadline.after(budget, kms.time());
    }

    WrappedDek wrap(Dek one) {
        return provider.wrap(one, context, deadline());
    }

    Dek unwrap(WrappedDek one) {
        return unwrap(one, context);
    }

    Dek unwrap(WrappedDek one, EncryptionContext keyContext) {
        return provider.unwrap(one, keyContext, deadline());
    }

    KeyProvider.Generated generate() {
        return provider.generate(id, context, deadline());
    }

    static byte[] bytesOf(Dek one) {
        return one.withBytes(byte[]::clone);
    }

    /** The wrap with other bytes. */
    static WrappedDek withBytes(WrappedDek one, byte[] bytes) {
        return WrappedDek.builder(one.dekId(), one.kekId())
                .kekVersion(one.kekVersion())
                .build(one.algorithm(), bytes);
    }

    /** The wrap under the name of another KEK. */
    static WrappedDek relabelled(WrappedDek one, KekId kekId) {
        return WrappedDek.builder(one.dekId(), kekId)
                .kekVersion(one.kekVersion())
                .build(one.algorithm(), one.wrappedBytes());
    }

    /** The wrap under the name of another DEK. */
    static WrappedDek relabelled(WrappedDek one, DekId dekId) {
        return WrappedDek.builder(dekId, one.kekId())
                .kekVersion(one.kekVersion())
                .build(one.algorithm(), one.wrappedBytes());
    }

    void assertOpens(WrappedDek one) {
        try (Dek back = unwrap(one)) {
            assertArrayEquals(bytesOf(dek), bytesOf(back), "it unwraps to the key that was wrapped");
        }
    }

    void assertUsable() {
        assertOpens(wrapped);
        assertOpens(wrap(dek));
        generate().dek().close();
    }

    /** Exactly this failure, with what an operator needs. */
    <E extends KekException> E assertRefused(Class<E> type, Executable call) {
        E refusal = assertThrowsExactly(type, call);
        boolean passes = refusal instanceof KekThrottledException || refusal instanceof KekUnreachableException;
        assertEquals(passes, refusal.retryable(), "whether it is retryable: " + refusal);
        assertEquals(Optional.of(provider.kekId()), refusal.kekId(), "the KEK of the refusal: " + refusal);
        assertFalse(refusal.operatorAction().isBlank(), "it says what the operator can do: " + refusal);
        return refusal;
    }
}
