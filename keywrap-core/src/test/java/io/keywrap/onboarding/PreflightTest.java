package io.keywrap.onboarding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekDestroyedException;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.keystore.Keystores;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.onboarding.PreflightReport.Verdict;
import io.keywrap.provider.KeyProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preflights of KEKs in key stores, and of providers that do what no provider may. */
class PreflightTest {
    private static final KekId KEK = KekId.of("keystore:main#kek");

    @TempDir
    Path folder;

    private Keystores keystores() throws Exception {
        Path file = folder.resolve("kek.p12");
        if (Files.notExists(file)) {
            Keystores.createKek(file, KEK, "password"::toCharArray);
        }
        return Keystores.builder().pkcs12("main", file, "password"::toCharArray).build();
    }

    private static void assertOnly(PreflightReport report, Verdict verdict, PreflightCheck... checks) {
        assertThat(report.lines().stream()
                        .filter(line -> line.verdict() == verdict)
                        .map(Line::check))
                .as("%s", report.toText())
                .containsExactly(checks);
    }

    @Nested
    class OfAKeyStore {
        @Test
        void itPassesWhatAKeyStoreCanTell() throws Exception {
            PreflightReport report = Preflight.of(keystores())
                    .slowAbove(Duration.ofMinutes(1))
                    .build()
                    .check(KEK);

            assertOnly(
                    report,
                    Verdict.PASS,
                    PreflightCheck.FORM,
                    PreflightCheck.REACHABLE,
                    PreflightCheck.KEY_STATE,
                    PreflightCheck.WRAP,
                    PreflightCheck.IDENTITY,
                    PreflightCheck.UNWRAP,
                    PreflightCheck.CONTEXT,
                    PreflightCheck.LATENCY);
            assertThat(report.verdict()).isEqualTo(Verdict.PASS);
            assertThat(report.lines()).hasSize(8);
        }

        @Test
        void aRuleOfRegionsCannotBeChecked() throws Exception {
            PreflightReport report = Preflight.of(keystores())
                    .regions(Set.of("eu-west-1"))
                    .build()
                    .check(KEK);

            assertOnly(report, Verdict.WARN, PreflightCheck.REGION);
        }

        @Test
        void anotherOwnerFails() throws Exception {
            PreflightReport report =
                    Preflight.of(keystores()).owner("other").build().check(KEK);

            assertOnly(report, Verdict.FAIL, PreflightCheck.OWNER);
        }

        @Test
        void aKeyThatIsNotThereAndAnotherScheme() throws Exception {
            Keystores keystores = keystores();

            assertOnly(
                    Preflight.of(keystores).build().check(KekId.of("keystore:main#none")),
                    Verdict.FAIL,
                    PreflightCheck.KEY_STATE);
            assertOnly(
                    Preflight.of(keystores).build().check(KekId.of("other:main#kek")),
                    Verdict.FAIL,
                    PreflightCheck.FORM);
        }

        @Test
        void theReportIsTextAndJson() throws Exception {
            PreflightReport report =
                    Preflight.of(keystores()).owner("other").build().check(KEK);

            assertThat(report.toText())
                    .startsWith("KEK   keystore:main#kek\nPASS  form                  a KEK of keystore\n"
                            + "FAIL  owner                 the key belongs to main, and not to other\n"
                            + "      to do: ask the customer")
                    .endsWith("FAIL  in all\n");
            assertThat(report.toJson())
                    .startsWith("{\n  \"kek\": \"keystore:main#kek\",\n  \"verdict\": \"FAIL\",\n  \"checks\": [\n")
                    .contains("\"check\": \"OWNER\",\n      \"verdict\": \"FAIL\",\n      \"detail\": \"the key");
        }
    }

    @Nested
    class OfAProviderThatIsNotToBeTrusted {
        private final Hostile hostile = new Hostile();

        private PreflightReport check() throws Exception {
            KeyProvider.Factory honest = keystores();
            hostile.next = honest.create(KEK);
            return Preflight.of(hostile).time(hostile).build().check(KEK);
        }

        @Test
        void oneThatIgnoresTheContextFails() throws Exception {
            hostile.binds = all -> EncryptionContext.empty();

            assertOnly(check(), Verdict.FAIL, PreflightCheck.CONTEXT);
        }

        @Test
        void oneThatBindsTheDekAloneFails() throws Exception {
            hostile.binds = all ->
                    EncryptionContext.of("dek", String.valueOf(all.asMap().get("kw:dek")));
            PreflightReport report = check();
            assertOnly(report, Verdict.FAIL, PreflightCheck.CONTEXT);
            assertThat(report.line(PreflightCheck.CONTEXT).orElseThrow().detail())
                    .endsWith("another keychain");
        }

        @Test
        void oneThatBindsItsOwnPairsAloneFails() throws Exception {
            hostile.binds = all -> EncryptionContext.of(all.asMap().entrySet().stream()
                    .filter(pair -> pair.getKey().startsWith("kw:"))
                    .collect(Collectors.toMap(pair -> pair.getKey().substring(3), pair -> pair.getValue())));
            PreflightReport report = check();
            assertOnly(report, Verdict.FAIL, PreflightCheck.CONTEXT);
            assertThat(report.line(PreflightCheck.CONTEXT).orElseThrow().detail())
                    .endsWith("another tenant");
        }

