package io.keywrap.cli;

import io.keywrap.jdbc.JdbcKeychainStore;
import io.keywrap.store.KeychainStore;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The URL of a database that holds a store. It has no password: other users of the machine see arguments. Only
 * parameters that are known to hold none are allowed, each spelt as it stands here, so that no other spelling gets
 * through.
 */
final class StoreUrl {
    private static final String POSTGRESQL = "jdbc:postgresql://";
    private static final String SQLITE = "jdbc:sqlite:";
    private static final String HOST = "(\\[[0-9A-Fa-f:.%]+]|[^:/,@\\[\\]]*)(:[0-9]{1,5})?";

    /** Possessive, so that many hosts do not take as many frames of the stack. */
    private static final Pattern PLACE = Pattern.compile(HOST + "(?:," + HOST + ")*+(/.*)?");

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\u2028\\u2029]");
    private static final Pattern ENCODED_CONTROL = Pattern.compile("%([01][0-9A-Fa-f]|7[Ff])");
    private static final int MOST_CHARACTERS = 4096;
    private static final int BUSY_MILLIS = 10_000;
    private static final int MOST_SECONDS = 10;
    private static final String SSL_MODE = "sslmode";
    private static final String SSL_FACTORY = "sslfactory";

    /** The one that trusts what the JVM trusts. Others of the driver's trust everybody. */
    private static final String JVM_TRUST = "org.postgresql.ssl.DefaultJavaSSLFactory";

    /** Hosts whose connections do not leave this machine; the driver takes a missing one for localhost. */
    private static final String HERE = "(?i)localhost|127(\\.[0-9]{1,3}){3}|\\[::1]|";

    private static final Set<String> PARAMETERS = new TreeSet<>(Set.of(
            "channelBinding",
            "connectTimeout",
            "currentSchema",
            "gssEncMode",
            "loginTimeout",
            "socketTimeout",
            "sslcert",
            SSL_FACTORY,
            "sslkey",
            SSL_MODE,
            "sslrootcert",
            "targetServerType",
            "tcpKeepAlive",
            "user"));

    private final String url;

    private StoreUrl(String url) {
        this.url = url;
    }

    static StoreUrl parse(String url) {
        if (url.length() > MOST_CHARACTERS) {
            throw new UsageException("the URL of a store has more than " + MOST_CHARACTERS + " characters");
        }
        if (CONTROL.matcher(url).find()
                || (!url.startsWith(SQLITE) && ENCODED_CONTROL.matcher(url).find())) {
            throw new UsageException("the URL of a store has a control character or a line break; to do: leave it out");
        }
        if (url.startsWith(POSTGRESQL)) {
            requireNoSecret(url.substring(POSTGRESQL.length()));
            try {
                new PGSimpleDataSource().setUrl(url);
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) { // With the URL; or no host has a name.
                throw new UsageException(
                        "the URL of a store is not as the driver of PostgreSQL wants it; to do: check its"
                                + " host, port and parameters");
            }
        } else if (!url.startsWith(SQLITE)) {
            throw new UsageException("the URL of a store begins with " + POSTGRESQL + " or " + SQLITE);
        } else if (!url.substring(SQLITE.length()).matches("(?!file:)[^:?][^?]*")) {
            throw new UsageException("the URL of a store in SQLite is " + SQLITE + "FILE, without parameters");
        }
        return new StoreUrl(url);
    }

    private static void requireNoSecret(String rest) {
        int end = rest.indexOf('?');
        String place = end < 0 ? rest : rest.substring(0, end);
        String query = end < 0 ? "" : rest.substring(end + 1);
        if (place.contains("@") || place.contains("%40")) {
            throw new UsageException("the URL of a store names no user and no password before its host; to do: give"
                    + " --store-user, and the password by --store-password-file or " + StorePassword.VARIABLE);
        }
        // The driver would print what it takes for a port, which may be a password that lacks its host.
        if (!PLACE.matcher(place).matches()) {
            throw new UsageException("the URL of a store is " + POSTGRESQL + "HOST[:PORT]/DATABASE");
        }
        boolean known = query.isEmpty()
                || Arrays.stream(query.split("&", -1))
                        .allMatch(pair ->
                                pair.contains("=") && PARAMETERS.contains(pair.substring(0, pair.indexOf('='))));
        if (!known) {
            throw new UsageException("the URL of a store has a parameter that is not among " + PARAMETERS
                    + "; to do: leave it out, and give a password by --store-password-file or "
                    + StorePassword.VARIABLE);
        }
        boolean trusted = parameters(query, SSL_FACTORY).allMatch(JVM_TRUST::equals);
        if (!trusted) {
            throw new UsageException("the " + SSL_FACTORY + " of the URL of a store is " + JVM_TRUST + ", or none");
        }
    }

    private static Stream<String> parameters(String query, String name) {
        return Arrays.stream(query.split("&", -1))
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1));
    }

    /** Whether a password would go over a network, and nothing is said of TLS. */
    private boolean needsTls() {
        String rest = url.substring(POSTGRESQL.length());
        String place = rest.replaceFirst("\\?.*", "");
        String query = rest.substring(Math.min(place.length() + 1, rest.length()));
        boolean here = Arrays.stream(place.replaceFirst("/.*", "").split(",", -1))
                .allMatch(host -> host.replaceFirst(":[0-9]+$", "").matches(HERE));
        return !here && parameters(query, SSL_MODE).allMatch(String::isEmpty);
    }

    /** The file of SQLite. */
    Optional<Path> file() {
        try {
            return url.startsWith(SQLITE) ? Optional.of(Path.of(url.substring(SQLITE.length()))) : Optional.empty();
        } catch (InvalidPathException e) {
            throw new UsageException("the file of --store is no path: " + e.getReason());
        }
    }

    KeychainStore existing(KeywrapCommand root) {
        file().filter(file -> !Files.exists(file)).ifPresent(file -> {
            throw new ConfigurationException(
                    "there is no store in " + file + "; to do: check --store, or make a keychain first");
        });
        return JdbcKeychainStore.open(source(root));
    }

    KeychainStore existingOrNew(KeywrapCommand root) {
        DataSource source = source(root);
        JdbcKeychainStore.createSchema(source);
        return JdbcKeychainStore.open(source);
    }

    private DataSource source(KeywrapCommand root) {
        if (url.startsWith(SQLITE)) {
            SQLiteConfig config = new SQLiteConfig();
            config.setBusyTimeout(BUSY_MILLIS);
            SQLiteDataSource source = new SQLiteDataSource(config);
            source.setUrl(url);
            return source;
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setConnectTimeout(MOST_SECONDS);
        source.setUrl(url);
        if (needsTls()) {
            source.setSslMode("verify-full");
        }
        root.storeUser().ifPresent(source::setUser);
        StorePassword.of(root).ifPresent(source::setPassword);
        return source;
    }

    @Override
    public String toString() {
        return url;
    }
}
