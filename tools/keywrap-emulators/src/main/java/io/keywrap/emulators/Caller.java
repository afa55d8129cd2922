package io.keywrap.emulators;

import java.time.Instant;
import java.util.Optional;

/**
 * Who sent a request.
 *
 * @param accessKeyId what it was signed with
 * @param arn the user, the role, or the session of an assumed role
 * @param roleArn the role behind a session, which policies name as well
 * @param expiry when the credentials end
 */
record Caller(String accessKeyId, String arn, Optional<String> roleArn, Optional<Instant> expiry) {
    static Caller of(AwsPrincipal principal) {
        return new Caller(principal.accessKeyId(), principal.arn(), Optional.empty(), Optional.empty());
    }

    String account() {
        return Arn.accountOf(arn);
    }

    /** The one whom identity policies belong to. */
    String identity() {
        return roleArn.orElse(arn);
    }

    boolean isCalled(String principalArn) {
        return arn.equals(principalArn) || identity().equals(principalArn);
    }

    boolean isRoot() {
        return arn.endsWith(":root");
    }
}
