package io.keywrap.keychain;

import io.keywrap.Deadline;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.proof.Roles;
import io.keywrap.proof.WrappedDeks;
import io.keywrap.proof.WrappedDeks.Made;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The DEKs of a host that may not unwrap: each job has one of its own, in memory alone. */
final class Jobs {
    private final HeldRecord held;
    private final WrappedDeks deks;
    private final PrimaryAge age;
    private final Function<DekId, EncryptionContext> contexts;
    private final Map<Usage, DekId> jobs = new EnumMap<>(Usage.class);
    private final ReentrantLock newJob = new ReentrantLock(); // Held during calls: no monitor, for virtual threads.

    Jobs(HeldRecord held, WrappedDeks deks, PrimaryAge age, Function<DekId, EncryptionContext> contexts) {
        this.held = held;
        this.deks = deks;
        this.age = age;
        this.contexts = contexts;
    }

    /** The DEK that was made before, as long as it is kept, or another new one. */
    DekLease lease(Usage usage, Deadline deadline) {
        newJob.lock();
        try {
            Optional<DekLease> kept = Optional.ofNullable(jobs.get(usage))
                    .flatMap(held.get()::dek)
                    .filter(entry -> entry.state() != State.DESTROYED && !age.isOver(entry))
                    .flatMap(entry -> deks.leaseKept(contexts.apply(entry.id()), entry));
            return kept.orElseGet(() -> ofANewJob(usage, deadline));
        } finally {
            newJob.unlock();
        }
    }

    private DekLease ofANewJob(Usage usage, Deadline deadline) {
        AtomicReference<@Nullable Made> last = new AtomicReference<>();
        try {
            held.update(deadline, current -> {
                Primaries.requireAlive(current);
                Made made = deks.within(deadline).make(Owner.of(current), usage);
                close(last.getAndSet(made));
                return Optional.of(
                        next -> next.deks(Roles.withPrimary(current.portable(), current.deks(), made.entry())));
            });
            Made made = Objects.requireNonNull(last.get());
            deks.keep(Owner.of(held.get()), made);
            jobs.put(usage, made.entry().id());
            EncryptionContext context = contexts.apply(made.entry().id());
            return deks.leaseKept(context, made.entry())
                    .orElseGet(() -> deks.within(deadline).lease(context, made.entry()));
        } finally {
            close(last.get());
        }
    }

    private static void close(@Nullable Made made) {
        if (made != null) {
            made.close();
        }
    }
}
