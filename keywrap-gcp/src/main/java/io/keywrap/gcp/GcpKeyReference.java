package io.keywrap.gcp;

import io.keywrap.onboarding.KeyReference;
import io.keywrap.onboarding.PastedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what a customer pastes for a key in Google Cloud KMS: a resource name, the address of its page in the console, or
 * something else, which is then explained.
 *
 * <p><b>Errors:</b> none; what cannot be used is a {@link KeyReference} that says so.
 */
public final class GcpKeyReference {
    /** Names of keys have no length of their own, so what stands around one must be known. */
    private static final Pattern NAME = Pattern.compile(
            "(?<before>" + GcpKms.SCHEME + "://|(?:https:)?//cloudkms\\.googleapis\\.com/(?:v1/)?|/)?"
                    + "projects/(?<project>[^/\\s]+)/locations/(?<location>[^/\\s]+)"
                    + "/keyRings/(?<ring>[^/\\s]+)/cryptoKeys/(?<key>[^/\\s]+)"
                    + "(?:/cryptoKeyVersions/(?<version>\\d+))?/?",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern CONSOLE = Pattern.compile(
            "https://console\\.cloud\\.google\\.com/security/kms/key/(?:manage|view|details)/(?<location>[\\w-]+)/(?<ring>[\\w-]+)/(?<key>[\\w-]+)"
                    + "(?:/[^?#]*)?\\?(?:[^#]*&)?project=(?<project>[a-z0-9.:-]+)(?:[&#].*)?");
    private static final Pattern PLACES = Pattern.compile(
            "/?projects/(?<project>[^/]+)(?:/locations/[^/]+(?<ring>/keyRings/[^/]+)?)?(?<rest>/.*)?",
            Pattern.CASE_INSENSITIVE);

    private static final String PASTE =
            "paste the resource name of the key, projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>, which the"
                    + " console of Google Cloud copies in Security, Key Management, with the three dots beside the key, Copy resource name";

    private GcpKeyReference() {}

    /**
     * Reads a reference.
     *
     * @param pasted the text as it was pasted
     * @param allowedLocations the locations that a key may be in, as the data centre of the customer has it, such as
     *     {@code europe-west1}; empty for all
     * @return the KEK, or what to paste instead
     */
    public static KeyReference parse(String pasted, Set<String> allowedLocations) {
        PastedText text = PastedText.of(pasted);
        return named(text.text(), allowedLocations)
                .or(() -> named(text.decoded(), allowedLocations))
                .or(() -> text.mistake("Google Cloud", PASTE))
                .orElseGet(() -> explained(text));
    }

    private static Optional<KeyReference> named(String text, Set<String> allowed) {
        List<String> notes = new ArrayList<>();
        Matcher parts = NAME.matcher(text);
        if (parts.matches()) {
            if (parts.group("before") != null && !parts.group("before").startsWith(GcpKms.SCHEME)) {
                notes.add("what stood around it was left out");
            }
            if (parts.group("version") != null) {
                notes.add("the version was left out: a KEK is a key with all its versions");
            }
        } else {
            parts = CONSOLE.matcher(text);
            if (!parts.matches()) {
                return Optional.empty();
            }
            notes.add("it was taken from the address of its page in the console");
        }
        String name = "projects/" + parts.group("project") + "/locations/" + parts.group("location") + "/keyRings/"
                + parts.group("ring") + "/cryptoKeys/" + parts.group("key");
        try {
            return Optional.of(checked(GcpKeyName.parse(name), notes, allowed));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static KeyReference checked(GcpKeyName name, List<String> notes, Set<String> allowed) {
        if (name.project().matches("\\d+")) {
            return KeyReference.refused(
                    "the name of a key with the number of its project",
                    "paste it with the id of the project, which stands in all answers of Google Cloud; 'gcloud projects describe "
                            + name.project() + "' tells it");
        }
        if (!allowed.isEmpty() && !allowed.contains(name.location())) {
            String where = String.join(" or ", new TreeSet<>(allowed));
            return KeyReference.refused(
                    "a key in " + name.location() + ", where this data centre takes none",
                    "make a key in a key ring in " + where
                            + ", and paste its resource name; a key cannot be moved to another location");
        }
        return KeyReference.accepted(name.kekId(), "the resource name of a key", notes);
    }

    private static KeyReference explained(PastedText pasted) {
        String text = pasted.decoded();
        if (pasted.isBroken()) {
            return refused("a text with white space in its middle, perhaps a name that was cut into lines");
        }
        Matcher places = PLACES.matcher(text);
        if (places.matches()) {
            return refused(place(places));
        }
        if (text.matches("[^@]+@[^@]+\\.gserviceaccount\\.com")) {
            return refused("a service account");
        }
        if (text.matches("https://console\\.cloud\\.google\\.com/.*")) {
            return refused("the address of a page of the console that is not that of a key");
        }
        if (text.matches("(?i)(?:/?locations/|/?keyRings/).*")) {
            return refused("the end of a resource name, whose project is missing");
        }
        return refused("nothing that names a key in Cloud KMS");
    }

    private static String place(Matcher places) {
        String rest = Optional.ofNullable(places.group("rest")).orElse("");
        boolean inRing = places.group("ring") != null;
        if (rest.matches("(?i)/secrets/.*")) {
            return "a secret in Secret Manager, not a key";
        }
        if (rest.matches("(?i)/(?:importJobs|ekmConnections|ekmConfig).*")) {
            return "something in Cloud KMS that is not a key";
        }
        if (inRing && rest.matches("(?i)/cryptoKeys/.+")) {
            return "the name of a key with a part that cannot be";
        }
        if (rest.isEmpty()) {
            return inRing ? "a key ring, which has many keys" : "a project or a location, without a key";
        }
        return "a resource of Google Cloud that is not a key";
    }

    private static KeyReference refused(String looksLike) {
        return KeyReference.refused(looksLike, PASTE);
    }
}
