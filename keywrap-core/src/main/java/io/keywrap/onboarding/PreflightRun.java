package io.keywrap.onboarding;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.onboarding.PreflightProbe.Attempt;
import io.keywrap.onboarding.PreflightProbe.Permission;
import io.keywrap.onboarding.PreflightProbe.Permission.Answer;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.onboarding.PreflightReport.Verdict;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.ServerSideRewrap;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** One preflight of one KEK. Not thread-safe. */
final class PreflightRun {
    private static final String MAKER = "do not use this provider; report it to its maker";

    private final Preflight options;
    private final KekId kekId;
    private final PreflightNeeds needs;
    private final DekId dekId = DekId.random();
    private final EncryptionContext keyContext;
    private final List<Line> lines = new ArrayList<>();
    private Duration slowest = Duration.ZERO;
    private boolean answered;

    PreflightRun(Preflight options, KekId kekId) {
        this.options = options;
        this.kekId = kekId;
        this.needs = new PreflightNeeds(options.operations);
        this.keyContext = EncryptionContext.ofDek(Preflight.KEYCHAIN, dekId, options.pairs);
    }

    PreflightReport run() {
        KeyProvider provider;
        try {
            provider = made();
        } catch (KekException e) {
            lines.add(Line.fail(PreflightCheck.FORM, e));
            return new PreflightReport(kekId, lines);
        }
        try (provider) {
            lines.add(Line.pass(PreflightCheck.FORM, "a KEK of " + kekId.scheme()));
            Optional<PreflightProbe> probe = Optional.of(provider)
                    .filter(PreflightProbe.class::isInstance)
                    .map(PreflightProbe.class::cast);
            region(probe);
            owner(provider, probe);
            if (canBeUsed(provider, probe)) {
                use(provider, probe);
            }
            latency();
        }
        return new PreflightReport(kekId, lines);
    }

    private KeyProvider made() {
        if (!options.factory.scheme().equals(kekId.scheme())) {
            throw new KekConfigurationException(Failure.of(kekId, "not a KEK of " + options.factory.scheme())
                    .operatorAction("check the id, or take the factory of " + kekId.scheme()));
        }
        return guarded(() -> options.factory.create(kekId));
    }

    private void region(Optional<PreflightProbe> probe) {
        Optional<String> region = probe.flatMap(PreflightProbe::region);
        if (options.regions.isEmpty()) {
            region.ifPresent(name -> lines.add(Line.pass(PreflightCheck.REGION, name)));
        } else if (region.isEmpty()) {
            lines.add(Line.warn(
                    PreflightCheck.REGION,
                    "the name of the key does not tell where it is",
                    "ask the customer whether it is in " + String.join(" or ", options.regions)));
        } else if (options.regions.contains(region.get())) {
            lines.add(Line.pass(PreflightCheck.REGION, region.get()));
        } else {
            lines.add(Line.fail(
                    PreflightCheck.REGION,
                    "the key is in " + region.get() + ", where this data centre takes none",
                    "ask the customer for a key in " + String.join(" or ", options.regions)));
        }
    }

    private void owner(KeyProvider provider, Optional<PreflightProbe> probe) {
        String owner;
        try {
            owner = guarded(provider::place).owner();
        } catch (KekException e) {
            lines.add(Line.fail(PreflightCheck.OWNER, e));
            return;
        }
        String expected = options.owner;
        if (expected != null && !expected.equalsIgnoreCase(owner)) {
            lines.add(Line.fail(
                    PreflightCheck.OWNER,
                    "the key belongs to " + owner + ", and not to " + expected,
                    "ask the customer whose key this is; take none that does not belong to them"));
        } else if (expected != null || probe.isPresent()) {
            lines.add(Line.pass(PreflightCheck.OWNER, owner));
        }
    }

    /** Asks for the key, and says whether it is worth trying. */
    private boolean canBeUsed(KeyProvider provider, Optional<PreflightProbe> probe) {
        List<Line> told;
        try {
            told = probe.map(kms -> timed(() -> kms.key(options.deadline())))
                    .orElseGet(() -> List.of(state(timed(() -> provider.status(options.deadline())))));
        } catch (KekException e) {
            return unanswered(e, probe);
        }
        lines.add(Line.pass(PreflightCheck.REACHABLE, "it answers"));
        if (probe.isPresent()) {
            lines.add(Line.pass(PreflightCheck.CALLER, "its credentials are accepted"));
            lines.add(Line.pass(PreflightCheck.PERMISSION_STATUS, "the state can be read"));
        }
        lines.addAll(told);
        return told.stream().noneMatch(line -> line.verdict() == Verdict.FAIL);
    }

    private static Line state(KeyProvider.Status status) {
        return Line.pass(
                PreflightCheck.KEY_STATE,
                "it can be used"
                        + status.currentVersion()
                                .map(version -> ", version " + version)
                                .orElse(""));
    }

