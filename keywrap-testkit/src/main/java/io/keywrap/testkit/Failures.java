package io.keywrap.testkit;

import io.keywrap.Deadline;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.opentest4j.TestAbortedException;

/** Every failure that a provider can be brought to, and what it gives away. */
final class Failures {
    private final ProviderFixture under;
    private final List<KekException> all = new ArrayList<>();

    Failures(ProviderFixture under) {
        this.under = under;
    }

    /** One of each kind and operation, as far as the KMS can show it; the KEK is deleted in the end. */
    List<KekException> all() {
        ofWraps();
        KeyProvider astray = under.kms.factory().create(under.kms.unknownKek());
        collect(astray, under.deadline());
        collect(under.provider, under.deadline(Duration.ZERO));
        TestKek kek = under.kek;
        during(kek::throttle, kek::recover);
        during(kek::unreachable, kek::recover);
        during(kek::misconfigure, kek::recover);
        during(kek::disable, kek::enable);
        during(kek::deny, kek::allow);
        during(kek::remove, kek::putBack);
        during(() -> kek.scheduleDeletion(Duration.ofDays(30)), () -> {
            kek.cancelDeletion();
            kek.enable();
        });
        during(kek::delete, () -> {});
        return all;
    }

    private void ofWraps() {
        WrappedDek wrapped = under.wrapped;
        byte[] changed = wrapped.wrappedBytes();
        changed[changed.length - 1] ^= 1;
        EncryptionContext other = EncryptionContext.ofDek(ProviderFixture.OTHER_KEYCHAIN, under.id, under.tenant);
        collect(() -> under.unwrap(wrapped, other));
        collect(() -> under.unwrap(ProviderFixture.withBytes(wrapped, changed)));
        collect(() -> under.unwrap(ProviderFixture.withBytes(wrapped, Arrays.copyOf(changed, 9))));
        collect(() -> under.unwrap(ProviderFixture.relabelled(wrapped, under.kms.unknownKek())));
        collect(() -> under.unwrap(WrappedDek.builder(under.id, under.kek.id()).build("NONE", wrapped.wrappedBytes())));
    }

    private void during(Runnable begin, Runnable end) {
        try {
            begin.run();
            collect(under.provider, under.deadline());
            end.run();
        } catch (TestAbortedException e) {
            // This KMS cannot show it; the test of the state itself says so in the report.
        }
    }

    private void collect(KeyProvider provider, Deadline deadline) {
        collect(() -> provider.wrap(under.dek, under.context, deadline));
        collect(() -> provider.unwrap(under.wrapped, under.context, deadline));
        collect(() -> provider.generate(under.id, under.context, deadline));
    }

    private void collect(Runnable call) {
        try {
            call.run();
        } catch (KekException e) {
            all.add(e);
            return;
        }
        throw new AssertionError("a call that must fail did not");
    }

    static KekException serializedAndBack(KekException failure) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(failure);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                return failure.getClass().cast(in.readObject());
            }
        } catch (IOException | ClassNotFoundException e) {
            throw new AssertionError("it does not survive serialization: " + failure, e);
        }
    }

    /** What any log could show: the messages of the failure and all its causes, and its fields. */
    static String everythingIn(KekException failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text + failure.operatorAction() + failure.rawCode() + failure.requestId() + failure.kekId();
    }
}
