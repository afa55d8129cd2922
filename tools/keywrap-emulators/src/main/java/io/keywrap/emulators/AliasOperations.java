package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.emulators.Authorizer.Access;
import java.util.Optional;
import java.util.regex.Pattern;

/** The operations of aliases. */
final class AliasOperations {
    private static final Pattern NAME = Pattern.compile("alias/(?!aws/)[A-Za-z0-9/_-]{1,250}");

    private final KmsStore store;
    private final Authorizer authorizer;
    private final KmsKeys keys;

    AliasOperations(KmsStore store, Authorizer authorizer, KmsKeys keys) {
        this.store = store;
        this.authorizer = authorizer;
        this.keys = keys;
    }

    JsonObject createAlias(KmsRequest request) {
        String arn = aliasArn(request);
        KmsKey target = target(request);
        if (store.aliases().containsKey(arn)) {
            throw KmsFailure.aliasExists(arn);
        }
        store.aliases().put(arn, target.arn());
        return new JsonObject();
    }

    JsonObject updateAlias(KmsRequest request) {
        String arn = aliasArn(request);
        KmsKey target = target(request);
        requireAlias(arn);
        store.aliases().put(arn, target.arn());
        return new JsonObject();
    }

    JsonObject deleteAlias(KmsRequest request) {
        String arn = aliasArn(request);
        authorizer.require(request.caller(), "kms:DeleteAlias");
        requireAlias(arn);
        store.aliases().remove(arn);
        return new JsonObject();
    }

    JsonObject listAliases(KmsRequest request) {
        authorizer.require(request.caller(), "kms:ListAliases");
        Optional<String> only = request.text("KeyId")
                .map(id -> keys.named(request, id, Access.manage("ListAliases")).arn());
        String prefix = Arn.prefix(request.region(), request.caller().account());
        JsonArray list = new JsonArray();
        store.aliases().forEach((arn, target) -> {
            if (arn.startsWith(prefix) && only.map(target::equals).orElse(true)) {
                JsonObject entry = new JsonObject();
                entry.addProperty("AliasName", arn.substring(prefix.length()));
                entry.addProperty("AliasArn", arn);
                entry.addProperty("TargetKeyId", target.substring(target.indexOf("key/") + "key/".length()));
                list.add(entry);
            }
        });
        return KeyOperations.wholeList("Aliases", list);
    }

    private KmsKey target(KmsRequest request) {
        KmsKey target = keys.authorized(request, request.required("TargetKeyId"), Access.manage(request.operation()));
        if (!target.account.equals(request.caller().account())) {
            throw KmsFailure.hidden(request.caller(), "kms:" + request.operation());
        }
        if (target.state().isPendingDeletion()) {
            throw KmsFailure.invalidState(target.arn(), "pending deletion");
        }
        return target;
    }

    private void requireAlias(String arn) {
        if (!store.aliases().containsKey(arn)) {
            throw KmsFailure.noSuchAlias(arn);
        }
    }

    private static String aliasArn(KmsRequest request) {
        String name = request.required("AliasName");
        if (!NAME.matcher(name).matches()) {
            throw KmsFailure.invalidAlias("Invalid alias " + name);
        }
        return Arn.prefix(request.region(), request.caller().account()) + name;
    }
}
