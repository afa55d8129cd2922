package io.keywrap.azure;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/** What Azure has unwrapped is the DEK of this key context, or nothing; and is wiped either way. */
class BoundDekFuzzTest {
    private static final DekId ID = DekId.of(new byte[DekId.BYTES]);
    private static final EncryptionContext CONTEXT =
            EncryptionContext.ofDek("keychain", ID, EncryptionContext.of("tenant", "acme"));

    @FuzzTest(maxDuration = "60m")
    void opensWithItsContextAlone(byte[] input) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(CONTEXT.toBytes());
        Cost.of(input, () -> {
            opens(input, digest);
            byte[] genuine = Arrays.copyOf(input, Dek.BYTES + digest.length);
            System.arraycopy(digest, 0, genuine, Dek.BYTES, digest.length);
            opens(genuine, digest);
        });
    }

    private static void opens(byte[] bound, byte[] digest) {
        boolean genuine = bound.length == 64 && Arrays.equals(bound, 32, 64, digest, 0, 32);
        byte[] wiped = bound.clone();
        Optional<Dek> opened = BoundDek.open(wiped, ID, CONTEXT, Optional.empty());
        Same.value(opened.isPresent(), genuine);
        Same.bytes(wiped, new byte[bound.length]);
        opened.ifPresent(dek -> {
            try (dek) {
                Same.value(dek.id(), ID);
                Same.bytes(dek.withBytes(byte[]::clone), Arrays.copyOf(bound, 32));
            }
        });
    }
}
