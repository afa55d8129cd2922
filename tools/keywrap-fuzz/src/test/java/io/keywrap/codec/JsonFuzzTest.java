package io.keywrap.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** JSON that is written of foreign texts is read as these texts. */
class JsonFuzzTest {
    @FuzzTest(maxDuration = "60m")
    void writtenThenReadIsIdentity(byte[] input) throws Exception {
        Cost.of(input, () -> {
            Map<String, Object> content = new LinkedHashMap<>();
            for (String line : Same.text(input).split("\n", -1)) {
                int equals = Math.max(0, line.indexOf('='));
                String value = line.substring(equals);
                content.put(line.substring(0, equals), List.of(value, Optional.of(value), Map.of(value, 1)));
            }
            JsonElement read = JsonParser.parseString(Json.of(content));
            Same.value(read.getAsJsonObject().keySet(), content.keySet());
            content.forEach((name, values) -> {
                String value = (String) ((List<?>) values).get(0);
                List<JsonElement> found =
                        read.getAsJsonObject().getAsJsonArray(name).asList();
                Same.value(found.get(0).getAsString(), value);
                Same.value(found.get(1).getAsString(), value);
                Same.value(found.get(2).getAsJsonObject().get(value).getAsInt(), 1);
            });
        });
    }
}
