package io.keywrap.testkit;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.ServerSideRewrap;
import io.keywrap.testkit.Fault.Kind;
import io.keywrap.testkit.Fault.Operation;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a product calls in its tests: the way to one KEK of a KMS in memory, with all that can go wrong on it.
 *
 * <p>Wrapped bytes: IV (12) ‖ wrapped key (32) ‖ tag (16). A new DEK is made on the far side, as AWS does it.
 */
final class InMemoryKeyProvider implements KeyProvider, ServerSideRewrap {
    private static final String ALGORITHM = "AES-256-GCM";
    private static final int IV_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int SEALED_BYTES = IV_BYTES + Dek.BYTES + TAG_BYTES;
    private static final KekId ANOTHER_KEK = KekId.of("memory:another");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KekId kekId;
    private final InMemoryKms kms;
    private volatile boolean closed;

    InMemoryKeyProvider(KekId kekId, InMemoryKms kms) {
        this.kekId = kekId;
        this.kms = kms;
    }

    @Override
    public KekId kekId() {
        return kekId;
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        requireKeyContext(keyContext);
        Call call = call(Operation.WRAP, deadline);
        WrappedDek wrapped = wrapped(call, dek, keyContext);
        call.requireAnswer();
        return wrapped;
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        requireKeyContext(keyContext);
        Call call = call(Operation.UNWRAP, deadline);
        return unwrapped(call, wrapped.dekId(), opened(call, wrapped, keyContext));
    }

    @Override
    public boolean supports(KekId target) {
        return kms.rewraps() && target.scheme().equals(InMemoryKms.SCHEME);
    }

    @Override
    public WrappedDek rewrap(WrappedDek wrapped, KekId target, EncryptionContext keyContext, Deadline deadline) {
        if (!supports(target)) {
            throw new IllegalArgumentException("this KMS cannot re-wrap from " + kekId + " to " + target);
        }
        requireKeyContext(keyContext);
        Call from = call(Operation.REWRAP, deadline);
        Refusals refusals = new Refusals(target, from.refusals().requestId());
        Call to = new Call(kms.find(target).orElseThrow(refusals::notFound), Fault.NONE, refusals);
        to.requireUsable();
        try (Dek dek = unwrapped(from, wrapped.dekId(), opened(from, wrapped, keyContext))) {
            return new InMemoryKeyProvider(target, kms).wrapped(to, dek, keyContext);
        }
    }

    private byte[] opened(Call call, WrappedDek wrapped, EncryptionContext keyContext) {
        if (!wrapped.kekId().equals(kekId)) {
            throw call.refusals().anotherKeks();
        }
        if (!wrapped.algorithm().equals(ALGORITHM)) {
            throw call.refusals().invalid("its algorithm is not " + ALGORITHM);
        }
        byte[] sealed = wrapped.wrappedBytes();
        if (sealed.length != SEALED_BYTES) {
            throw call.refusals().invalid("it is cut, or too long");
        }
        return opened(call, wrapped.kekVersion(), sealed, keyContext.toBytes());
    }

