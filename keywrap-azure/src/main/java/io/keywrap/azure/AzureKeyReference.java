package io.keywrap.azure;

import io.keywrap.onboarding.KeyReference;
import io.keywrap.onboarding.PastedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what a customer pastes for a key in Azure Key Vault or Managed HSM: a key identifier, the address of its page in the portal,
 * or something else, which is then explained.
 *
 * <p>A version is left out, so that the KEK is the key with all its versions, and rotations are followed. Who wants one version alone
 * writes the id of the KEK.
 *
 * <p><b>Errors:</b> none; what cannot be used is a {@link KeyReference} that says so.
 */
public final class AzureKeyReference {
    private static final String HOST =
            "[A-Za-z0-9-]+\\.(?:vault|managedhsm)\\.(?:azure\\.net|azure\\.cn|usgovcloudapi\\.net)(?::443)?";
    private static final String KEY = "/keys/[A-Za-z0-9-]{1,127}";
    private static final String VERSION = "(?:/[0-9a-f]{32})?";
    private static final String END = "/?(?:$|[?#\"'<>,;)\\]}])";

    /** Where a name has no version behind it, white space does not end it: the rest may be on the next line. */
    private static final Pattern IN_TEXT = Pattern.compile(
            "https?://" + HOST + KEY + "(?:/[0-9a-f]{32}(?=\\s|" + END + ")|(?=" + END + "))",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern BEGUN = Pattern.compile("https?://" + HOST + KEY, Pattern.CASE_INSENSITIVE);
    private static final Pattern WITHOUT_SCHEME =
            Pattern.compile(HOST + KEY + VERSION + "/?", Pattern.CASE_INSENSITIVE);
    private static final Pattern VAULT = Pattern.compile("(?:https?://)?" + HOST + "/?", Pattern.CASE_INSENSITIVE);
    private static final Pattern PORTAL = Pattern.compile(
            "https://portal\\.azure\\.(?<cloud>com|us|cn)/.*/vaults/(?<vault>[A-Za-z0-9-]+)(?:/keys/(?<name>[A-Za-z0-9-]+)(?:[/?#].*)?|.*)",
            Pattern.CASE_INSENSITIVE);
    private static final Map<String, String> DOMAINS =
            Map.of("com", "vault.azure.net", "us", "vault.usgovcloudapi.net", "cn", "vault.azure.cn");

    private static final String PASTE =
            "paste the key identifier, https://<vault>.vault.azure.net/keys/<name>, which the Azure"
                    + " portal shows in the vault, Keys, the key, its current version";

    private AzureKeyReference() {}

    /**
     * Reads a reference. The name of a key does not say in which region its vault is, so the rule of a data centre can be about
     * the cloud alone.
     *
     * @param pasted the text as it was pasted
     * @param allowedDomains the clouds that a key may be in: {@code azure.net}, {@code usgovcloudapi.net}, {@code azure.cn}; empty
     *     for all
     * @return the KEK, or what to paste instead
     */
    public static KeyReference parse(String pasted, Set<String> allowedDomains) {
        PastedText text = PastedText.of(pasted);
        return named(text)
                .map(reference -> inAllowedCloud(reference, allowedDomains))
                .or(() -> text.mistake("Azure", PASTE))
                .orElseGet(() -> explained(text));
    }

    private static Optional<KeyReference> named(PastedText pasted) {
        String text = pasted.decoded();
        if (WITHOUT_SCHEME.matcher(text).matches()) {
            return accepted("https://" + text, new ArrayList<>(List.of("https:// was put before it")));
        }
        List<String> urls = pasted.all(IN_TEXT);
        if (urls.size() > 1 || pasted.all(BEGUN).size() > 1) {
            return Optional.of(KeyReference.refused(
                    "the identifiers of several keys", "paste the identifier of the one that is to be used"));
        }
        if (!urls.isEmpty()) {
            List<String> notes = new ArrayList<>();
            String rest = text.replace(urls.get(0), "");
            if (!rest.isEmpty() && !rest.equals("/") && !rest.equals(AzureKms.SCHEME + "://")) {
                notes.add("what stood around it was left out");
            }
            return accepted(urls.get(0), notes);
        }
        Matcher portal = PORTAL.matcher(text);
        if (portal.matches() && portal.group("name") != null) {
            String host = portal.group("vault") + "."
                    + DOMAINS.get(portal.group("cloud").toLowerCase(Locale.ROOT));
            return accepted(
                    "https://" + host + "/keys/" + portal.group("name"),
                    new ArrayList<>(List.of("it was taken from the address of its page in the portal")));
        }
        return Optional.empty();
    }

    private static Optional<KeyReference> accepted(String url, List<String> notes) {
        boolean plain = url.regionMatches(true, 0, "http://", 0, "http://".length());
        if (plain) {
            notes.add("http was made https");
        }
        AzureKeyUrl key;
        try {
            key = AzureKeyUrl.parse(plain ? "https" + url.substring("http".length()) : url);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (key.version().isPresent()) {
            notes.add("the version was left out: a KEK is a key with all its versions");
        }
        return Optional.of(KeyReference.accepted(
                key.inVersion("").kekId(),
                key.isManagedHsm() ? "the identifier of a key in a Managed HSM" : "the identifier of a key in a vault",
                notes));
    }

    private static KeyReference inAllowedCloud(KeyReference reference, Set<String> allowed) {
        if (reference.kekId().isEmpty() || allowed.isEmpty()) {
            return reference;
        }
        String host = AzureKeyUrl.of(reference.required()).host();
        return allowed.stream().anyMatch(domain -> host.endsWith("." + domain))
                ? reference
                : KeyReference.refused(
                        "a key in another cloud of Azure than this data centre uses",
                        "make a key in a vault in " + String.join(" or ", new TreeSet<>(allowed))
                                + ", and paste its identifier");
    }

    private static KeyReference explained(PastedText pasted) {
        String text = pasted.decoded();
        String lower = text.toLowerCase(Locale.ROOT);
        if (pasted.isBroken()) {
            return refused("a text with white space in its middle, perhaps an identifier that was cut into lines");
        }
        if (lower.contains(".privatelink.") || lower.contains("vaultcore.azure.net")) {
            return refused(
                    "the name of a private endpoint; the key has the name of the vault itself, also where it is reached"
                            + " through one");
        }
        if (VAULT.matcher(text).matches()) {
            return refused("a vault, which has many keys");
        }
        if (lower.matches("(?:https?://)?" + HOST + "/(?:secrets|certificates)/.*")) {
            return refused("a secret or a certificate, not a key");
        }
        if (lower.matches("(?:https?://)?" + HOST + "/deletedkeys/.*")) {
            return refused("a key that was deleted; it can be recovered in the vault, Keys, Manage deleted keys");
        }
        if (lower.matches("(?:https?://)?" + HOST + "/.*")) {
            return refused("an identifier with a part that cannot be, or one that was cut");
        }
        if (PORTAL.matcher(text).matches() || lower.matches("https://portal\\.azure\\.(?:com|us|cn)/.*")) {
            return refused("the address of a page of the portal that is not that of a key");
        }
        if (lower.startsWith("/subscriptions/")) {
            return refused("a resource id, which does not say the host of the vault");
        }
        if (lower.matches("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")) {
            return refused("the id of a tenant, a subscription or an application");
        }
        if (lower.matches("https?://.*")) {
            return refused("an address on a host that is none of Azure's vaults");
        }
        return refused("nothing that names a key in Azure");
    }

    private static KeyReference refused(String looksLike) {
        return KeyReference.refused(looksLike, PASTE);
    }
}
