package io.keywrap.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The text to the last space, since people keep it under version control. */
class JsonTest {
    @Test
    void everyKindOfValue() {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("text", "a");
        content.put("number", 12L);
        content.put("truth", true);
        content.put("none", Optional.empty());
        content.put("some", Optional.of("b"));
        content.put("list", List.of(1, Map.of("deep", List.of("c", "d"))));
        content.put("empty list", List.of());
        content.put("empty object", Map.of());
        assertThat(Json.of(content)).isEqualTo("""
            {
              "text": "a",
              "number": 12,
              "truth": true,
              "none": null,
              "some": "b",
              "list": [
                1,
                {
                  "deep": [
                    "c",
                    "d"
                  ]
                }
              ],
              "empty list": [],
              "empty object": {}
            }
            """);
        assertThat(Json.of(Map.of())).isEqualTo("{}\n");
    }

    @Test
    void whatHasToBeEscapedIs() {
        String odd = "\"\\/\b\n\u0000\u001f \u007f\u2027\u2028\u2029\u202aü\ud83d\ude00";
        String written = Json.of(Map.of(odd, odd));
        assertThat(written)
                .contains("\\\"\\\\/\\u0008\\u000a\\u0000\\u001f \u007f\u2027\\u2028\\u2029\u202aü\ud83d\ude00");
        assertThat(JsonParser.parseString(written).getAsJsonObject().get(odd).getAsString())
                .isEqualTo(odd);
    }
}
