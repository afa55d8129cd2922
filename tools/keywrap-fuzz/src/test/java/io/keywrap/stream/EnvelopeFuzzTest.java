package io.keywrap.stream;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.DataException;
import io.keywrap.KeywrapException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whole envelopes, under a DEK that is always the same: every verb refuses one with a typed exception, or all of them give the same
 * plaintext. What is given must be genuine, so it is what stands in the corpus, zeros alone.
 */
class EnvelopeFuzzTest {
    private static final EnvelopeCipher CIPHER =
            EnvelopeCipher.of(new FixedKeys()).withParallelism(1);

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "/io/keywrap/fuzz/envelope.dict")
    void everyVerbAlike(byte[] input) throws Exception {
        Cost.of(input, () -> {
            byte @Nullable [] array = opened(() -> CIPHER.decrypt(input, FixedKeys.OBJECT));
            byte @Nullable [] stream = opened(() -> {
                try (InputStream in = CIPHER.reader(new ByteArrayInputStream(input), FixedKeys.OBJECT)) {
                    return in.readAllBytes();
                }
            });
            byte @Nullable [] copied = opened(() -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                CIPHER.decrypt(new ByteArrayInputStream(input), out, FixedKeys.OBJECT);
                return out.toByteArray();
            });
            byte @Nullable [] view = opened(() -> viewed(input));
            if (!Arrays.equals(array, stream) || !Arrays.equals(array, copied) || !Arrays.equals(array, view)) {
                throw new AssertionError("the verbs differ");
            }
            if (array != null) {
                Same.bytes(array, new byte[array.length]);
                EnvelopeHeader header = EnvelopeHeader.read(new ByteArrayInputStream(input));
                Same.value(header.objectContext().contains(FixedKeys.OBJECT), true);
            }
        });
    }

    private static byte[] viewed(byte[] input) throws IOException {
        EnvelopeView.RangeReader source =
                (offset, length) -> Arrays.copyOfRange(input, (int) offset, (int) offset + length);
        try (EnvelopeView view = CIPHER.view(source, input.length, FixedKeys.OBJECT)) {
            ByteBuffer all = ByteBuffer.allocate((int) view.size());
            while (all.hasRemaining() && view.read(all) >= 0) {
                // Until it is whole.
            }
            return all.array();
        }
    }

    /** The plaintext; null if it was refused. */
    private static byte @Nullable [] opened(Opening opening) throws IOException {
        try {
            return opening.run();
        } catch (DataException refused) {
            return null;
        } catch (IOException e) {
            if (Objects.requireNonNull(e.getCause()) instanceof KeywrapException) {
                return null;
            }
            throw e;
        }
    }

    private interface Opening {
        byte[] run() throws IOException;
    }
}
