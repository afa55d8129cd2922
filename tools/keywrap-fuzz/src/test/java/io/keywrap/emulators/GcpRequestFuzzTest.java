package io.keywrap.emulators;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.cloud.kms.v1.ProtectionLevel;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import io.keywrap.TimeSource;
import io.keywrap.fuzz.Cost;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Any message to the emulator of Cloud KMS is answered as Google does, and never as an error inside of it. The first byte of an
 * input chooses the method, the rest is the message as it comes over gRPC.
 */
class GcpRequestFuzzTest {
    private static final String RING = "projects/keywrap-test/locations/europe-west1/keyRings/ring";

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "gcp.dict")
    void isAnswered(byte[] input) throws Exception {
        if (input.length == 0) {
            return;
        }
        GcpStore store = new GcpStore(TimeSource.system());
        store.rings().put(RING, store.now());
        store.create(RING + "/cryptoKeys/kek", CryptoKeyPurpose.ENCRYPT_DECRYPT, ProtectionLevel.SOFTWARE);
        GcpService service =
                new GcpService(store, new FaultRules<>(TimeSource.system()), new RequestLog<>(event -> {}));
        List<GcpMethod<?, ?>> methods = new GcpMethods(store).all();
        GcpMethod<?, ?> method = methods.get((input[0] & 0xFF) % methods.size());
        byte[] message = Arrays.copyOfRange(input, 1, input.length);
        Cost.of(input, () -> answer(service, method, message));
    }

    @SuppressWarnings("unchecked") // The parser gives what the method takes.
    private static <Q extends Message> void answer(GcpService service, GcpMethod<Q, ?> method, byte[] message) {
        Q request;
        try {
            request = (Q) method.request().getParserForType().parseFrom(message);
        } catch (InvalidProtocolBufferException refused) {
            return; // By gRPC.
        }
        GcpService.Answer<?> answer = service.answer(method, request, Optional.empty());
        if (answer.status().getCode() == Code.INTERNAL_VALUE) {
            throw new AssertionError("an error inside: " + answer.status().getMessage());
        }
    }
}
