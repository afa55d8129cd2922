package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.azure.WireRow.Op;
import io.keywrap.emulators.AzureAuditEvent;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that Azure can do to a call, done to each operation by the emulator and told as one of keywrap's exceptions. */
class AzureStatesOverTheWireTest {
    static Stream<WireCase> cases() {
        return Stream.concat(WireStateCases.all(), WireAccessCases.all());
    }

    static Stream<Arguments> calls() {
        return cases().flatMap(one -> one.operations().stream().map(operation -> Arguments.of(one, operation)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("calls")
    void eachCallFailsAsItsRowSays(WireCase one, Op operation) throws Exception {
        try (WireWorld world = new WireWorld()) {
            one.change().in(world);
            Throwable failure = catchThrowable(() -> world.call(operation));
            if (one.type() == null) {
                assertThat(failure).isNull();
                return;
            }
            assertThat(failure).isExactlyInstanceOf(one.type());
            KekException told = (KekException) failure;
            assertThat(told.kekId()).contains(world.kekId);
            assertThat(told.operatorAction()).isNotBlank().isNotEqualTo("see the cause");
            assertThat(told).hasMessageContaining(world.kekId.uri()).hasMessageContaining(told.operatorAction());
            assertThat(printed(told)).doesNotContain(WireWorld.SECRET_VALUE);
            assertSaysHow(told, one, world);
            assertSaysWhere(told, one, operation, world);
        }
    }

    private static void assertSaysHow(KekException told, WireCase one, WireWorld world) {
        if (told instanceof KekRevokedException revoked) {
            assertThat(revoked.reason()).isEqualTo(one.reason());
            assertThat(revoked.presumed()).isEqualTo(one.reason() == Reason.DENIED);
            assertThat(revoked.recoverable()).isEqualTo(one.reason() != Reason.DELETED);
            assertThat(revoked.deletion()).isEqualTo(one.deletion().apply(world));
        } else {
            assertThat(one.reason()).isNull();
        }
    }

    private static void assertSaysWhere(KekException told, WireCase one, Op operation, WireWorld world) {
        if (operation == Op.STATUS && one.byState()) {
            assertThat(told.rawCode()).isEmpty();
            return;
        }
        assertThat(told.rawCode()).isEqualTo(Optional.ofNullable(one.code()));
        List<AzureAuditEvent> events = world.emulator.events();
        told.requestId()
                .ifPresent(id -> assertThat(events)
                        .extracting(AzureAuditEvent::requestId)
                        .contains(id));
        if (one.code() != null && !one.code().startsWith("AADSTS")) {
            assertThat(told.requestId()).isPresent();
        }
    }

    private static String printed(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    @Test
    void everyRowHasACaseForEachOfItsOperations() {
        assertThat(missing(cases())).isEmpty();
    }

    @Test
    void aRowWithoutACaseIsNoticed() {
        assertThat(missing(cases().filter(one -> one.row() != WireRow.NETWORK)))
                .hasSize(WireRow.NETWORK.operations.size())
                .contains("NETWORK UNWRAP");
        assertThat(missing(cases().map(one -> one.on(EnumSet.of(Op.UNWRAP))))).contains("DISABLED WRAP");
    }

    private static List<String> missing(Stream<WireCase> cases) {
        List<WireCase> all = cases.toList();
        return Stream.of(WireRow.values())
                .flatMap(row -> row.operations.stream()
                        .filter(operation -> all.stream()
                                .noneMatch(one ->
                                        one.row() == row && one.operations().contains(operation)))
                        .map(operation -> row + " " + operation))
                .toList();
    }
}
