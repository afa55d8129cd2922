package io.keywrap.emulators;

import io.keywrap.emulators.Authorizer.Access;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A grant: one principal may do some operations.
 *
 * @param id its id
 * @param token its token, which is accepted and not needed: grants work at once here
 * @param name its name, if it has one
 * @param grantee the ARN of who may
 * @param retiring the ARN of who may retire it
 * @param operations what
 * @param contextEquals the encryption context has to be this one
 * @param contextSubset the encryption context has to have these pairs
 * @param created when
 */
record KmsGrant(
        String id,
        String token,
        Optional<String> name,
        String grantee,
        Optional<String> retiring,
        Set<String> operations,
        Optional<Map<String, String>> contextEquals,
        Optional<Map<String, String>> contextSubset,
        Instant created) {

    boolean allows(Caller caller, Access access) {
        boolean named = caller.isCalled(grantee) || grantee.equals(caller.account()) || isAccountOf(caller);
        return named && operations.contains(access.operation()) && (!access.crypto() || fits(access.context()));
    }

    /** The constraints are on the operations that have a context, and on no others. */
    private boolean fits(Map<String, String> context) {
        return contextEquals.map(context::equals).orElse(true)
                && contextSubset
                        .map(pairs -> context.entrySet().containsAll(pairs.entrySet()))
                        .orElse(true);
    }

    private boolean isAccountOf(Caller caller) {
        return grantee.endsWith(":" + caller.account() + ":root");
    }
}
