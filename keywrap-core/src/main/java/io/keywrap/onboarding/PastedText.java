package io.keywrap.onboarding;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a customer pasted, without what pasting adds: white space and marks that cannot be seen, quotes, brackets, a comma or full
 * stop at the end. For the adapters, which look for the names of their keys in it.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class PastedText {
    /** No mark in the middle of a name is taken away, since names that lose one are other names. */
    private static final String AROUND =
            "\\s\\p{Z}\\p{Cc}\\p{Cf}\"'`\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb<>()\\[\\]{},;";

    private static final Pattern BEFORE = Pattern.compile("^[" + AROUND + "]+");
    private static final Pattern AFTER = Pattern.compile("[." + AROUND + "]+$");
    private static final Pattern SPACE = Pattern.compile("[\\s\\p{Z}\\p{Cc}\\p{Cf}]");
    private static final Pattern PLACEHOLDER = Pattern.compile(
            "<[A-Za-z_ -]+>?|\\{[A-Za-z_ -]+}?|\\$\\{?[A-Za-z_]+}?|\\b(?:YOUR|PROJECT_ID|KEY_RING|KEY_NAME|LOCATION_ID)\\b");

    private final String text;
    private final boolean tooLong;

    private PastedText(String text, boolean tooLong) {
        this.text = text;
        this.tooLong = tooLong;
    }

    /**
     * Takes a text as it was pasted.
     *
     * @param pasted anything
     * @return what is left of it
     */
    public static PastedText of(String pasted) {
        if (pasted.length() > KeyReference.MAX_CHARACTERS) {
            return new PastedText("", true);
        }
        String begun = BEFORE.matcher(pasted).replaceFirst("");
        return new PastedText(AFTER.matcher(begun).replaceFirst(""), false);
    }

    /**
     * What is left.
     *
     * @return the text; empty if nothing but marks was pasted, or too much
     */
    public String text() {
        return text;
    }

    /**
     * What is left, with the escapes of URLs undone.
     *
     * @return the text; the same as {@link #text()} if it has escapes that are none
     */
    public String decoded() {
        if (!text.contains("%")) {
            return text;
        }
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /**
     * Whether there is white space in the middle.
     *
     * @return true if so, as in a name that was cut by the end of a line
     */
    public boolean isBroken() {
        return SPACE.matcher(text).find();
    }

    /**
     * What a pattern finds in the text, in which escapes were undone.
     *
     * @param pattern a pattern that says itself where a name ends
     * @return each different text once
     */
    public List<String> all(Pattern pattern) {
        return pattern.matcher(decoded())
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();
    }

    /**
     * The refusal of what names a key in no cloud, or in another one than was asked for. Secrets come first, so that whoever pasted
     * one is told so.
     *
     * @param cloud the cloud that was asked for, {@code AWS}, {@code Google Cloud} or {@code Azure}; its own names are not looked for
     * @param pasteInstead what to paste instead
     * @return the refusal; empty if this is nothing of the kind
     */
    public Optional<KeyReference> mistake(String cloud, String pasteInstead) {
        if (tooLong) {
            return refused(
                    "more than the name of a key: it has over " + KeyReference.MAX_CHARACTERS + " characters",
                    pasteInstead);
        }
        if (text.isEmpty()) {
            return refused("nothing: the field is empty", pasteInstead);
        }
        Optional<String> secret = secret();
        if (secret.isPresent()) {
            return refused(
                    secret.get(),
                    "it belongs to nobody but you: do not send it, replace it where it was issued, and then "
                            + pasteInstead);
        }
        if (PLACEHOLDER.matcher(text).find()) {
            return refused("an example with places that are still to be filled in", pasteInstead);
        }
        return otherCloud(cloud)
                .flatMap(other -> refused(
                        "a reference of " + other,
                        "choose " + other + " for this key, or for " + cloud + " " + pasteInstead));
    }

    private Optional<String> secret() {
        if (text.contains("-----BEGIN") || text.contains("PRIVATE KEY") || text.contains("private_key\"")) {
            return Optional.of("a private key");
        }
        if (Pattern.compile("\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b").matcher(text).find()) {
            return Optional.of("an access key of AWS");
        }
        if (text.matches("(?s).*\\bya29\\.[\\w.-]{10,}.*|(?s).*\\beyJ[\\w-]{10,}\\.[\\w-]{10,}\\..*")) {
            return Optional.of("a token");
        }
        return text.matches("[A-Za-z0-9+/]{40}|[A-Za-z0-9_.~-]{3}8Q~[A-Za-z0-9_.~-]{34}|[A-Za-z0-9+/]{43}=")
                ? Optional.of("a secret or the bytes of a key")
                : Optional.empty();
    }

    private Optional<String> otherCloud(String cloud) {
        String lower = decoded().toLowerCase(Locale.ROOT);
        String other = "";
        if (lower.matches("(?s)(aws-kms://)?arn:aws.*|.*\\.(?:aws\\.amazon|amazonaws)\\.com.*")) {
            other = "AWS";
        } else if (lower.matches("(?s)(gcp-kms://)?/*projects/.*|.*(?:console\\.cloud\\.google|googleapis)\\.com.*")) {
            other = "Google Cloud";
        } else if (lower.matches(
                "(?s)azure-kms://.*|/subscriptions/.*|.*(?:portal\\.azure\\.|\\.vault\\.azure\\.|\\.managedhsm\\.azure\\.).*")) {
            other = "Azure";
        }
        return Optional.of(other).filter(found -> !found.isEmpty() && !found.equals(cloud));
    }

    private static Optional<KeyReference> refused(String looksLike, String pasteInstead) {
        return Optional.of(KeyReference.refused(looksLike, pasteInstead));
    }

    /**
     * Says nothing of what was pasted.
     *
     * @return the number of characters
     */
    @Override
    public String toString() {
        return "PastedText[" + text.length() + " characters]";
    }
}
