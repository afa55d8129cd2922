package io.keywrap.aws;

import io.keywrap.onboarding.KeyReference;
import io.keywrap.onboarding.PastedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Reads what a customer pastes for a key in AWS KMS: an ARN, whatever stands around it, or something else, which is then
 * explained.
 *
 * <p><b>Errors:</b> none; what cannot be used is a {@link KeyReference} that says so.
 */
public final class AwsKeyReference {
    /** Possessive, since a group that may be given back takes a frame of the stack each time. */
    private static final String ARN = "(?:arn:)?aws(?:-[a-z]+)*+:kms:[a-z0-9-]+:\\d{12}:";

    private static final String KEY_ID = "(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})";
    private static final Pattern KEY =
            Pattern.compile("(?<![a-z0-9_-])" + ARN + "key/" + KEY_ID + "(?![a-z0-9_-])", Pattern.CASE_INSENSITIVE);
    private static final Pattern ALIAS =
            Pattern.compile("(?<![A-Za-z0-9_-])" + ARN + "alias/[A-Za-z0-9/_-]{1,250}(?![A-Za-z0-9/_-])");
    private static final Pattern ID = Pattern.compile("(?:key/)?" + KEY_ID, Pattern.CASE_INSENSITIVE);
    private static final Pattern ANY_ARN = Pattern.compile(
            "arn:(?<partition>[^:]*):(?<service>[^:]*):(?<region>[^:]*):(?<account>[^:]*):(?<resource>.*)",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern CONSOLE =
            Pattern.compile("(?i).*\\b(?:console\\.)?(?:aws\\.amazon|amazonaws-us-gov)\\.com.*");

    /** Whose ARNs stand near those of keys; any other word might be part of something that must not be repeated. */
    private static final Set<String> OTHER_SERVICES = Set.of(
            "acm",
            "backup",
            "cloudformation",
            "cloudhsm",
            "dynamodb",
            "ec2",
            "iam",
            "lambda",
            "logs",
            "organizations",
            "rds",
            "s3",
            "secretsmanager",
            "signer",
            "sns",
            "sqs",
            "ssm",
            "sts");

    private static final String PASTE =
            "paste the ARN of the key, arn:aws:kms:<Region>:<account>:key/<id>, which the console of AWS"
                    + " shows in Key Management Service, Customer managed keys, under the name of the key";

    private AwsKeyReference() {}

    /**
     * Reads a reference.
     *
     * @param pasted the text as it was pasted
     * @param allowedRegions the Regions that a key may be in, as the data centre of the customer has it; empty for all
     * @return the KEK, or what to paste instead
     */
    public static KeyReference parse(String pasted, Set<String> allowedRegions) {
        PastedText text = PastedText.of(pasted);
        return named(text)
                .map(name -> inAllowedRegion(name, allowedRegions))
                .or(() -> text.mistake("AWS", PASTE))
                .orElseGet(() -> explained(text.decoded()));
    }

    /** The one ARN that stands in the text. */
    private static Optional<KeyReference> named(PastedText text) {
        List<String> keys = text.all(KEY);
        if (keys.isEmpty() && text.isBroken()) {
            // The id of a key has one length only, so nothing else can come of joining its parts.
            keys = Optional.of(text.text().replaceAll("[\\s\\p{Z}\\p{Cf}]", ""))
                    .filter(joined -> KEY.matcher(joined).matches())
                    .map(List::of)
                    .orElse(List.of());
        }
        List<String> all = new ArrayList<>(keys);
        all.addAll(text.all(ALIAS));
        if (all.size() > 1) {
            return Optional.of(
                    KeyReference.refused("the ARNs of several keys", "paste the ARN of the one that is to be used"));
        }
        if (all.isEmpty() || (keys.isEmpty() && !isAlone(all.get(0), text))) {
            return Optional.empty();
        }
        return Optional.of(accepted(all.get(0), text.text(), keys.isEmpty()));
    }

    /** Nobody can tell where the name of an alias would end in a longer text. */
    private static boolean isAlone(String arn, PastedText text) {
        return text.text().equals(arn) || text.text().equals(AwsKms.SCHEME + "://" + arn);
    }

    private static KeyReference accepted(String found, String text, boolean alias) {
        List<String> notes = new ArrayList<>();
        String arn = alias ? found : found.toLowerCase(Locale.ROOT);
        if (!arn.startsWith("arn:")) {
            arn = "arn:" + arn;
            notes.add("arn: was put before it");
        }
        if (!alias && !arn.contains(found)) {
            notes.add("it was written in lower case");
        }
        if (!text.equals(found) && !text.equals(AwsKms.SCHEME + "://" + found)) {
            notes.add("what stood around it was left out");
        }
        AwsKeyArn key;
        try {
            key = AwsKeyArn.parse(arn);
        } catch (IllegalArgumentException e) {
            return arn.contains(":alias/aws/")
                    ? KeyReference.refused(
                            "a key that AWS manages itself, which nobody can grant or withdraw",
                            "make a customer managed key, and " + PASTE)
                    : badArn(arn);
        }
        if (key.isAlias()) {
            notes.add("whoever may move this alias decides which key it is; the ARN of the key pins one");
        }
        return KeyReference.accepted(
                key.kekId(),
                key.isAlias()
                        ? "the ARN of an alias"
                        : key.isMultiRegion() ? "the ARN of a multi-Region key" : "the ARN of a key",
                notes);
    }

    private static KeyReference inAllowedRegion(KeyReference reference, Set<String> allowed) {
        if (reference.kekId().isEmpty() || allowed.isEmpty()) {
            return reference;
        }
        AwsKeyArn key = AwsKeyArn.of(reference.required());
        if (allowed.contains(key.region())) {
            return reference;
        }
        String where = String.join(" or ", new TreeSet<>(allowed));
        return KeyReference.refused(
                "a key in " + key.region() + ", where this data centre takes none",
                key.isMultiRegion()
                        ? "make a replica of it in " + where + ", and paste the ARN of the replica"
                        : "make a key in " + where + ", and paste its ARN; a key cannot be moved to another Region");
    }

    private static KeyReference explained(String text) {
        if (ID.matcher(text).matches()) {
            return KeyReference.refused("the id of a key, which says neither account nor Region", PASTE);
        }
        if (text.matches("alias/.*")) {
            return KeyReference.refused("the name of an alias, which says neither account nor Region", PASTE);
        }
        if (text.matches("\\d{4}-?\\d{4}-?\\d{4}")) {
            return KeyReference.refused("the id of an account", PASTE);
        }
        if (CONSOLE.matcher(text).matches()) {
            return KeyReference.refused("the address of a page of the console, which does not say the account", PASTE);
        }
        if (ANY_ARN.matcher(text).matches()) {
            return badArn(text);
        }
        if (text.matches("(?i):?(?:aws[a-z-]*:)?(?:kms)?:.*key/.*")) {
            return KeyReference.refused("the end of an ARN, whose beginning is missing", PASTE);
        }
        return KeyReference.refused("nothing that names a key in AWS KMS", PASTE);
    }

    private static KeyReference badArn(String arn) {
        MatchResult parts = ANY_ARN.matcher(arn).results().findFirst().orElseThrow();
        String service = parts.group(2).toLowerCase(Locale.ROOT);
        String resource = parts.group(5);
        if (!service.equals("kms")) {
            return KeyReference.refused(
                    OTHER_SERVICES.contains(service)
                            ? "the ARN of something in " + service + ", not in kms"
                            : "a damaged ARN",
                    PASTE);
        }
        if (!parts.group(1).matches("(?i)aws(?:-cn|-us-gov|-eusc|-iso(?:-[bef])?)?")) {
            return wrong("a partition that AWS does not have");
        }
        if (!parts.group(3).matches(AwsKeyArn.REGION)) {
            return wrong(parts.group(3).isEmpty() ? "no Region" : "a Region that cannot be");
        }
        if (!parts.group(4).matches("\\d{12}")) {
            return wrong(parts.group(4).isEmpty() ? "no account" : "an account that has not 12 digits");
        }
        if (resource.startsWith("key/")) {
            return wrong("an id of the key that is cut, or longer than one");
        }
        if (resource.startsWith("alias/")) {
            return wrong("a name of the alias that cannot be");
        }
        return wrong("something that is neither a key nor an alias");
    }

    private static KeyReference wrong(String what) {
        return KeyReference.refused("an ARN of KMS with " + what, PASTE);
    }
}
