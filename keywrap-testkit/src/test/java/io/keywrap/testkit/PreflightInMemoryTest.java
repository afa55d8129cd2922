package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.onboarding.Preflight;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightReport;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.onboarding.PreflightReport.Verdict;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a product sees of a preflight in its tests, where no cloud is. */
class PreflightInMemoryTest {
    private final InMemoryKms kms = new InMemoryKms();
    private final InMemoryKek kek = kms.kek("customer");

    private PreflightReport check(KekId kekId) {
        return Preflight.of(kms).time(kms.time()).build().check(kekId);
    }

    @Test
    void aKekThatWillDoPassesAndNoneIsLeftBehind() {
        PreflightReport report = check(kek.id());

        assertThat(report.verdict()).as(report.toText()).isEqualTo(Verdict.PASS);
        assertThat(report.lines())
                .extracting(Line::check)
                .contains(PreflightCheck.CONTEXT)
                .doesNotContain(PreflightCheck.PERMISSION_REWRAP);
        assertThat(kek.wraps()).isEqualTo(1);
        assertThat(kek.unwraps()).isEqualTo(4);
    }

    @Test
    void aRewrapInsideIsTriedWhereThereIsOne() {
        kms.serverSideRewrap(true);

        assertThat(check(kek.id()).line(PreflightCheck.PERMISSION_REWRAP))
                .hasValueSatisfying(line -> assertThat(line.verdict()).isEqualTo(Verdict.PASS));
        assertThat(kek.rewraps()).isEqualTo(1);
    }

    static Stream<Arguments> whatIsWrong() {
        return Stream.of(
                Arguments.of("disabled", to(InMemoryKek::disable), PreflightCheck.KEY_STATE),
                Arguments.of(
                        "to be deleted", to(kek -> kek.scheduleDeletion(Duration.ofDays(7))), PreflightCheck.KEY_STATE),
                Arguments.of("not there", to(InMemoryKek::remove), PreflightCheck.KEY_STATE),
                Arguments.of("unreachable", to(InMemoryKek::unreachable), PreflightCheck.REACHABLE),
                Arguments.of("throttled", to(InMemoryKek::throttle), PreflightCheck.REACHABLE),
                Arguments.of("denied", to(InMemoryKek::deny), PreflightCheck.PERMISSION_WRAP));
    }

    private static Consumer<InMemoryKek> to(Consumer<InMemoryKek> change) {
        return change;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatIsWrong")
    void whatIsWrongHasItsOwnLine(String name, Consumer<InMemoryKek> change, PreflightCheck check) {
        change.accept(kek);

        PreflightReport report = check(kek.id());

        assertThat(report.lines().stream()
                        .filter(line -> line.verdict() == Verdict.FAIL)
                        .map(Line::check))
                .as("%s: %s", name, report.toText())
                .containsExactly(check);
    }
}
