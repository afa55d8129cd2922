package io.keywrap.aws;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A role of the customer's account that is assumed to use the KEKs of that account.
 *
 * <pre>{@code
 * AwsKms.builder()
 *     .assumeRole(AwsRole.of("arn:aws:iam::111122223333:role/backup").externalId("tenant-42").sessionName("restore"))
 *     .build();
 * }</pre>
 *
 * <p>The customer withdraws the keys by no longer trusting the vendor; a session that was begun before lives on to its end,
 * one hour after its begin at the latest.
 *
 * <p><b>Security:</b> take another external id for each customer, and never one that the customer chose: it is what keeps
 * one customer from having keywrap assume the role of another.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class AwsRole {
    private static final Pattern ARN =
            Pattern.compile("arn:aws[a-z-]*:iam::(?<account>\\d{12}):role/[A-Za-z0-9+=,.@_/-]{1,512}");
    private static final Pattern EXTERNAL_ID = Pattern.compile("[A-Za-z0-9_+=,.@:/-]{2,1224}");
    private static final Pattern SESSION_NAME = Pattern.compile("[A-Za-z0-9_+=,.@-]{2,64}");

    private final String arn;
    private final String account;
    private final @Nullable String externalId;
    private final String sessionName;

    private AwsRole(String arn, @Nullable String externalId, String sessionName) {
        Matcher parts = ARN.matcher(arn);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not the ARN of a role: '" + arn + "'");
        }
        this.arn = arn;
        this.account = parts.group("account");
        this.externalId = externalId;
        this.sessionName = sessionName;
    }

    /**
     * A role without an external id, in sessions named {@code keywrap}.
     *
     * @param arn {@code arn:aws:iam::<account>:role/<name>}
     * @return the role
     * @throws IllegalArgumentException if it is not the ARN of a role
     */
    public static AwsRole of(String arn) {
        return new AwsRole(arn, null, "keywrap");
    }

    /**
     * The role with an external id, which its trust policy asks for.
     *
     * @param id 2 to 1,224 characters of letters, digits and {@code _+=,.@:/-}
     * @return a new role
     */
    public AwsRole externalId(String id) {
        require(EXTERNAL_ID, id, "an external id has 2 to 1,224 letters, digits and _+=,.@:/-");
        return new AwsRole(arn, id, sessionName);
    }

    /**
     * The role in sessions of another name. The customer sees it in CloudTrail, so let it tell the purpose.
     *
     * @param name 2 to 64 characters of letters, digits and {@code _+=,.@-}
     * @return a new role
     */
    public AwsRole sessionName(String name) {
        require(SESSION_NAME, name, "a session name has 2 to 64 letters, digits and _+=,.@-");
        return new AwsRole(arn, externalId, name);
    }

    /**
     * Which role.
     *
     * @return its ARN
     */
    public String arn() {
        return arn;
    }

    /**
     * Whose role, and so whose keys.
     *
     * @return 12 digits
     */
    public String account() {
        return account;
    }

    /**
     * The external id.
     *
     * @return the id, empty if there is none
     */
    public Optional<String> externalId() {
        return Optional.ofNullable(externalId);
    }

    /**
     * The name of the sessions.
     *
     * @return the name
     */
    public String sessionName() {
        return sessionName;
    }

    /**
     * The role, without its external id.
     *
     * @return such as {@code AwsRole[arn:aws:iam::111122223333:role/backup as keywrap]}
     */
    @Override
    public String toString() {
        return "AwsRole[" + arn + " as " + sessionName + "]";
    }

    private static void require(Pattern pattern, String text, String rule) {
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(rule);
        }
    }
}
