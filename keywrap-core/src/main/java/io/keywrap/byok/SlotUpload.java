package io.keywrap.byok;

import io.keywrap.byok.SlotVersion.Secret;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * A key that is about to be taken in.
 *
 * @param fingerprint by which it is known again in its slot
 * @param secret wraps it, which is not done before it is known that it fits
 * @param now when it came
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and gone with the call.
record SlotUpload(byte[] fingerprint, Supplier<Secret> secret, Instant now) {}
