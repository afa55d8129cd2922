package io.keywrap.onboarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.onboarding.PreflightProbe.Attempt;
import io.keywrap.onboarding.PreflightProbe.Permission;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.onboarding.PreflightReport.Verdict;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A preflight of a KMS that can be asked for permissions: what it asks, what it tries, and what it says of it. */
class PreflightPermissionsTest {
    private static final KekId KEK = KekId.of("cloud:acme");
    private static final Failure FAILURE = Failure.of(KEK, "told to fail");
    private static final EncryptionContext TENANT = EncryptionContext.of("tenant", "acme");

    private final Kms kms = new Kms();

    private PreflightReport check(PolicyRole... roles) {
        Preflight.Builder builder = Preflight.of(kms).keyContext(TENANT);
        if (roles.length > 0) {
            PolicyRole[] more = Arrays.copyOfRange(roles, 1, roles.length);
            builder.roles(roles[0], more);
        }
        return builder.build().check(KEK);
    }

    private static Verdict verdict(PreflightReport report, PreflightCheck check) {
        return report.line(check).map(Line::verdict).orElse(null);
    }

    private static String detail(PreflightReport report, PreflightCheck check) {
        return report.line(check).orElseThrow().detail();
    }

    private static KekException denial() {
        return new KekRevokedException(FAILURE, Reason.DENIED);
    }

    @Test
    void whereAllIsAllowedItIsSaidAndEverythingIsTried() {
        PreflightReport report = check();
        assertThat(report.verdict()).isEqualTo(Verdict.PASS);
        assertThat(report.lines())
                .extracting(Line::check)
                .contains(
                        PreflightCheck.REACHABLE,
                        PreflightCheck.CALLER,
                        PreflightCheck.PERMISSION_STATUS,
                        PreflightCheck.PERMISSION_WRAP,
                        PreflightCheck.PERMISSION_GENERATE,
                        PreflightCheck.PERMISSION_UNWRAP,
                        PreflightCheck.PERMISSION_REWRAP,
                        PreflightCheck.UNWRAP,
                        PreflightCheck.CONTEXT,
                        PreflightCheck.KEY_STATE);
        assertThat(detail(report, PreflightCheck.PERMISSION_REWRAP)).endsWith("and not needed here");
        assertThat(kms.asked.get(Operation.WRAP).wrapped()).isEmpty();
        assertThat(kms.asked.get(Operation.REWRAP).wrapped()).isPresent();
    }

    @Test
    void whatIsDeniedIsNotTried() {
        kms.answers.put(Operation.WRAP, Permission.denied("kms.wrap", denial()));
        kms.answers.put(Operation.UNWRAP, Permission.unknown("kms.unwrap"));
        PreflightReport report = check();
        assertThat(verdict(report, PreflightCheck.PERMISSION_WRAP)).isEqualTo(Verdict.FAIL);
        assertThat(detail(report, PreflightCheck.PERMISSION_WRAP)).startsWith("kms.wrap is denied: ");
        assertThat(report.line(PreflightCheck.WRAP)).isEmpty();
        assertThat(verdict(report, PreflightCheck.PERMISSION_UNWRAP)).isEqualTo(Verdict.WARN);
        assertThat(detail(report, PreflightCheck.PERMISSION_UNWRAP)).contains("nothing was wrapped");
        assertThat(kms.tried).isEmpty();
    }

