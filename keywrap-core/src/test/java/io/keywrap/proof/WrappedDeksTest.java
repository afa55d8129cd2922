package io.keywrap.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Plaintexts that are made or unwrapped on the way are closed, whatever fails, and failures are told in the right order. */
class WrappedDeksTest {
    private static final KekId A = KekId.of("seen:a");
    private static final KekId B = KekId.of("seen:b");
    private static final KekId C = KekId.of("seen:c");
    private static final EncryptionContext NOTHING = EncryptionContext.empty();

    private final Map<KekId, Function<Failure, KekException>> faults = new HashMap<>();
    private final List<Dek> seen = new ArrayList<>();
    private final List<KekId> unwrappedBy = new ArrayList<>();
    private boolean lies;
    private final KeyProviders providers = KeyProviders.builder()
            .time(new ManualTime())
            .register(new Seeing())
            .cacheDeadline(Duration.ZERO)
            .build();
    private final WrappedDeks deks = new WrappedDeks(providers);
    private final Owner owner =
            new Owner("tenant", NOTHING, List.of(new Recipient(Role.CONTROL, A), new Recipient(Role.CONTROL, B)), 0);

    @AfterEach
    void nothingIsOpen() {
        assertThat(seen).isNotEmpty().allMatch(Dek::isClosed);
        providers.close();
    }

    private void failIfTold(KekId kekId) {
        Function<Failure, KekException> fault = faults.get(kekId);
        if (fault != null) {
            throw fault.apply(Failure.of(kekId, "told to fail"));
        }
    }

    /** "Wraps" by copying, and keeps every DEK in sight that it is handed or hands out. */
    private final class Seeing implements KeyProvider.Factory {
        @Override
        public String scheme() {
            return "seen";
        }

        @Override
        public KeyProvider create(KekId kekId) {
            return new KeyProvider() {
                @Override
                public KekId kekId() {
                    return kekId;
                }

                @Override
                public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
                    seen.add(dek);
                    failIfTold(kekId);
                    return WrappedDek.builder(dek.id(), kekId).build("COPY", dek.withBytes(byte[]::clone));
                }

                @Override
                public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                    unwrappedBy.add(kekId);
                    failIfTold(kekId);
                    Dek dek = lies
                            ? Dek.random(wrapped.dekId())
                            : Dek.takeOwnershipOf(wrapped.dekId(), wrapped.wrappedBytes());
                    seen.add(dek);
                    return dek;
                }

                @Override
                public void close() {}
            };
        }
    }

    @Test
    void whatIsMadeIsClosedIfTheNextKekDoesNotWrapIt() {
        faults.put(B, KekUnreachableException::new);
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> deks.make(owner, Usage.ENVELOPES).close());
    }

    @Test
    void whatIsUnwrappedToProveSomethingIsClosed() {
        DekEntry entry = deks.create(owner, Usage.ENVELOPES);
        unwrappedBy.clear();
        deks.requireControl(owner.contextOf(entry.id()), entry);
        assertThat(unwrappedBy).containsExactly(A, B);
    }

    @Test
    void everyWrapIsProvenButThoseThatAreRetained() {
        DekEntry made = deks.create(owner, Usage.ENVELOPES);
        WrappedDek retained = WrappedDek.builder(made.id(), C).build("COPY", new byte[Dek.BYTES]);
        List<Wrap> wraps = new ArrayList<>(made.wraps());
        wraps.add(new Wrap(Role.RETAINED, retained));
        unwrappedBy.clear();
        deks.prove(owner, made.withWraps(wraps));
        assertThat(unwrappedBy).containsExactly(A, B);
    }

    /** Its owner may give up every other copy of it. */
    @Test
    void noKeyIsAdoptedThatDoesNotComeBackFromItsWraps() {
        try (Dek dek = Dek.random(DekId.random())) {
            assertThat(deks.adopt(owner, dek).wraps()).hasSize(2);
            lies = true;
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> deks.adopt(owner, dek));
        }
    }

    /** A new DEK would be made without one of them. */
    @Test
    void noKeyIsAdoptedThatARecipientHasNotWrappedWhateverTheQuorum() {
        Owner content =
                owner.withRecipients(List.of(new Recipient(Role.CONTROL, A), new Recipient(Role.REPLICA, B)), 1);
        faults.put(B, KekUnreachableException::new);
        assertThat(deks.create(content, Usage.ENVELOPES).wraps()).hasSize(1);
        try (Dek dek = Dek.random(DekId.random())) {
            assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> deks.adopt(content, dek));
        }
    }

    @Test
    void aWrapIsProvenByTheKeyThatIsThere() {
        KeyProvider kek = providers.provider(A);
        try (Dek known = Dek.random(DekId.random())) {
            WrappedDek wrapped = kek.wrap(known, NOTHING, providers.foregroundDeadline());
            CheckValue.prove(kek, known, wrapped, NOTHING, providers.foregroundDeadline());
            lies = true;
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> CheckValue.prove(kek, known, wrapped, NOTHING, providers.foregroundDeadline()))
                    .withMessageContaining("is not DEK " + known.id());
            assertThat(known.isClosed()).isFalse();
        }
    }

    @Nested
    class Carried {
        private final DekId id = DekId.random();
        private final List<WrappedDek> wraps = List.of(of(A), of(B), of(C));

        private WrappedDek of(KekId kekId) {
            return WrappedDek.builder(id, kekId).build("COPY", new byte[Dek.BYTES]);
        }

        private DekLease lease(KekId... allowed) {
            return new CarriedWraps(providers, Set.of(allowed)).lease(id, wraps, NOTHING);
        }

        @Test
        void anOutageSaysMoreThanAWrapThatDoesNotUnwrap() {
            faults.put(A, InvalidWrappedDekException::new);
            faults.put(B, KekThrottledException::new);
            faults.put(C, KekUnreachableException::new);
            assertThatExceptionOfType(KekThrottledException.class)
                    .isThrownBy(() -> lease(A, B, C))
                    .satisfies(e -> assertThat(e.kekId()).contains(B));
            faults.clear();
            lease(A, B, C).close();
        }

        @Test
        void theFirstWrapThatDoesNotUnwrapIsNamedIfNoneDoes() {
            faults.put(A, InvalidWrappedDekException::new);
            faults.put(B, InvalidWrappedDekException::new);
            assertThatExceptionOfType(AuthenticationFailedException.class)
                    .isThrownBy(() -> lease(A, B))
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .satisfies(first ->
                                    assertThat(((KekException) first).kekId()).contains(A)));
            lease(C).close();
        }
    }
}
