package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeMessage.Segments;
import io.keywrap.floe.FloeParameters;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A provider that fails when it is to forget a key: whatever else there is to forget is forgotten all the same. */
class FailureToForgetTest {
    private static final FloeParameters PARAMETERS = FloeParameters.ofSegmentLength(65_536);

    private final AtomicBoolean broken = new AtomicBoolean();
    private final StubProvider provider = StubProvider.thatBreaks(broken::get);
    private final Jca jca = new Jca(null, Suite.of(provider, provider, provider, new SecureRandom()));

    @Test
    void everyCipherOfAMessageIsClosed() {
        FloeMessage message =
                FloeMessage.startEncryption(new Keyed(jca.random(Jca.KEY_BYTES), new byte[5]), PARAMETERS, jca);
        Segments first = message.segments();
        Segments second = message.segments();
        encrypt(first);
        encrypt(second);
        broken.set(true);
        assertThatIllegalStateException().isThrownBy(message::close);
        broken.set(false);
        assertThatIllegalStateException().isThrownBy(() -> encrypt(first));
        assertThatIllegalStateException().isThrownBy(() -> encrypt(second));
    }

    private static void encrypt(Segments segments) {
        segments.encryptLast(0, Slice.of(new byte[3]), new byte[100], 0);
    }
}
