package io.keywrap.gcp;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The resource name of a key in Google Cloud KMS, with which a {@link KekId} of Google Cloud names a KEK:
 * {@code gcp-kms://<name>}.
 *
 * <p><b>Shape and units:</b> {@code projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>}, the project by
 * its id or its number. The KEK is the key, whose versions come and go by rotation, so a name with
 * {@code /cryptoKeyVersions/<n>} is refused: Google chooses the version, and each wrap keeps which one it was.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @see <a href="https://cloud.google.com/kms/docs/getting-resource-ids">Getting a Cloud KMS resource ID</a>
 */
public final class GcpKeyName {
    private static final String PREFIX = GcpKms.SCHEME + "://";
    private static final Pattern NAME =
            Pattern.compile("projects/(?<project>(?:[a-z0-9.-]{1,253}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|\\d{1,19})"
                    + "/locations/(?<location>[a-z0-9-]{2,63})"
                    + "/keyRings/(?<ring>[A-Za-z0-9_-]{1,63})"
                    + "/cryptoKeys/(?<key>[A-Za-z0-9_-]{1,63})"
                    + "(?:/cryptoKeyVersions/(?<version>[1-9]\\d{0,18}))?");
    private static final String EXPECTED = "projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>";

    private final String project;
    private final String location;
    private final String keyRing;
    private final String key;

    private GcpKeyName(Matcher parts) {
        this.project = parts.group("project");
        this.location = parts.group("location");
        this.keyRing = parts.group("ring");
        this.key = parts.group("key");
    }

    /**
     * Reads a resource name.
     *
     * @param name the full name of a key, without a version
     * @return the name in its parts
     * @throws IllegalArgumentException if it is not one
     */
    public static GcpKeyName parse(String name) {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches() || parts.group("version") != null) {
            throw new IllegalArgumentException(
                    "not the name of a key in Cloud KMS: '" + name + "'; expected " + EXPECTED);
        }
        return new GcpKeyName(parts);
    }

    /**
     * Reads the id of a KEK.
     *
     * @param kekId {@code gcp-kms://<name>}
     * @return the name in its parts
     * @throws KekConfigurationException if it is none of Google Cloud KMS, or names a version
     */
    public static GcpKeyName of(KekId kekId) {
        Matcher parts =
                NAME.matcher(kekId.uri().startsWith(PREFIX) ? kekId.uri().substring(PREFIX.length()) : "");
        if (!parts.matches()) {
            throw refused(kekId, "not a KEK id of Google Cloud KMS", "write " + PREFIX + EXPECTED);
        }
        if (parts.group("version") != null) {
            throw refused(
                    kekId,
                    "a KEK of Google Cloud KMS is a key and not one of its versions",
                    "leave out /cryptoKeyVersions/" + parts.group("version"));
        }
        return new GcpKeyName(parts);
    }

    private static KekConfigurationException refused(KekId kekId, String what, String operatorAction) {
        return new KekConfigurationException(Failure.of(kekId, what).operatorAction(operatorAction));
    }

    /** The version that a name of a version of this key ends with; empty if it names anything else. */
    Optional<String> versionIn(String name) {
        Matcher parts = NAME.matcher(name);
        return parts.matches() && new GcpKeyName(parts).equals(this)
                ? Optional.ofNullable(parts.group("version"))
                : Optional.empty();
    }

    /** The name of a version of this key. */
    String version(String number) {
        return this + "/cryptoKeyVersions/" + number;
    }

    /**
     * The id of the KEK.
     *
     * @return {@code gcp-kms://<name>}
     */
    public KekId kekId() {
        return KekId.of(PREFIX + this);
    }

    /**
     * The project that owns the key.
     *
     * @return its id, or its number if that is what the name has
     */
    public String project() {
        return project;
    }

    /**
     * Where the key is.
     *
     * @return such as {@code europe-west1}, {@code eur4} or {@code global}
     */
    public String location() {
        return location;
    }

    /**
     * The key ring.
     *
     * @return its id in the project and location
     */
    public String keyRing() {
        return keyRing;
    }

    /**
     * The key.
     *
     * @return its id in the key ring
     */
    public String key() {
        return key;
    }

    /**
     * Whether another name is the same text.
     *
     * @param other the other object
     * @return true if it is
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof GcpKeyName that && toString().equals(that.toString());
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
     * The name itself.
     *
     * @return such as {@code projects/acme/locations/europe-west1/keyRings/backup/cryptoKeys/kek}
     */
    @Override
    public String toString() {
        return "projects/" + project + "/locations/" + location + "/keyRings/" + keyRing + "/cryptoKeys/" + key;
    }
}
