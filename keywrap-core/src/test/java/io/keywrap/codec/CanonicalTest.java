package io.keywrap.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.codec.Canonical.Malformed;
import io.keywrap.codec.Canonical.Reader;
import io.keywrap.codec.Canonical.Writer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Fields at their limits and one beyond, whatever they are used for. */
class CanonicalTest {
    @Test
    void integersOfEveryWidth() throws Malformed {
        for (int width = 1; width <= 8; width++) {
            long most = width == 8 ? Long.MAX_VALUE : (1L << (8 * width)) - 1;
            byte[] written =
                    new Writer().unsigned(most, width).unsigned(0, width).toBytes();
            assertThat(written).hasSize(2 * width);
            Reader in = new Reader(written);
            assertThat(in.unsigned("most", width)).isEqualTo(most);
            assertThat(in.remaining()).isEqualTo(width);
            assertThat(in.unsigned("none", width)).isZero();
            in.end();
        }
    }

    @Test
    void integersThatDoNotFitAreNotWritten() {
        for (int width = 1; width < 8; width++) {
            int bytes = width;
            assertThatIllegalArgumentException().isThrownBy(() -> new Writer().unsigned(1L << (8 * bytes), bytes));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new Writer().unsigned(-1, 8));
    }

    @Test
    void whatEndsTooSoonIsCutAtEveryField() {
        byte[] three = {0, 3, 1};
        assertThatMalformed(() -> new Reader(three).unsigned("number", 4), "number is cut");
        assertThatMalformed(() -> new Reader(three).bytes("bytes", 4), "bytes is cut");
        assertThatMalformed(() -> new Reader(three).sized("bytes", 3), "bytes is cut");
        assertThatMalformed(() -> new Reader(three).sized("bytes", 2), "bytes length is 3, the limit is 2");
        assertThatMalformed(() -> new Reader(three).end(), "3 bytes too many");
        assertThatMalformed(() -> new Reader(new byte[] {-128, 0, 0, 0, 0, 0, 0, 0}).unsigned("time", 8), "2^63");
    }

    @Test
    void limitsAreTheLastValueThatIsAccepted() throws Malformed {
        assertThat(new Reader(new byte[] {7}).limited("count", 1, 7)).isEqualTo(7);
        assertThatMalformed(() -> new Reader(new byte[] {8}).limited("count", 1, 7), "count is 8, the limit is 7");
    }

    @Test
    void textOfEveryPlane() throws Malformed {
        for (String text : new String[] {"", "a\u007f", "\u0080", "ü", "\u20ac", "\ud83d\ude00"}) {
            assertThat(new Reader(new Writer().text(text).toBytes()).text("text", 9))
                    .isEqualTo(text);
        }
        assertThatMalformed(() -> new Reader(new byte[] {0, 1, -128}).text("text", 9), "text is not UTF-8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Writer().text("\ud83d"))
                .withMessageNotContaining("\ud83d");
    }

    @Test
    void aWriterGrowsByAsMuchAsIsNeeded() {
        byte[] large = new byte[5_000];
        large[0] = 1;
        large[4_999] = 2;
        byte[] written = new Writer()
                .unsigned(3, 1)
                .bytes(large)
                .bytes(new byte[0])
                .unsigned(4, 1)
                .toBytes();
        assertThat(written).hasSize(5_002).startsWith(3, 1).endsWith(2, 4);
        assertThat(new Writer().toBytes()).isEmpty();
        assertThat(new Writer().bytes(new byte[128]).unsigned(1, 1).toBytes()).hasSize(129);
    }

    @Test
    void keychainIds() throws Malformed {
        String longest = "ü".repeat(128);
        assertThat(Canonical.requireKeychainId(longest)).isEqualTo(longest);
        assertThat(new Reader(new Writer().text("a b").toBytes()).keychainId()).isEqualTo("a b");
        for (String none : new String[] {"", longest + "a", "a\u0000", "\u001f", "\u007f", "\u0085"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Canonical.requireKeychainId(none));
            assertThatExceptionOfType(Malformed.class)
                    .isThrownBy(() -> new Reader(new Writer().text(none).toBytes()).keychainId());
        }
    }

    @Test
    void optionsWithinTheirLimits() {
        assertThat(Limits.within("they are", 1, 3)).isEqualTo(1);
        assertThat(Limits.within("they are", 3, 3)).isEqualTo(3);
        for (int out : new int[] {0, 4}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Limits.within("they are", out, 3))
                    .withMessage("they are 1 to 3, not " + out);
        }
        Duration second = Duration.ofSeconds(1);
        Duration minute = Duration.ofMinutes(1);
        assertThat(Limits.within("it", second, second, minute)).isEqualTo(second);
        assertThat(Limits.within("it", minute, second, minute)).isEqualTo(minute);
        for (Duration out : new Duration[] {second.minusNanos(1), minute.plusNanos(1)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Limits.within("it", out, second, minute))
                    .withMessage("it is PT1S to PT1M, not " + out);
        }
    }

    private static void assertThatMalformed(Reading reading, String message) {
        assertThatExceptionOfType(Malformed.class).isThrownBy(reading::run).withMessageContaining(message);
    }

    private interface Reading {
        void run() throws Malformed;
    }
}
