package io.keywrap.emulators;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a request names a key: by ARN, or by what stands at an ARN's end.
 *
 * @param region the Region, if named
 * @param account the account, if named
 * @param alias whether {@code name} is that of an alias
 * @param name the key id, or the alias without {@code alias/}
 */
record Arn(Optional<String> region, Optional<String> account, boolean alias, String name) {
    private static final Pattern ARN = Pattern.compile(
            "arn:(?<partition>aws[a-z-]*):kms:(?<region>[a-z0-9-]+):(?<account>\\d{12}):(?<resource>.+)");
    private static final Pattern REGION = Pattern.compile("[a-z]{2,4}(-[a-z]+){1,2}-\\d{1,2}");
    /** By the beginnings of the names of Regions. All others are in {@code aws}. */
    private static final Map<String, String> PARTITIONS = Map.of(
            "cn-", "aws-cn",
            "us-gov-", "aws-us-gov",
            "eusc-", "aws-eusc",
            "us-iso-", "aws-iso",
            "us-isob-", "aws-iso-b",
            "eu-isoe-", "aws-iso-e",
            "us-isof-", "aws-iso-f");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9:/_-]{1,256}");

    /** The key that a text names; empty if it is no name of a key. */
    static Optional<Arn> parse(String text) {
        Matcher arn = ARN.matcher(text);
        if (!arn.matches()) {
            return text.startsWith("arn:") ? Optional.empty() : resource(text, Optional.empty(), Optional.empty());
        }
        if (!arn.group("partition").equals(partition(arn.group("region")))) {
            return Optional.empty();
        }
        String resource = arn.group("resource");
        Optional<String> region = Optional.of(arn.group("region"));
        Optional<String> account = Optional.of(arn.group("account"));
        if (resource.startsWith("key/")) {
            return resource(resource.substring("key/".length()), region, account);
        }
        return resource.startsWith("alias/") ? resource(resource, region, account) : Optional.empty();
    }

    private static Optional<Arn> resource(String text, Optional<String> region, Optional<String> account) {
        boolean alias = text.startsWith("alias/");
        String name = alias ? text.substring("alias/".length()) : text;
        return NAME.matcher(name).matches() ? Optional.of(new Arn(region, account, alias, name)) : Optional.empty();
    }

    /** The full name of what is named, with what the request leaves out. */
    String full(String defaultRegion, String defaultAccount) {
        return prefix(region.orElse(defaultRegion), account.orElse(defaultAccount))
                + (alias ? "alias/" : "key/")
                + name;
    }

    static String prefix(String region, String account) {
        return "arn:" + partition(region) + ":kms:" + region + ":" + account + ":";
    }

    static String partition(String region) {
        return PARTITIONS.entrySet().stream()
                .filter(entry -> region.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("aws");
    }

    /** Whether a text has the form of a Region's name. */
    static boolean isRegion(String text) {
        return REGION.matcher(text).matches();
    }

    /** The account in any ARN. */
    static String accountOf(String arn) {
        String[] parts = arn.split(":", 6);
        if (parts.length < 6 || !parts[0].equals("arn") || !parts[4].matches("\\d{12}")) {
            throw new IllegalArgumentException("not an ARN with an account: '" + arn + "'");
        }
        return parts[4];
    }
}
