package io.keywrap.bench.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** That rows of several threads are measured with several threads, and warm ones warm. */
class EndsTest {
    @Test
    void aSourceSaysWhatIsAtHandSinceOtherwiseNoOtherThreadHelps() throws Exception {
        Ends.Repeated repeated = new Ends.Repeated(new byte[10], 25);
        Ends.Array array = new Ends.Array(new byte[25]);
        for (var source : List.of(repeated, array)) {
            assertThat(source.available()).isEqualTo(25);
            assertThat(source.readNBytes(new byte[24], 0, 24)).isEqualTo(24);
            assertThat(source.available()).isEqualTo(1);
            assertThat(source.readAllBytes()).hasSize(1);
            assertThat(source.available()).isZero();
        }
        assertThat(new Ends.Repeated(new byte[10], 1L << 40).available()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void shortRoundsAreWarmedUpForTwoSeconds() throws Exception {
        int[] rounds = {0};
        List<Double> measured = Rounds.run(3, () -> {
            rounds[0]++;
            return 0.25;
        });
        assertThat(measured).hasSize(3);
        assertThat(rounds[0]).isEqualTo(8 + 3);
    }

    @Test
    void whoGetsFasterIsWarmedUpForLongerButNotForEver() throws Exception {
        double[] next = {128};
        List<Double> measured = Rounds.run(3, () -> next[0] /= 2);
        assertThat(measured).startsWith(1.0);
    }
}