        @Test
        void oneThatGivesAnotherDekBackFails() throws Exception {
            hostile.swaps = true;

            assertOnly(check(), Verdict.FAIL, PreflightCheck.UNWRAP);
        }

        @Test
        void oneThatWrapsUnderAnotherKekFails() throws Exception {
            hostile.labelled = KekId.of("keystore:main#other");

            PreflightReport report = check();

            assertOnly(report, Verdict.FAIL, PreflightCheck.IDENTITY);
            assertThat(report.line(PreflightCheck.UNWRAP)).isEmpty();
        }

        @Test
        void oneThatBreaksIsAReportToo() throws Exception {
            hostile.failure = new IllegalStateException("secret-value");

            PreflightReport report = check();

            assertOnly(report, Verdict.FAIL, PreflightCheck.WRAP);
            assertThat(report.toText())
                    .contains("java.lang.IllegalStateException")
                    .doesNotContain("secret-value");
        }

        @Test
        void aDenialIsAMissingPermissionAndAnOutageIsNot() throws Exception {
            hostile.failure = new KekRevokedException(Failure.of(KEK, "denied"), Reason.DENIED);
            assertOnly(check(), Verdict.FAIL, PreflightCheck.PERMISSION_WRAP);

            hostile.failure = new KekUnreachableException(Failure.of(KEK, "no answer"));
            assertOnly(check(), Verdict.FAIL, PreflightCheck.WRAP);
        }

        @Test
        void aDenialOfAnotherContextCountsIfItsOwnStillOpens() throws Exception {
            hostile.denies = context -> context.asMap().containsKey(Preflight.KEYCHAIN);

            PreflightReport report = check();

            assertOnly(report, Verdict.FAIL);
            assertOnly(report, Verdict.WARN);
            assertThat(report.line(PreflightCheck.CONTEXT).orElseThrow().detail())
                    .isEqualTo(
                            "refused by the key for another DEK, another keychain; denied by the policy for another tenant");
        }

        @Test
        void aDenialOfEverythingIsNoRefusalOfAContext() throws Exception {
            hostile.denies = context -> hostile.seen.size() > 1; // From the second unwrap on.

            PreflightReport report = check();

            assertOnly(report, Verdict.WARN, PreflightCheck.CONTEXT);
            assertThat(report.line(PreflightCheck.CONTEXT).orElseThrow().detail())
                    .startsWith(
                            "not found out with the key context of another DEK, and by now not with its own either");
        }

        @Test
        void slowCallsAreAWarning() throws Exception {
            hostile.takes = Duration.ofSeconds(2);

            PreflightReport report = check();

            assertOnly(report, Verdict.WARN, PreflightCheck.LATENCY);
            assertThat(report.line(PreflightCheck.LATENCY).orElseThrow().detail())
                    .startsWith("2000 ms");
        }

        @Test
        void nothingIsLeftBehind() throws Exception {
            hostile.binds = all -> EncryptionContext.empty();

            check();

            assertThat(hostile.seen).hasSizeGreaterThan(2);
            assertThat(hostile.seen).allMatch(OfAProviderThatIsNotToBeTrusted::isWiped);
            assertThat(hostile.closed).isTrue();
        }

        private static boolean isWiped(Dek dek) {
            try {
                dek.withBytes(bytes -> bytes.length);
                return false;
            } catch (DekDestroyedException | IllegalStateException e) {
                return true;
            }
        }
    }

    @Test
    void optionsHaveLimits() throws Exception {
        Preflight.Builder builder = Preflight.of(keystores());
        assertThatIllegalArgumentException().isThrownBy(() -> builder.budget(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.slowAbove(Duration.ofSeconds(-1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.keyContext(EncryptionContext.of("tenant", "x".repeat(2000))));
    }

    @Test
    void aCloudCannotBreakTheLinesOfAReport() {
        PreflightReport report =
                new PreflightReport(KEK, List.of(Line.pass(PreflightCheck.KEY_TYPE, "RSA\nPASS  all is well\u202e")));

        assertThat(report.toText()).contains("RSA?PASS  all is well?").hasLineCount(3);
    }

    /** What a binding of the context leaves of it. */
    private interface Binding {
        EncryptionContext of(EncryptionContext all);
    }

    /** A key store that is made to lie, and its clock. */
    private static final class Hostile implements KeyProvider, KeyProvider.Factory, TimeSource {
        private KeyProvider next = this;
        private Binding binds = all -> all;
        private Predicate<EncryptionContext> denies = context -> false;
        private boolean swaps;
        private KekId labelled = KEK;
        private RuntimeException failure;
        private Duration takes = Duration.ZERO;
        private long nanos;
        private boolean closed;
        private final List<Dek> seen = new ArrayList<>();

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
        public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
            if (failure != null) {
                throw failure;
            }
            seen.add(dek);
            nanos += takes.toNanos();
            WrappedDek wrapped = next.wrap(dek, binds.of(keyContext), deadline);
            return WrappedDek.builder(wrapped.dekId(), labelled).build(wrapped.algorithm(), wrapped.wrappedBytes());
        }

        @Override
        public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
            if (denies.test(keyContext)) {
                throw new KekRevokedException(Failure.of(KEK, "denied"), Reason.DENIED);
            }
            Dek dek = next.unwrap(wrapped, binds.of(keyContext), deadline);
            Dek given = swaps ? Dek.random(dek.id()) : dek;
            seen.add(given);
            return given;
        }

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }
    }
}
