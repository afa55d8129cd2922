package io.keywrap.emulators;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Who is behind which access key id. Signatures are not verified: possession of the id is enough. */
final class Credentials {
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int ID_LETTERS = 16;
    private static final int SECRET_LETTERS = 40;

    private final Map<String, Caller> callers = new LinkedHashMap<>();
    private final Map<String, AwsPrincipal> principals = new LinkedHashMap<>();
    private final Optional<String> stranger;

    /** {@code stranger} is the ARN of whoever signs with an unknown id; without one they are turned away. */
    Credentials(Optional<String> stranger) {
        this.stranger = stranger;
    }

    synchronized AwsPrincipal principal(String arn) {
        Arn.accountOf(arn);
        return principals.computeIfAbsent(arn, key -> {
            AwsPrincipal principal = new AwsPrincipal(arn, "AKIA" + letters(ID_LETTERS), letters(SECRET_LETTERS));
            callers.put(principal.accessKeyId(), Caller.of(principal));
            return principal;
        });
    }

    synchronized AwsPrincipal session(String roleArn, String sessionArn, Instant expiry) {
        AwsPrincipal session = new AwsPrincipal(sessionArn, "ASIA" + letters(ID_LETTERS), letters(SECRET_LETTERS));
        callers.put(
                session.accessKeyId(),
                new Caller(session.accessKeyId(), sessionArn, Optional.of(roleArn), Optional.of(expiry)));
        return session;
    }

    synchronized Caller find(String accessKeyId, Instant now) {
        Caller known = callers.get(accessKeyId);
        if (known == null) {
            return stranger.map(arn -> new Caller(accessKeyId, arn, Optional.empty(), Optional.empty()))
                    .orElseThrow(KmsFailure::unrecognizedClient);
        }
        if (known.expiry().filter(expiry -> !expiry.isAfter(now)).isPresent()) {
            throw KmsFailure.expiredToken();
        }
        return known;
    }

    private static String letters(int count) {
        StringBuilder text = new StringBuilder();
        for (byte b : KeyMaterial.random(count)) {
            text.append(LETTERS.charAt(b & LETTERS.length() - 1));
        }
        return text.toString();
    }
}
