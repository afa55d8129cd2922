package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.gcp.WireRow.Op;
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

/** Every row of what Cloud KMS can do to a call, from the emulator over gRPC and Google's client to the exception. */
class GcpStatesOverTheWireTest {
    static Stream<Arguments> calls() {
        return WireCases.all().flatMap(one -> one.operations().stream().map(operation -> Arguments.of(one, operation)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("calls")
    void eachCallFailsAsItsRowSays(WireCase one, Op operation) throws Exception {
        try (WireWorld world = new WireWorld()) {
            one.change().in(world);
            Throwable failure = catchThrowable(() -> world.call(operation));
            assertThat(failure).isExactlyInstanceOf(one.type());
            KekException told = (KekException) failure;
            assertThat(told.kekId()).contains(world.provider.kekId());
            assertThat(told.operatorAction()).isNotBlank().isNotEqualTo("see the cause");
            assertThat(told)
                    .hasMessageContaining(world.provider.kekId().uri())
                    .hasMessageContaining(told.operatorAction());
            assertThat(printed(told)).doesNotContain(WireWorld.SECRET_VALUE);
            assertSaysHow(told, one, world);
            boolean stateAlone = operation == Op.STATUS
                    && one.code() != null
                    && one.code().contains("/KEY_")
                    && one.row() != WireRow.UNKNOWN;
            assertThat(told.rawCode()).isEqualTo(stateAlone ? Optional.empty() : Optional.ofNullable(one.code()));
        }
    }

    private static void assertSaysHow(KekException told, WireCase one, WireWorld world) {
        if (told instanceof KekRevokedException revoked) {
            assertThat(revoked.reason()).isEqualTo(one.reason());
            assertThat(revoked.presumed()).isEqualTo(one.reason() == Reason.DENIED);
            assertThat(revoked.recoverable()).isEqualTo(one.reason() != Reason.DELETED);
            assertThat(revoked.deletion())
                    .isEqualTo(one.dated() ? world.key.primary().destroyTime() : Optional.empty());
        } else {
            assertThat(one.reason()).isNull();
        }
    }

    private static String printed(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    @Test
    void everyRowHasACaseForEachOfItsOperations() {
        assertThat(missing(WireCases.all())).isEmpty();
    }

    @Test
    void aRowWithoutACaseIsNoticed() {
        assertThat(missing(WireCases.all().filter(one -> one.row() != WireRow.EXTERNAL)))
                .hasSize(WireRow.EXTERNAL.operations.size())
                .contains("EXTERNAL UNWRAP");
        assertThat(missing(WireCases.all().map(one -> one.on(EnumSet.of(Op.UNWRAP)))))
                .contains("DISABLED GENERATE");
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
