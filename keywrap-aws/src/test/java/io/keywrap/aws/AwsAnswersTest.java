package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.aws.WireRow.Op;
import io.keywrap.testkit.AnswerTable;
import io.keywrap.testkit.AnswerTable.Means;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every answer of AWS KMS to an unwrap makes of the state of a KEK if it lasts, over the wire. */
class AwsAnswersTest {
    private static final Path ERRORS = Path.of("").toAbsolutePath().getParent().resolve("docs/errors.md");

    private static Stream<WireCase> cases() {
        return AwsStatesOverTheWireTest.cases().filter(one -> one.operations().contains(Op.DECRYPT));
    }

    @Test
    void meansWhatItsRowSaysAndWhatIsDocumented() throws Exception {
        AnswerTable table = new AnswerTable();
        for (WireCase one : cases().toList()) {
            try (WireWorld world = new WireWorld()) {
                one.change().in(world);
                Means means = AnswerTable.ask(
                        world.time, () -> world.provider, world.wrapped, world.context, world.budget);
                assertThat(means).as(one.toString()).isEqualTo(AnswerTable.of(one.type(), one.reason()));
                table.add(means, one.code(), one.name());
            }
        }
        assertThat(Files.readString(ERRORS)).contains(table.rows());
    }
}
