package io.keywrap.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.EncryptionContext;
import io.keywrap.WrappedDek;
import java.util.List;
import java.util.function.Function;

/** The forms that several results share. */
final class Json {
    private static final Gson GSON =
            new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();

    private Json() {}

    static String print(JsonObject object) {
        return GSON.toJson(object);
    }

    /** A context as it is stored, with its values: only for those who asked to see it. */
    static JsonObject context(EncryptionContext context) {
        JsonObject pairs = new JsonObject();
        context.asMap().forEach(pairs::addProperty);
        return pairs;
    }

    static JsonObject wrap(WrappedDek wrapped) {
        JsonObject object = new JsonObject();
        object.addProperty("kek", wrapped.kekId().uri());
        object.addProperty("kekVersion", wrapped.kekVersion());
        object.addProperty("algorithm", wrapped.algorithm());
        object.addProperty("wrappedBytes", wrapped.wrappedBytes().length);
        return object;
    }

    static <T> JsonArray objects(List<T> items, Function<T, JsonObject> form) {
        JsonArray array = new JsonArray();
        items.forEach(item -> array.add(form.apply(item)));
        return array;
    }

    static <T> JsonArray strings(List<T> items) {
        JsonArray array = new JsonArray();
        items.forEach(item -> array.add(item.toString()));
        return array;
    }
}
