package io.keywrap.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.keywrap.crypto.Jca.Slice;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every vector of C2SP/wycheproof with a key of 256 bits, an IV of 96 and a tag of 128, through the seam. */
class WycheproofAesGcmTest {
    private static final List<Vector> ALL = load();

    static Stream<Vector> valid() {
        return ALL.stream().filter(Vector::valid);
    }

    static Stream<Vector> invalid() {
        return ALL.stream().filter(vector -> !vector.valid());
    }

    @Test
    void noneIsLeftOut() {
        assertThat(valid()).hasSize(39);
        assertThat(invalid()).hasSize(27);
    }

    @ParameterizedTest
    @MethodSource("valid")
    void sealGivesTheVectorsCiphertext(Vector vector) throws Exception {
        byte[] out = new byte[vector.message.length + Jca.GCM_OVERHEAD_BYTES];
        try (Gcm gcm = Jca.withRandom(new FixedRandom(vector.iv)).gcm(vector.key)) {
            assertThat(gcm.seal(Slice.of(vector.message), vector.aad, out, 0)).isEqualTo(out.length);
        }
        assertThat(out).isEqualTo(vector.sealed);
    }

    @ParameterizedTest
    @MethodSource("valid")
    void openGivesTheVectorsMessage(Vector vector) throws Exception {
        byte[] out = new byte[vector.message.length];
        try (Gcm gcm = Jca.platform().gcm(vector.key)) {
            assertThat(gcm.open(Slice.of(vector.sealed), vector.aad, out, 0)).isEqualTo(out.length);
        }
        assertThat(out).isEqualTo(vector.message);
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void openRefusesTheVectorAndWipesItsOutput(Vector vector) {
        byte[] out = new byte[vector.sealed.length - Jca.GCM_OVERHEAD_BYTES];
        Arrays.fill(out, (byte) 0x77);
        try (Gcm gcm = Jca.platform().gcm(vector.key)) {
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> gcm.open(Slice.of(vector.sealed), vector.aad, out, 0));
        }
        assertThat(out).hasSizeGreaterThan(0).containsOnly(0);
    }

    private static List<Vector> load() {
        List<Vector> vectors = new ArrayList<>();
        for (JsonElement each : read().getAsJsonArray("testGroups")) {
            JsonObject group = each.getAsJsonObject();
            if (bits(group, "keySize") == 256 && bits(group, "ivSize") == 96 && bits(group, "tagSize") == 128) {
                group.getAsJsonArray("tests").forEach(test -> vectors.add(Vector.of(test.getAsJsonObject())));
            }
        }
        return vectors;
    }

    private static JsonObject read() {
        String name = "/vectors/wycheproof/aes_gcm_test.json";
        try (Reader in = new InputStreamReader(
                Objects.requireNonNull(WycheproofAesGcmTest.class.getResourceAsStream(name)), StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(in).getAsJsonObject();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int bits(JsonObject group, String field) {
        return group.get(field).getAsInt();
    }

    /** One vector; sealed is IV ‖ ciphertext ‖ tag. */
    private record Vector(
            String name, boolean valid, byte[] key, byte[] iv, byte[] aad, byte[] message, byte[] sealed) {
        static Vector of(JsonObject test) {
            String name =
                    test.get("tcId").getAsString() + " " + test.get("comment").getAsString();
            boolean valid = test.get("result").getAsString().equals("valid");
            String sealed = text(test, "iv") + text(test, "ct") + text(test, "tag");
            return new Vector(
                    name,
                    valid,
                    hex(text(test, "key")),
                    hex(text(test, "iv")),
                    hex(text(test, "aad")),
                    hex(text(test, "msg")),
                    hex(sealed));
        }

        private static String text(JsonObject test, String field) {
            return test.get(field).getAsString();
        }

        private static byte[] hex(String text) {
            return HexFormat.of().parseHex(text);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Gives the same bytes each time. */
    private static final class FixedRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final byte[] fixed;

        FixedRandom(byte[] fixed) {
            this.fixed = fixed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(fixed, 0, bytes, 0, bytes.length);
        }
    }
}
