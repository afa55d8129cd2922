package io.keywrap.azure;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hosts that a token may be sent to, and the one place where a URL becomes an {@link AzureKeyUrl}: the vaults and pools of
 * Azure's clouds, and emulators on this machine that were named one by one.
 *
 * <p>The patterns match whole texts of ASCII: what else a URL may have (user names, escapes, queries, other ports, addresses,
 * trailing dots, letters of other scripts that look alike) does not occur in them.
 */
final class AzureHosts {
    private static final String KEY = "/keys/(?<name>[A-Za-z0-9-]{1,127})(?:/(?<version>[0-9a-f]{32}))?/?";
    private static final Pattern CLOUD = Pattern.compile(
            "https://(?<host>(?=[A-Za-z0-9-]{3,24}\\.)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
                    + "\\.(?:vault|managedhsm)\\.(?:azure\\.net|azure\\.cn|usgovcloudapi\\.net))(?::443)?" + KEY,
            Pattern.CASE_INSENSITIVE);
    private static final String LOOPBACK_HOST = "(?:localhost|127\\.0\\.0\\.1|\\[::1\\]):[1-9]\\d{0,4}";
    private static final Pattern LOOPBACK =
            Pattern.compile("https://(?<host>" + LOOPBACK_HOST + ")" + KEY, Pattern.CASE_INSENSITIVE);
    private static final Pattern LOOPBACK_ALONE = Pattern.compile(LOOPBACK_HOST, Pattern.CASE_INSENSITIVE);

    private static final Map<String, String> AUTHORITIES = Map.of(
            "azure.net", "https://login.microsoftonline.com/",
            "usgovcloudapi.net", "https://login.microsoftonline.us/",
            "azure.cn", "https://login.chinacloudapi.cn/");

    private final Set<String> trusted;

    /** With emulators that {@link #requireLoopback} has let pass. */
    AzureHosts(Set<String> trusted) {
        this.trusted = Set.copyOf(trusted);
    }

    /** An emulator on this machine, as host and port in lower case. */
    static String requireLoopback(String hostAndPort) {
        if (!LOOPBACK_ALONE.matcher(hostAndPort).matches()) {
            throw new IllegalArgumentException("not a port of this machine: '" + hostAndPort
                    + "'; expected localhost:<port>, 127.0.0.1:<port> or [::1]:<port>");
        }
        return hostAndPort.toLowerCase(Locale.ROOT);
    }

    /** Where the cloud of a host gives out its tokens; emulators count to the public one. */
    static String authorityOf(String host) {
        return AUTHORITIES.entrySet().stream()
                .filter(cloud -> host.endsWith("." + cloud.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("https://login.microsoftonline.com/");
    }

    /** Whether it is one of the emulators. */
    boolean isEmulator(AzureKeyUrl key) {
        return trusted.contains(key.host());
    }

    /** Reads a URL; fails with an {@link IllegalArgumentException} unless it is a key on a host of the list. */
    AzureKeyUrl parse(String url) {
        Matcher cloud = CLOUD.matcher(url);
        if (cloud.matches()) {
            return withoutPort(cloud);
        }
        Matcher loopback = LOOPBACK.matcher(url);
        if (loopback.matches() && trusted.contains(loopback.group("host").toLowerCase(Locale.ROOT))) {
            return withoutPort(loopback);
        }
        throw new IllegalArgumentException("not the URL of a key in a vault or Managed HSM of Azure: '" + url
                + "'; expected https://<vault>.vault.azure.net/keys/<name>");
    }

    /** Reads the id of a KEK. */
    AzureKeyUrl keyOf(KekId kekId) {
        try {
            return parse(AzureKeyUrl.urlIn(kekId));
        } catch (IllegalArgumentException e) {
            throw new KekConfigurationException(
                    Failure.of(kekId, "not a KEK id of Azure, or its host is none that a token may be sent to")
                            .operatorAction(
                                    "write azure-kms:// and the URL of the key, https://<vault>.vault.azure.net/keys/<name>,"
                                            + " with the host as the Azure portal shows it"));
        }
    }

    private static AzureKeyUrl withoutPort(Matcher parts) {
        String version = parts.group("version");
        return new AzureKeyUrl(parts.group("host"), parts.group("name"), version == null ? "" : version);
    }
}