    @Override
    public Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
        requireKeyContext(keyContext);
        Call call = call(Operation.GENERATE, deadline);
        Dek dek = Dek.random(call.is(Kind.ANOTHER_DEK_ID) ? DekId.random() : dekId);
        try {
            WrappedDek wrapped = wrapped(call, dek, keyContext);
            call.requireAnswer();
            return new Generated(dek, wrapped);
        } catch (RuntimeException | Error e) {
            dek.close();
            throw e;
        }
    }

    @Override
    public Status status(Deadline deadline) {
        Call call = call(Operation.STATUS, deadline);
        call.requireAnswer();
        return Status.ofVersion(call.kek().currentVersion());
    }

    /** Harmless when repeated. KEKs and KMS are the test's own. */
    @Override
    public void close() {
        closed = true;
    }

    private static void requireKeyContext(EncryptionContext keyContext) {
        if (keyContext.toBytes().length > EncryptionContext.MAX_KEY_CONTEXT_BYTES) {
            throw new IllegalArgumentException(
                    "a key context has at most " + EncryptionContext.MAX_KEY_CONTEXT_BYTES + " bytes");
        }
    }

    /** One call arrives at the KMS, unless something keeps it from there, and is found to be allowed. */
    private Call call(Operation operation, Deadline deadline) {
        if (closed) {
            throw new IllegalStateException("the provider of " + kekId + " was closed");
        }
        Refusals refusals = new Refusals(kekId, kms.nextRequestId());
        InMemoryKms.Arrival arrival = kms.arrive(deadline);
        if (arrival.tooLate()) {
            throw refusals.unreachable("the time for the call was over before it began");
        }
        InMemoryKek kek = kms.find(kekId).orElseThrow(refusals::notFound);
        Fault fault = kek.begin(operation);
        switch (fault.kind()) {
            case THROTTLED -> throw refusals.throttled();
            case DENIED -> {
                throw refusals.denied();
            }
            case UNREACHABLE -> throw refusals.unreachable("the KMS cannot be reached");
            case MISCONFIGURED -> throw refusals.misconfigured();
            default -> await(fault.delay(), arrival, refusals);
        }
        Call call = new Call(kek, fault, refusals);
        call.requireUsable();
        return call;
    }

    private void await(Duration delay, InMemoryKms.Arrival arrival, Refusals refusals) {
        Duration left = arrival.left();
        boolean tooLate = !delay.isZero() && delay.compareTo(left) >= 0;
        kms.elapse(arrival, tooLate ? left : delay);
        if (tooLate) {
            throw refusals.unreachable("no answer came in time");
        }
    }

    private WrappedDek wrapped(Call call, Dek dek, EncryptionContext keyContext) {
        String version = call.kek().currentVersion();
        byte[] sealed;
        try (Dek another = Dek.random(dek.id())) {
            Dek subject = call.is(Kind.ANOTHER_DEK) ? another : dek;
            sealed = subject.withBytes(key -> sealed(call, version, key, keyContext.toBytes()));
        }
        return WrappedDek.builder(
                        call.is(Kind.ANOTHER_DEK_ID) ? DekId.random() : dek.id(),
                        call.is(Kind.ANOTHER_KEK_ID) ? ANOTHER_KEK : kekId)
                .kekVersion(version)
                .build(ALGORITHM, call.is(Kind.WRONG_LENGTH) ? Arrays.copyOf(sealed, SEALED_BYTES - 1) : sealed);
    }

    private static Dek unwrapped(Call call, DekId dekId, byte[] key) {
        try (Dek dek = Dek.takeOwnershipOf(dekId, key)) {
            call.requireAnswer();
            if (call.is(Kind.ANOTHER_KEK_ID)) {
                throw call.refusals().wrongAnswer("it comes from another KEK");
            }
            if (call.is(Kind.WRONG_LENGTH)) {
                throw call.refusals().wrongAnswer("the key has " + (Dek.BYTES - 1) + " bytes");
            }
            if (call.is(Kind.ANOTHER_DEK)) {
                return Dek.random(dekId);
            }
            return dek.withBytes(
                    bytes -> Dek.takeOwnershipOf(call.is(Kind.ANOTHER_DEK_ID) ? DekId.random() : dekId, bytes.clone()));
        }
    }

    private static byte[] sealed(Call call, String version, byte[] dek, byte[] keyContext) {
        byte[] sealed = new byte[SEALED_BYTES];
        byte[] iv = new byte[IV_BYTES];
        RANDOM.nextBytes(iv);
        System.arraycopy(iv, 0, sealed, 0, IV_BYTES);
        byte[] kek = call.key(version);
        try {
            Cipher cipher = gcm(Cipher.ENCRYPT_MODE, kek, iv, keyContext);
            cipher.doFinal(dek, 0, Dek.BYTES, sealed, IV_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available in this JVM", e);
        } finally {
            Arrays.fill(kek, (byte) 0);
        }
    }

    private static byte[] opened(Call call, String version, byte[] sealed, byte[] keyContext) {
        byte[] dek = new byte[Dek.BYTES];
        byte[] kek = call.key(version);
        try {
            Cipher cipher = gcm(Cipher.DECRYPT_MODE, kek, Arrays.copyOf(sealed, IV_BYTES), keyContext);
            cipher.doFinal(sealed, IV_BYTES, SEALED_BYTES - IV_BYTES, dek, 0);
            return dek;
        } catch (AEADBadTagException e) {
            throw call.refusals().notAuthentic(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available in this JVM", e);
        } finally {
            Arrays.fill(kek, (byte) 0);
        }
    }

    private static Cipher gcm(int mode, byte[] key, byte[] iv, byte[] keyContext) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, iv));
        cipher.updateAAD(keyContext);
        return cipher;
    }

    /** A call that has arrived. */
    private record Call(InMemoryKek kek, Fault fault, Refusals refusals) {
        boolean is(Kind kind) {
            return fault.kind() == kind;
        }

        void requireUsable() {
            switch (kek.state()) {
                case REMOVED -> throw refusals.notFound();
                case DENIED -> throw refusals.denied();
                case DISABLED -> throw refusals.disabled();
                case PENDING_DELETION -> throw refusals.pendingDeletion(kek.deletion());
                case DELETED -> throw refusals.deleted();
                case ENABLED -> {}
            }
        }

        void requireAnswer() {
            if (is(Kind.CUT_OFF)) {
                throw refusals.unreachable("the connection broke before the answer came");
            }
        }

        /** The key of a version, unless the KEK was deleted while this call was under way. */
        byte[] key(String version) {
            Optional<byte[]> key = kek.key(version);
            if (key.isEmpty()) {
                requireUsable();
                throw refusals.invalid("this KEK has no such version");
            }
            return key.get();
        }
    }
}
