package io.keywrap.emulators;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A role that {@code sts:AssumeRole} gives credentials for.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param arn such as {@code arn:aws:iam::444455556666:role/keywrap}
 * @param trusted the ARNs of those who may assume it, and of accounts ({@code …:root}) whose principals may
 * @param externalId what they have to present; empty if nothing
 */
public record AwsRole(String arn, Set<String> trusted, Optional<String> externalId) {

    /**
     * A role that nobody may assume yet.
     *
     * @param arn such as {@code arn:aws:iam::444455556666:role/keywrap}
     * @return the role
     */
    public static AwsRole of(String arn) {
        return new AwsRole(arn, Set.of(), Optional.empty());
    }

    /**
     * The same, also trusting another principal.
     *
     * @param principalArn who may assume it
     * @return the changed role
     */
    public AwsRole trusting(String principalArn) {
        Set<String> all = new TreeSet<>(trusted);
        all.add(principalArn);
        return new AwsRole(arn, Set.copyOf(all), externalId);
    }

    /**
     * The same, for those alone who present an external id.
     *
     * @param id the {@code sts:ExternalId}
     * @return the changed role
     */
    public AwsRole withExternalId(String id) {
        return new AwsRole(arn, trusted, Optional.of(id));
    }
}
