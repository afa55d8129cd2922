package io.keywrap.emulators;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.net.httpserver.Headers;
import io.keywrap.TimeSource;
import io.keywrap.emulators.KmsService.Answer;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.util.Optional;

/**
 * Any request to the emulator of AWS KMS is answered as AWS does, and never with an exception that would cut the connection. The
 * first line of an input is the operation, or a form, and the rest is the body.
 */
class AwsRequestFuzzTest {
    private static final String ARN = "arn:aws:iam::111122223333:user/fuzz";
    private static final String SIGNED =
            "AWS4-HMAC-SHA256 Credential=AKIAFUZZ/20261101/us-east-1/%s/aws4_request, Signature=0";

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "aws.dict")
    void isAnswered(byte[] input) throws Exception {
        String text = Same.text(input);
        int line = Math.max(0, text.indexOf('\n'));
        String operation = text.substring(0, line);
        String body = text.substring(Math.min(line + 1, text.length()));
        KmsService service = service();
        Headers headers = new Headers();
        if (operation.isEmpty()) {
            headers.set("Content-Type", "application/x-www-form-urlencoded");
        } else {
            headers.set("X-Amz-Target", "TrentService." + operation.replace("\r", ""));
        }
        headers.set("Authorization", SIGNED.formatted(operation.isEmpty() ? "sts" : "kms"));
        Cost.of(input, () -> {
            requireAnswered(service.answer(WireRequest.of(headers, body)));
            // Under the policy and the grants that the first may have made.
            requireAnswered(service.answer(WireRequest.of(describing(), "{\"KeyId\":\"alias/k\"}")));
        });
    }

    private static void requireAnswered(Answer answer) {
        Same.value(answer.status() >= 200 && answer.status() < 500, true);
    }

    private static Headers describing() {
        Headers headers = new Headers();
        headers.set("X-Amz-Target", "TrentService.DescribeKey");
        headers.set("Authorization", SIGNED.formatted("kms"));
        return headers;
    }

    /** With one key, which has an alias. */
    private static KmsService service() {
        KmsStore store = new KmsStore(TimeSource.system());
        Authorizer authorizer = new Authorizer();
        KmsKeys keys = new KmsKeys(store, authorizer);
        Credentials credentials = new Credentials(Optional.of(ARN));
        KmsKey key = store.create(AwsKeySpec.symmetric(), "us-east-1", "111122223333");
        store.aliases().put("arn:aws:kms:us-east-1:111122223333:alias/k", key.arn());
        return new KmsService(
                store,
                credentials,
                new Sts(credentials, store),
                new KmsOperations(store, authorizer, keys),
                new FaultRules<>(TimeSource.system()),
                new EventLog(store, keys, event -> {}));
    }
}
