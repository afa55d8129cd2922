package io.keywrap.azure;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The URL of a key in Azure Key Vault or Managed HSM, with which a {@link KekId} of Azure names a KEK:
 * {@code azure-kms://<url>}.
 *
 * <p><b>Shape and units:</b> {@code https://<vault>.<suffix>/keys/<name>}, optionally followed by {@code /<version>}, 32
 * hexadecimal digits. The suffix is {@code vault} or {@code managedhsm} and that of a cloud of Azure: {@code azure.net},
 * {@code usgovcloudapi.net}, {@code azure.cn}. Azure does not tell upper from lower case here, so neither does this: two URLs are
 * equal if they name the same key and version, and {@link #toString()} is in lower case, without a port.
 *
 * <p><b>Security:</b> a token goes to the host of this URL, and customers type it. There is no other way to make one of these than
 * through the list of hosts, so a foreign host is refused before anything is sent.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class AzureKeyUrl {
    private static final String PREFIX = AzureKms.SCHEME + "://";

    private final String host;
    private final String name;
    private final String version;

    /** Of a host that is on the list. */
    AzureKeyUrl(String host, String name, String version) {
        this.host = host.toLowerCase(Locale.ROOT);
        this.name = name.toLowerCase(Locale.ROOT);
        this.version = version.toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a URL.
     *
     * @param url the URL of a key, with or without a version
     * @return the URL in its parts
     * @throws IllegalArgumentException if it is not one, or its host is none of Azure's
     */
    public static AzureKeyUrl parse(String url) {
        return new AzureHosts(Set.of()).parse(url);
    }

    /**
     * Reads the id of a KEK.
     *
     * @param kekId {@code azure-kms://<url>}
     * @return the URL in its parts
     * @throws KekConfigurationException if it is none of Azure, or its host is none of Azure's
     */
    public static AzureKeyUrl of(KekId kekId) {
        return new AzureHosts(Set.of()).keyOf(kekId);
    }

    /** What stands behind the scheme; empty if it is another scheme. */
    static String urlIn(KekId kekId) {
        return kekId.uri().startsWith(PREFIX) ? kekId.uri().substring(PREFIX.length()) : "";
    }

    /**
     * The id of the KEK, in lower case.
     *
     * @return {@code azure-kms://<url>}
     */
    public KekId kekId() {
        return KekId.of(PREFIX + this);
    }

    /**
     * Where the key is called.
     *
     * @return such as {@code acme.vault.azure.net}
     */
    public String host() {
        return host;
    }

    /**
     * The vault or pool.
     *
     * @return such as {@code https://acme.vault.azure.net}
     */
    public String vaultUrl() {
        return "https://" + host;
    }

    /**
     * The key.
     *
     * @return 1 to 127 letters, digits and hyphens, in lower case
     */
    public String name() {
        return name;
    }

    /**
     * The version.
     *
     * @return 32 hexadecimal digits in lower case; empty if the URL names none
     */
    public Optional<String> version() {
        return version.isEmpty() ? Optional.empty() : Optional.of(version);
    }

    /**
     * Whether it is a Managed HSM, and not a vault.
     *
     * @return true for a host in {@code managedhsm.…}
     */
    public boolean isManagedHsm() {
        return host.contains(".managedhsm.");
    }

    /**
     * Where the cloud of this key gives out its tokens, for {@code authorityHost(…)} of a credential.
     *
     * @return such as {@code https://login.microsoftonline.com/}
     */
    public String authorityHost() {
        return AzureHosts.authorityOf(host);
    }

    /** The key in the version that wrapped something. */
    AzureKeyUrl inVersion(String other) {
        return new AzureKeyUrl(host, name, other);
    }

    /** Whether both are one key, in whichever versions. */
    boolean isSameKeyAs(AzureKeyUrl other) {
        return host.equals(other.host) && name.equals(other.name);
    }

    /**
     * Whether another URL names the same key and version.
     *
     * @param other the other object
     * @return true if it does
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof AzureKeyUrl that && isSameKeyAs(that) && version.equals(that.version);
    }

    /**
     * A hash of the URL.
     *
     * @return the hash
     */
    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /**
     * The URL itself, in lower case.
     *
     * @return such as {@code https://acme.vault.azure.net/keys/kek}
     */
    @Override
    public String toString() {
        return vaultUrl() + "/keys/" + name + (version.isEmpty() ? "" : "/" + version);
    }
}