    private boolean unanswered(KekException e, Optional<PreflightProbe> probe) {
        if (e instanceof KekUnreachableException || e instanceof KekThrottledException) {
            lines.add(Line.fail(PreflightCheck.REACHABLE, e));
            return false;
        }
        lines.add(Line.pass(PreflightCheck.REACHABLE, "it answers"));
        if (isDenial(e, probe)) {
            lines.add(needs.lacking(Operation.STATUS, Line.what(e), e.operatorAction()));
            return true;
        }
        if (e instanceof InvalidWrappedDekException) {
            lines.add(Line.fail(PreflightCheck.IDENTITY, e));
        } else if (e instanceof KekRevokedException || e instanceof KekNotFoundException || probe.isEmpty()) {
            lines.add(Line.fail(PreflightCheck.KEY_STATE, e));
        } else {
            lines.add(Line.fail(PreflightCheck.CALLER, e));
        }
        return false;
    }

    private void use(KeyProvider provider, Optional<PreflightProbe> probe) {
        try (Dek dek = Dek.random(dekId)) {
            Optional<WrappedDek> wrapped = wrap(provider, probe, dek);
            asked(probe, Operation.GENERATE, wrapped);
            if (unwrap(provider, probe, new Sample(dek, wrapped))) {
                wrapped.ifPresent(wrap -> context(provider, probe, wrap));
            }
            if (probe.isPresent()) {
                asked(probe, Operation.REWRAP, wrapped);
            } else {
                wrapped.ifPresent(wrap -> rewrap(provider, wrap));
            }
        }
    }

    /** Without a probe, by doing it to the KEK itself. */
    private void rewrap(KeyProvider provider, WrappedDek wrapped) {
        if (provider instanceof ServerSideRewrap kms && kms.supports(kekId)) {
            PreflightCheck check = PreflightCheck.PERMISSION_REWRAP;
            try {
                timed(() -> kms.rewrap(wrapped, kekId, keyContext, options.deadline()));
                lines.add(Line.pass(check, "done inside of the KMS"));
            } catch (KekException e) {
                failed(e, new Doing(Operation.REWRAP, check, Optional.empty()));
            }
        }
    }

    private Optional<WrappedDek> wrap(KeyProvider provider, Optional<PreflightProbe> probe, Dek dek) {
        Optional<Permission> permission = asked(probe, Operation.WRAP, Optional.empty());
        if (permission.map(Permission::answer).equals(Optional.of(Answer.DENIED))) {
            return Optional.empty();
        }
        WrappedDek wrapped;
        try {
            wrapped = timed(() -> provider.wrap(dek, keyContext, options.deadline()));
        } catch (KekException e) {
            failed(e, new Doing(Operation.WRAP, PreflightCheck.WRAP, probe));
            return Optional.empty();
        }
        proven(permission, Operation.WRAP);
        lines.add(Line.pass(PreflightCheck.WRAP, wrapped.algorithm()));
        if (!wrapped.dekId().equals(dekId) || !wrapped.kekId().equals(kekId)) {
            lines.add(Line.fail(
                    PreflightCheck.IDENTITY,
                    "the provider answered with a wrap of another DEK or under another KEK",
                    MAKER));
            return Optional.empty();
        }
        String version = wrapped.kekVersion();
        lines.add(Line.pass(
                PreflightCheck.IDENTITY, version.isEmpty() ? "the key that was asked" : "version " + version));
        return Optional.of(wrapped);
    }

    /** Whether the DEK came back. */
    private boolean unwrap(KeyProvider provider, Optional<PreflightProbe> probe, Sample sample) {
        Optional<Permission> permission = asked(probe, Operation.UNWRAP, sample.wrapped);
        boolean denied = permission.map(Permission::answer).equals(Optional.of(Answer.DENIED));
        if (denied || sample.wrapped.isEmpty()) {
            permission
                    .filter(known -> known.answer() == Answer.UNKNOWN)
                    .ifPresent(known -> needs.unknown(Operation.UNWRAP, known).ifPresent(lines::add));
            return false;
        }
        WrappedDek wrapped = sample.wrapped.get();
        try (Dek back = timed(() -> provider.unwrap(wrapped, keyContext, options.deadline()))) {
            proven(permission, Operation.UNWRAP);
            boolean same = back.id().equals(dekId)
                    && sample.dek.withBytes(key -> back.<Boolean>withBytes(other -> MessageDigest.isEqual(key, other)));
            lines.add(
                    same
                            ? Line.pass(PreflightCheck.UNWRAP, "the same DEK came back")
                            : Line.fail(PreflightCheck.UNWRAP, "another DEK came back", MAKER));
            return same;
        } catch (KekException e) {
            failed(e, new Doing(Operation.UNWRAP, PreflightCheck.UNWRAP, probe));
            return false;
        }
    }

