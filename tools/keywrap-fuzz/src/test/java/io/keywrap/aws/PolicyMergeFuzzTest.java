package io.keywrap.aws;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.keywrap.EncryptionContext;
import io.keywrap.aws.AwsKeyPolicy.Merged;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import java.io.IOException;
import java.io.StringReader;
import java.util.regex.Pattern;

/**
 * The policy of a customer's key is refused with the documented exception, or was JSON by another parser's judgement too; then
 * everything else in it is kept, and merging once more changes nothing.
 */
class PolicyMergeFuzzTest {
    private static final AwsKeyPolicy POLICY = AwsKeyPolicy.of(
            AwsKeyArn.parse("arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4111-8222-333344445555"),
            VendorAccess.of(PolicyRole.BACKUP, "arn:aws:iam::444455556666:role/backup"),
            EncryptionContext.of("tenant", "acme"));
    private static final TypeAdapter<JsonElement> JSON = new Gson().getAdapter(JsonElement.class);

    /** Many digits; the first five of them suffice to tell a number, and are more than an escape has. */
    private static final Pattern LONG = Pattern.compile("([0-9]{5})[0-9]{14,}");

    @FuzzTest(maxDuration = "60m")
    @DictionaryFile(resourcePath = "policy.dict")
    void mergedOnceAndAgain(byte[] input) throws Exception {
        Cost.of(input, () -> {
            String text = Same.text(input);
            Merged merged;
            try {
                merged = POLICY.mergedInto(text);
            } catch (IllegalArgumentException refused) {
                return;
            }
            JsonObject before = json(text);
            JsonObject after = json(merged.document());
            before.entrySet().stream()
                    .filter(member -> !member.getKey().equals("Statement"))
                    .forEach(member -> Same.value(after.get(member.getKey()), member.getValue()));
            Same.value(after.keySet(), before.keySet());
            Merged again = POLICY.mergedInto(merged.document());
            Same.value(again.document(), merged.document());
            Same.value(again.diff(), "");
        });
    }

    /** By another parser. It refuses a number whose digits, but for the last, are a multiple of 2^64; so it judges shorter ones. */
    private static JsonObject json(String text) {
        read(LONG.matcher(text).replaceAll("$1"), Strictness.STRICT);
        return read(text, Strictness.LENIENT);
    }

    private static JsonObject read(String text, Strictness strictness) {
        try {
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(strictness);
            JsonObject object = JSON.read(reader).getAsJsonObject();
            Same.value(reader.peek(), JsonToken.END_DOCUMENT);
            return object;
        } catch (IOException | JsonParseException e) {
            throw new AssertionError("accepted, and is no JSON", e);
        }
    }
}
