package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.AnswerTable.Means;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every answer of a KMS to an unwrap makes of the state of a KEK if it lasts, and that its documentation says so: a suite
 * of tests for whoever makes a provider, beside {@link RevocationContract}.
 *
 * <p><b>Thread safety:</b> answers are asked for by several threads at once, each in a world of its own, since many wait for a
 * client to try again.
 *
 * @param <W> what a KEK is in, such as an emulator with the clock that it goes by
 */
public abstract class AnswersContract<W extends AutoCloseable> {
    private static final Duration MOST = Duration.ofSeconds(3);

    /** For the tests of a provider. */
    protected AnswersContract() {}

    /**
     * One answer.
     *
     * @param name what it is called
     * @param change what happens before the call
     * @param type what an unwrap fails with; null if it does not
     * @param reason of a {@link io.keywrap.KekRevokedException}; else null
     * @param code what the KMS calls it; null if it has no word for it
     * @param <W> where
     */
    public record Answer<W>(
            String name,
            Withdrawal.Act<W> change,
            @Nullable Class<? extends KekException> type,
            @Nullable Reason reason,
            @Nullable String code) {}

    /**
     * What is asked.
     *
     * @param time the clock of the KMS
     * @param provider what calls the KMS
     * @param wrapped what is unwrapped
     * @param context its key context
     * @param budget how long a call may take; 3 seconds at the most are taken
     */
    public record Question(
            ManualTime time,
            Supplier<KeyProvider> provider,
            WrappedDek wrapped,
            EncryptionContext context,
            Duration budget) {}

    /**
     * Makes what a KEK is in, anew for each answer.
     *
     * @return the world, with a KEK that works
     * @throws Exception if it cannot be made
     */
    protected abstract W world() throws Exception;

    /**
     * What to ask in a world.
     *
     * @param world the world, after its change
     * @return the question
     */
    protected abstract Question question(W world);

    /**
     * All answers.
     *
     * @return the answers
     */
    protected abstract Stream<Answer<W>> answers();

    /**
     * The page that has the rows of {@link AnswerTable#rows}.
     *
     * @return a text in UTF-8
     */
    protected abstract Path page();

    @SuppressWarnings("try") // What a world fails with when it is closed is its own affair.
    private Means ask(Answer<W> answer) {
        try (W world = world()) {
            answer.change().in(world);
            Question question = question(world);
            Duration budget = question.budget().compareTo(MOST) < 0 ? question.budget() : MOST;
            return AnswerTable.ask(
                    question.time(), question.provider(), question.wrapped(), question.context(), budget);
        } catch (Exception e) {
            throw new AssertionError(answer.name(), e);
        }
    }

    private record Told<W>(Answer<W> answer, Means means) {}

    @Test
    void meanWhatTheirRowsSayAndWhatIsDocumented() throws Exception {
        AnswerTable table = new AnswerTable();
        List<Told<W>> all = answers().toList().parallelStream()
                .map(answer -> new Told<>(answer, ask(answer)))
                .toList();
        assertFalse(all.isEmpty(), "there is no answer");
        for (Told<W> told : all) {
            Answer<W> answer = told.answer();
            assertEquals(AnswerTable.of(answer.type(), answer.reason()), told.means(), answer.name());
            table.add(told.means(), answer.code(), answer.name());
        }
        String page = Files.readString(page());
        for (String row : table.rows()) {
            assertTrue(page.contains(row), "not documented: " + row);
        }
    }
}