    /** No policy can tell the first two from the right one, so the key itself has to refuse them. */
    private void context(KeyProvider provider, Optional<PreflightProbe> probe, WrappedDek wrapped) {
        EncryptionContext pairs = options.pairs;
        Map<String, EncryptionContext> others = new LinkedHashMap<>();
        others.put("another DEK", EncryptionContext.ofDek(Preflight.KEYCHAIN, DekId.random(), pairs));
        others.put("another keychain", EncryptionContext.ofDek(Preflight.KEYCHAIN + "-2", dekId, pairs));
        others.put(
                "another tenant", EncryptionContext.ofDek(Preflight.KEYCHAIN, dekId, Preflight.ofAnotherTenant(pairs)));
        boolean conditional = !pairs.asMap().isEmpty()
                && probe.filter(PreflightProbe::decidesByContext).isPresent();
        lines.add(new WrongContexts(
                        context -> timed(() -> provider.unwrap(wrapped, context, options.deadline()))
                                .close(),
                        failure -> isDenial(failure, probe))
                .line(keyContext, others, conditional));
    }

    /** Asks the KMS for a permission, and tells what is certain. */
    private Optional<Permission> asked(
            Optional<PreflightProbe> probe, Operation operation, Optional<WrappedDek> wrapped) {
        Optional<Permission> permission = probe.flatMap(kms -> guardedPermission(kms, operation, wrapped));
        permission.ifPresent(known -> {
            if (known.answer() != Answer.UNKNOWN) {
                lines.add(needs.told(operation, known));
            } else if (operation == Operation.GENERATE || operation == Operation.REWRAP) {
                needs.unknown(operation, known).ifPresent(lines::add);
            }
        });
        return permission;
    }

    private Optional<Permission> guardedPermission(
            PreflightProbe kms, Operation operation, Optional<WrappedDek> wrapped) {
        try {
            return timed(() -> kms.permission(operation, new Attempt(keyContext, wrapped, options.deadline())));
        } catch (KekException e) {
            return Optional.of(new Permission(
                    Answer.UNKNOWN, PreflightNeeds.check(operation).label(), Optional.of(e)));
        }
    }

    /** What the KMS could not tell, and was then done. */
    private void proven(Optional<Permission> permission, Operation operation) {
        permission
                .filter(known -> known.answer() == Answer.UNKNOWN)
                .ifPresent(known -> lines.add(needs.told(operation, Permission.allowed(known.name()))));
    }

    private void failed(KekException e, Doing doing) {
        if (isDenial(e, doing.probe)) {
            lines.removeIf(line -> line.check() == PreflightNeeds.check(doing.operation));
            lines.add(needs.lacking(doing.operation, Line.what(e), e.operatorAction()));
        } else if (e instanceof InvalidWrappedDekException && doing.operation == Operation.WRAP) {
            lines.add(Line.fail(PreflightCheck.IDENTITY, e));
        } else {
            lines.add(Line.fail(doing.check, e));
        }
    }

    private void latency() {
        if (!answered) {
            return;
        }
        String took = slowest.toMillis() + " ms for the slowest call";
        lines.add(
                slowest.compareTo(options.slow) > 0
                        ? Line.warn(
                                PreflightCheck.LATENCY,
                                took,
                                "run keywrap near the key, and look at the network between: every DEK that is not kept costs"
                                        + " such a call")
                        : Line.pass(PreflightCheck.LATENCY, took));
    }

    private static boolean isDenial(KekException e, Optional<PreflightProbe> probe) {
        return probe.map(kms -> kms.isDenial(e))
                .orElseGet(() -> e instanceof KekRevokedException revoked && revoked.reason() == Reason.DENIED);
    }

    private <T> T timed(Supplier<T> call) {
        long begun = options.time.nanoTime();
        T answer = guarded(call);
        Duration took = Duration.ofNanos(options.time.nanoTime() - begun);
        slowest = took.compareTo(slowest) > 0 ? took : slowest;
        answered = true;
        return answer;
    }

    /** Whatever else a provider throws or leaves out is a fault of the provider. */
    private <T> T guarded(Supplier<T> call) {
        try {
            return Objects.requireNonNull(call.get(), "the answer");
        } catch (KekException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new KekConfigurationException(
                    Failure.of(kekId, "the provider failed with " + e.getClass().getName())
                            .operatorAction("see the cause, and report it to the provider's maker")
                            .cause(e, keyContext));
        }
    }

    /** A DEK, and its wrap if there is one. */
    private record Sample(Dek dek, Optional<WrappedDek> wrapped) {}

    /** What was being done when it failed. */
    private record Doing(Operation operation, PreflightCheck check, Optional<PreflightProbe> probe) {}
}
