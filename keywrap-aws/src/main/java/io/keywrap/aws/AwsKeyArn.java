package io.keywrap.aws;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The full ARN of a KMS key or of an alias, with which a {@link KekId} of AWS names a KEK: {@code aws-kms://<arn>}.
 *
 * <p><b>Shape and units:</b> {@code arn:<partition>:kms:<region>:<account>:key/<id>}, the id a UUID or that of a
 * multi-Region key, {@code mrk-} and 32 hexadecimal digits, in lower case; or {@code …:alias/<name>}. Aliases of AWS itself
 * ({@code alias/aws/…}) name keys that nobody can grant or withdraw, and are refused.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class AwsKeyArn {
    private static final String PREFIX = AwsKms.SCHEME + "://";

    /** A Region, with at most 20 letters to a word, so that every ARN fits into the id of a KEK. */
    static final String REGION = "[a-z]{2,4}(?:-[a-z]{1,20}){1,2}-\\d{1,2}";

    private static final Pattern ARN = Pattern.compile("arn:(?<partition>aws(?:-cn|-us-gov|-eusc|-iso(?:-[bef])?)?)"
            + ":kms:(?<region>" + REGION + "):(?<account>\\d{12})"
            + ":(?<resource>key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
            + "|alias/(?!aws/)[A-Za-z0-9/_-]{1,250})");

    private final String partition;
    private final String region;
    private final String account;
    private final String resource;

    private AwsKeyArn(Matcher parts) {
        this.partition = parts.group("partition");
        this.region = parts.group("region");
        this.account = parts.group("account");
        this.resource = parts.group("resource");
    }

    /**
     * Reads an ARN.
     *
     * @param arn the full ARN of a key or an alias
     * @return the ARN in its parts
     * @throws IllegalArgumentException if it is not one
     */
    public static AwsKeyArn parse(String arn) {
        Matcher parts = ARN.matcher(arn);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not the full ARN of a KMS key or alias: '" + arn
                    + "'; expected arn:aws:kms:<region>:<account>:key/<id>");
        }
        return new AwsKeyArn(parts);
    }

    /**
     * Reads the id of a KEK.
     *
     * @param kekId {@code aws-kms://<arn>}
     * @return the ARN in its parts
     * @throws KekConfigurationException if it is none of AWS KMS
     */
    public static AwsKeyArn of(KekId kekId) {
        Matcher parts = ARN.matcher(kekId.uri().startsWith(PREFIX) ? kekId.uri().substring(PREFIX.length()) : "");
        if (!parts.matches()) {
            throw new KekConfigurationException(Failure.of(kekId, "not a KEK id of AWS KMS")
                    .operatorAction("write " + PREFIX
                            + " and the full ARN of the key, arn:aws:kms:<region>:<account>:key/<id>"));
        }
        return new AwsKeyArn(parts);
    }

    /**
     * The id of the KEK.
     *
     * @return {@code aws-kms://<arn>}
     */
    public KekId kekId() {
        return KekId.of(PREFIX + this);
    }

    /**
     * The partition of AWS.
     *
     * @return such as {@code aws} or {@code aws-us-gov}
     */
    public String partition() {
        return partition;
    }

    /**
     * The Region, which is where the key is called.
     *
     * @return such as {@code eu-west-1}
     */
    public String region() {
        return region;
    }

    /**
     * The account that owns the key.
     *
     * @return 12 digits
     */
    public String account() {
        return account;
    }

    /**
     * Whether this is a name for a key that its owner can let point to another.
     *
     * @return true for {@code alias/…}
     */
    public boolean isAlias() {
        return resource.startsWith("alias/");
    }

    /**
     * Whether the key can have replicas in other Regions, which open its wraps.
     *
     * @return true for {@code key/mrk-…}
     */
    public boolean isMultiRegion() {
        return resource.startsWith("key/mrk-");
    }

    /** Whether both are one key, or a multi-Region key and its replica. */
    boolean sharesMaterialWith(AwsKeyArn other) {
        return equals(other) || (isMultiRegion() && resource.equals(other.resource) && sameOwner(other));
    }

    /** Whether both are in one place, so that one may be the alias of the other. */
    boolean sameAccountAndRegion(AwsKeyArn other) {
        return region.equals(other.region) && sameOwner(other);
    }

    /** Whether both are served by one endpoint. */
    boolean sameEndpoint(AwsKeyArn other) {
        return partition.equals(other.partition) && region.equals(other.region);
    }

    private boolean sameOwner(AwsKeyArn other) {
        return partition.equals(other.partition) && account.equals(other.account);
    }

    /**
     * Whether another ARN is the same text.
     *
     * @param other the other object
     * @return true if it is
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof AwsKeyArn that && toString().equals(that.toString());
    }

    /**
     * A hash of the text.
     *
     * @return the hash
     */
    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /**
     * The ARN itself.
     *
     * @return such as {@code arn:aws:kms:eu-west-1:111122223333:key/…}
     */
    @Override
    public String toString() {
        return "arn:" + partition + ":kms:" + region + ":" + account + ":" + resource;
    }
}