    @Test
    void aDenialToUnwrapTriesNeitherThatNorOtherContexts() {
        kms.answers.put(Operation.UNWRAP, Permission.denied("kms.unwrap"));
        PreflightReport report = check();
        assertThat(verdict(report, PreflightCheck.PERMISSION_UNWRAP)).isEqualTo(Verdict.FAIL);
        assertThat(report.line(PreflightCheck.UNWRAP)).isEmpty();
        assertThat(report.line(PreflightCheck.CONTEXT)).isEmpty();
        assertThat(kms.tried).containsExactly("wrap");
        assertThat(verdict(check(PolicyRole.BACKUP), PreflightCheck.PERMISSION_UNWRAP))
                .as("a backup needs none")
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void whatOnlyDoingItCanTellIsAllowedOnceItIsDone() {
        kms.answers.put(Operation.WRAP, Permission.unknown("kms.wrap"));
        kms.answers.put(Operation.UNWRAP, Permission.unknown("kms.unwrap"));
        PreflightReport report = check();
        assertThat(detail(report, PreflightCheck.PERMISSION_WRAP)).isEqualTo("kms.wrap is allowed");
        assertThat(detail(report, PreflightCheck.PERMISSION_UNWRAP)).isEqualTo("kms.unwrap is allowed");
        assertThat(report.verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void whatIsNotTriedAndNotKnownIsAWarningWhereItIsNeeded() {
        kms.answers.put(Operation.GENERATE, Permission.unknown("kms.generate"));
        kms.answers.put(Operation.REWRAP, Permission.unknown("kms.rewrap"));
        PreflightReport byDefault = check();
        assertThat(verdict(byDefault, PreflightCheck.PERMISSION_GENERATE)).isEqualTo(Verdict.WARN);
        assertThat(byDefault.line(PreflightCheck.PERMISSION_REWRAP)).isEmpty();
        assertThat(verdict(check(PolicyRole.REWRAP), PreflightCheck.PERMISSION_REWRAP))
                .isEqualTo(Verdict.WARN);
    }

    @Test
    void aQuestionThatFailsLeavesThePermissionUnknown() {
        kms.failing.put(Operation.GENERATE, new KekUnreachableException(FAILURE));
        PreflightReport report = check();
        assertThat(verdict(report, PreflightCheck.PERMISSION_GENERATE)).isEqualTo(Verdict.WARN);
        assertThat(detail(report, PreflightCheck.PERMISSION_GENERATE)).startsWith("permission: generate is not known");
    }

    @Test
    void aRoleThatMayDoMoreThanItNeedsIsAWarning() {
        PreflightReport report = check(PolicyRole.RESTORE);
        assertThat(verdict(report, PreflightCheck.PERMISSION_UNWRAP)).isEqualTo(Verdict.PASS);
        assertThat(verdict(report, PreflightCheck.PERMISSION_WRAP)).isEqualTo(Verdict.WARN);
    }

    @Test
    void aDenialThatComesWhileItIsDoneReplacesWhatWasSaid() {
        kms.wrapFailure = denial();
        PreflightReport report = check();
        assertThat(report.lines())
                .filteredOn(line -> line.check() == PreflightCheck.PERMISSION_WRAP)
                .extracting(Line::verdict)
                .containsExactly(Verdict.FAIL);
        assertThat(verdict(report, PreflightCheck.PERMISSION_GENERATE)).isEqualTo(Verdict.PASS);
        assertThat(report.line(PreflightCheck.WRAP)).isEmpty();
        kms.wrapFailure = new InvalidWrappedDekException(FAILURE);
        assertThat(verdict(check(), PreflightCheck.IDENTITY)).isEqualTo(Verdict.FAIL);
        kms.wrapFailure = null;
        kms.unwrapFailure = new KekUnreachableException(FAILURE);
        PreflightReport silent = check();
        assertThat(verdict(silent, PreflightCheck.UNWRAP)).isEqualTo(Verdict.FAIL);
        assertThat(silent.line(PreflightCheck.CONTEXT)).isEmpty();
    }

    @Test
    void aKeyThatCannotBeUsedIsNotTried() {
        kms.state = Line.fail(PreflightCheck.KEY_STATE, "disabled", "enable it");
        assertThat(check().verdict()).isEqualTo(Verdict.FAIL);
        for (Map.Entry<KekException, PreflightCheck> failure : Map.of(
                        (KekException) new KekUnreachableException(FAILURE),
                        PreflightCheck.REACHABLE,
                        new InvalidWrappedDekException(FAILURE),
                        PreflightCheck.IDENTITY,
                        new KekRevokedException(FAILURE, Reason.DISABLED),
                        PreflightCheck.KEY_STATE,
                        new KekConfigurationException(FAILURE),
                        PreflightCheck.CALLER)
                .entrySet()) {
            kms.keyFailure = failure.getKey();
            PreflightReport report = check();
            assertThat(verdict(report, failure.getValue())).isEqualTo(Verdict.FAIL);
            assertThat(report.lines())
                    .filteredOn(line -> line.verdict() == Verdict.FAIL)
                    .hasSize(1);
        }
        assertThat(kms.tried).isEmpty();
        assertThat(kms.asked).isEmpty();
    }

    @Test
    void aStateThatMayNotBeReadIsAWarningAndEverythingIsTried() {
        kms.keyFailure = denial();
        PreflightReport report = check();
        assertThat(verdict(report, PreflightCheck.REACHABLE)).isEqualTo(Verdict.PASS);
        assertThat(verdict(report, PreflightCheck.PERMISSION_STATUS)).isEqualTo(Verdict.WARN);
        assertThat(verdict(report, PreflightCheck.UNWRAP)).isEqualTo(Verdict.PASS);
    }

    @Test
    void aPolicyThatIsToDecideByTheContextAndAllowsEachIsAWarning() {
        assertThat(verdict(check(), PreflightCheck.CONTEXT)).isEqualTo(Verdict.PASS);
        kms.decides = true;
        PreflightReport report = check();
        assertThat(verdict(report, PreflightCheck.CONTEXT)).isEqualTo(Verdict.WARN);
        assertThat(detail(report, PreflightCheck.CONTEXT)).endsWith("the policy allows every key context");
        assertThat(Preflight.of(kms)
                        .build()
                        .check(KEK)
                        .line(PreflightCheck.CONTEXT)
                        .map(Line::verdict))
                .as("there is no pair to decide by")
                .contains(Verdict.PASS);
    }

    /** A KMS of one key, which binds a wrap to its whole key context. */
    private static final class Kms implements KeyProvider, KeyProvider.Factory, PreflightProbe {
        private final Map<Operation, Permission> answers = new EnumMap<>(Operation.class);
        private final Map<Operation, KekException> failing = new EnumMap<>(Operation.class);
        private final Map<Operation, Attempt> asked = new EnumMap<>(Operation.class);
        private final List<String> tried = new ArrayList<>();
        private Line state = Line.pass(PreflightCheck.KEY_STATE, "enabled");
        private KekException keyFailure;
        private KekException wrapFailure;
        private KekException unwrapFailure;
        private boolean decides;
        private EncryptionContext bound = EncryptionContext.empty();

        @Override
        public String scheme() {
            return KEK.scheme();
        }

        @Override
        public KeyProvider create(KekId kekId) {
            return this;
        }

        @Override
        public KekId kekId() {
            return KEK;
        }

        @Override
        public Optional<String> region() {
            return Optional.of("here");
        }

        @Override
        public List<Line> key(Deadline deadline) {
            if (keyFailure != null) {
                throw keyFailure;
            }
            return List.of(state);
        }

        @Override
        public Optional<Permission> permission(Operation operation, Attempt attempt) {
            asked.put(operation, attempt);
            if (failing.containsKey(operation)) {
                throw failing.get(operation);
            }
            return Optional.of(answers.getOrDefault(operation, Permission.allowed("kms." + operation)));
        }

        @Override
        public boolean decidesByContext() {
            return decides;
        }

        @Override
        public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
            if (wrapFailure != null) {
                throw wrapFailure;
            }
            tried.add("wrap");
            bound = keyContext;
            return WrappedDek.builder(dek.id(), KEK).build("COPY", dek.withBytes(byte[]::clone));
        }

        @Override
        public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
            tried.add("unwrap");
            if (unwrapFailure != null) {
                throw unwrapFailure;
            }
            if (!keyContext.equals(bound)) {
                throw new InvalidWrappedDekException(FAILURE);
            }
            return Dek.takeOwnershipOf(wrapped.dekId(), wrapped.wrappedBytes());
        }

        @Override
        public void close() {}
    }
}
