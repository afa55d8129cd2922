package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which wraps are under a key, or under one version of it, under whatever name. Where that is doubtful they are: who deletes a
 * key cannot take it back.
 */
final class KekQuestion {
    private static final String AWS = "aws-kms:";
    private static final String ALIAS = ":alias/";
    private static final Pattern GCP = Pattern.compile("gcp-kms://projects/([^/]+)(/.+)");

    private final String uri;
    private final Optional<String> version;

    KekQuestion(KekId kekId, Optional<String> version) {
        this.uri = plain(kekId);
        this.version = version.map(KekQuestion::lower);
    }

    /** How a wrap and the key that is asked for go together. */
    enum Match {
        /** It is under another key, or another version. */
        OTHER,
        /** It is under that key, and does not tell which version. */
        UNTOLD,
        /** It needs it. */
        NEEDS
    }

    Match of(WrappedDek wrap) {
        return of(wrap.kekId(), wrap.kekVersion());
    }

    /** The same of what is told of a wrap. */
    Match of(KekId kekId, String kekVersion) {
        String kek = name(kekId);
        String used = lower(kekVersion);
        if (uri.startsWith(kek + "/")) { // The question is for a version, by a URI of its own.
            return used.isEmpty() ? Match.UNTOLD : matching(last(uri), used);
        }
        // What was wrapped by way of an alias has the name of the key for its version.
        boolean alias = isIt(used);
        if (!names(kekId) && !alias) {
            return Match.OTHER;
        }
        if (version.isEmpty()) {
            return Match.NEEDS;
        }
        return used.isEmpty() || alias ? Match.UNTOLD : matching(version.get(), used);
    }

    /** Whether a KEK is the key that is asked for, or a version of it that has a URI of its own. */
    boolean names(KekId kekId) {
        String kek = name(kekId);
        return kek.equals(uri) || kek.startsWith(uri + "/");
    }

    /** Whether new wraps under a KEK may need it. */
    boolean mayNeed(KekId kekId) {
        return names(kekId) || uri.startsWith(name(kekId) + "/");
    }

    /** Whether it is asked for a name that may point to any key of AWS, so that nothing is known of the key. */
    boolean isAlias() {
        return isAlias(uri);
    }

    /** Whether a KEK is an alias that may point to the key, or may have done so: both are in one account and Region. */
    boolean mayPointToIt(KekId kekId) {
        String alias = lower(kekId.uri());
        return isAlias(alias) && uri.startsWith(alias.substring(0, alias.indexOf(ALIAS)) + ":key/");
    }

    /** Whether a key that an alias points to is the one that is asked for. */
    boolean isIt(String key) {
        return !key.isEmpty() && uri.endsWith("://" + lower(key));
    }

    private static boolean isAlias(String kek) {
        return kek.startsWith(AWS) && kek.contains(ALIAS);
    }

    boolean isVersion(String current) {
        return matching(version.orElse(last(uri)), lower(current)) == Match.NEEDS;
    }

    /** Clouds show versions by their whole names too. */
    private static Match matching(String asked, String used) {
        return asked.equals(used) || last(asked).equals(last(used)) ? Match.NEEDS : Match.OTHER;
    }

    /** As the same key would be written in the question: a project of Google Cloud has an id and a number. */
    private String name(KekId kekId) {
        String kek = plain(kekId);
        Matcher theirs = GCP.matcher(kek);
        Matcher asked = GCP.matcher(uri);
        return theirs.matches() && asked.matches() && isNumber(theirs.group(1)) != isNumber(asked.group(1))
                ? "gcp-kms://projects/" + asked.group(1) + theirs.group(2)
                : kek;
    }

    private static boolean isNumber(String project) {
        return project.chars().allMatch(Character::isDigit);
    }

    /** Without what may be left out of the URL of a key in Azure. */
    private static String plain(KekId kekId) {
        String kek = lower(kekId.uri());
        if (!kek.startsWith("azure-kms:")) {
            return kek;
        }
        String named = kek.replace(":443/keys/", "/keys/");
        return named.endsWith("/") ? named.substring(0, named.length() - 1) : named;
    }

    private static String last(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
