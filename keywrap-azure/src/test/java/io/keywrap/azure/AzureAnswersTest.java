package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.azure.WireRow.Op;
import io.keywrap.testkit.AnswerTable;
import io.keywrap.testkit.AnswerTable.Means;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every answer of Azure Key Vault to an unwrap makes of the state of a KEK if it lasts, over the wire. */
class AzureAnswersTest {
    private static final Path ERRORS = Path.of("..", "docs", "errors.md");

    private static final Duration BUDGET = Duration.ofSeconds(3);

    private static Stream<WireCase> cases() {
        return AzureStatesOverTheWireTest.cases().filter(one -> one.operations().contains(Op.UNWRAP));
    }

    private record Answer(WireCase one, Means means) {}

    private static Answer ask(WireCase one) {
        try (WireWorld world = new WireWorld()) {
            one.change().in(world);
            return new Answer(
                    one,
                    AnswerTable.ask(
                            world.time, () -> world.provider, world.wrapped, world.context, least(world.budget)));
        } catch (Exception e) {
            throw new AssertionError(one.toString(), e);
        }
    }

    private static Duration least(Duration budget) {
        return budget.compareTo(BUDGET) < 0 ? budget : BUDGET;
    }

    @Test
    void meansWhatItsRowSaysAndWhatIsDocumented() throws Exception {
        AnswerTable table = new AnswerTable();
        // Many of them wait for the SDK to try again.
        List<Answer> answers =
                cases().toList().parallelStream().map(AzureAnswersTest::ask).toList();
        for (Answer answer : answers) {
            WireCase one = answer.one();
            assertThat(answer.means()).as(one.toString()).isEqualTo(AnswerTable.of(one.type(), one.reason()));
            table.add(answer.means(), one.code(), one.name());
        }
        assertThat(Files.readString(ERRORS)).contains(table.rows());
    }
}
