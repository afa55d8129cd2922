package io.keywrap.aws;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whom a policy of AWS KMS may name here: roles, users and accounts, each of them one. */
final class AwsPrincipals {
    private static final Pattern PRINCIPAL =
            Pattern.compile("arn:(?<partition>aws[a-z-]*):iam::\\d{12}:(?:root|(?:role|user)/[\\w+=,.@/-]{1,576})");
    private static final Pattern ACCOUNT = Pattern.compile("\\d{12}");

    private AwsPrincipals() {}

    /** The full ARN of a principal; fails with an {@link IllegalArgumentException} on anything else. */
    static String checked(String principal, String partition) {
        if (ACCOUNT.matcher(principal).matches()) {
            return "arn:" + partition + ":iam::" + principal + ":root";
        }
        Matcher arn = PRINCIPAL.matcher(principal);
        if (!arn.matches()) {
            throw new IllegalArgumentException("not a principal of AWS: '" + principal + "'; " + instead(principal));
        }
        if (!arn.group("partition").equals(partition)) {
            throw new IllegalArgumentException("the principal '" + principal
                    + "' is in another partition than the key, " + partition + ", and cannot use it");
        }
        return principal;
    }

    private static String instead(String principal) {
        if (principal.contains("*")) {
            return "a policy for everybody is never made; name the roles one by one";
        }
        if (principal.contains(":sts::")) {
            return "a session ends, and a policy does not; name the role itself, arn:aws:iam::<account>:role/<name>";
        }
        return "expected arn:aws:iam::<account>:role/<name>, …:user/<name>, …:root, or the id of an account";
    }

    static boolean isAccount(String principal) {
        return principal.endsWith(":root");
    }
}
