package io.keywrap.emulators;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of Cloud KMS resources. */
final class GcpNames {
    static final String PROJECT_ID = "(?:(?:[a-z0-9.-]{1,63}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]{1,19})";
    static final String LOCATION_ID = "[a-z0-9-]{2,63}";
    static final String ID = "[A-Za-z0-9_-]{1,63}";

    /** More than any name has that there can be. */
    private static final int SHOWN = 400;

    private static final String LOCATION = "projects/" + PROJECT_ID + "/locations/" + LOCATION_ID;
    private static final String RING = LOCATION + "/keyRings/" + ID;
    private static final String KEY = RING + "/cryptoKeys/" + ID;
    private static final Pattern NOT_ASCII = Pattern.compile("[^ -~]");
    private static final Pattern ANY_ID = Pattern.compile(ID);
    private static final Pattern ANY_LOCATION = Pattern.compile(LOCATION);
    private static final Pattern ANY_RING = Pattern.compile(RING);
    private static final Pattern ANY_KEY = Pattern.compile(KEY);
    private static final Pattern KEY_OR_VERSION =
            Pattern.compile("(?<key>" + KEY + ")(?:/cryptoKeyVersions/(?<version>[1-9][0-9]{0,8}))?");

    private GcpNames() {}

    /** What somebody sent, for logs and errors: it may be long, and headers of gRPC may not. */
    static String shown(String name) {
        String start = name.length() > SHOWN ? name.substring(0, SHOWN) + "..." : name;
        return NOT_ASCII.matcher(start).replaceAll("?");
    }

    static String location(String name) {
        return checked(ANY_LOCATION, name);
    }

    static String ring(String name) {
        return checked(ANY_RING, name);
    }

    static String key(String name) {
        return checked(ANY_KEY, name);
    }

    static String id(String id) {
        if (!ANY_ID.matcher(id).matches()) {
            throw GcpFailure.invalidArgument(
                    "'" + shown(id) + "' is not an id of 1 to 63 letters, digits, '_' and '-'.");
        }
        return id;
    }

    /** The key that a name of it or of one of its versions names. */
    static String keyOf(String name) {
        return keyOrVersion(name).group("key");
    }

    static boolean isVersion(String name) {
        return keyOrVersion(name).group("version") != null;
    }

    static int version(String name) {
        if (!isVersion(name)) {
            throw GcpFailure.badName(name);
        }
        return Integer.parseInt(name.substring(name.lastIndexOf('/') + 1));
    }

    private static Matcher keyOrVersion(String name) {
        Matcher matcher = KEY_OR_VERSION.matcher(name);
        if (!matcher.matches()) {
            throw GcpFailure.badName(name);
        }
        return matcher;
    }

    private static String checked(Pattern pattern, String name) {
        if (!pattern.matcher(name).matches()) {
            throw GcpFailure.badName(name);
        }
        return name;
    }
}
