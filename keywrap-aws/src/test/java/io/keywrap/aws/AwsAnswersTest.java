package io.keywrap.aws;

import io.keywrap.aws.WireRow.Op;
import io.keywrap.testkit.AnswersContract;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What every answer of AWS KMS to an unwrap makes of the state of a KEK if it lasts, over the wire. */
class AwsAnswersTest extends AnswersContract<WireWorld> {
    @Override
    protected WireWorld world() {
        return new WireWorld();
    }

    @Override
    protected Question question(WireWorld world) {
        return new Question(world.time, () -> world.provider, world.wrapped, world.context, world.budget);
    }

    @Override
    protected Stream<Answer<WireWorld>> answers() {
        return AwsStatesOverTheWireTest.cases()
                .filter(one -> one.operations().contains(Op.DECRYPT))
                .map(one -> new Answer<>(one.name(), one.change()::in, one.type(), one.reason(), one.code()));
    }

    @Override
    protected Path page() {
        return Path.of("..", "docs", "errors.md");
    }
}
