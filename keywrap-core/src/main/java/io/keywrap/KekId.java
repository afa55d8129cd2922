package io.keywrap;

import io.keywrap.codec.Canonical;
import java.io.Serializable;
import java.util.regex.Pattern;

/**
 * The name of a KEK, written as a URI such as {@code aws-kms://arn:aws:kms:…} or {@code keystore:main#tenant-42}.
 *
 * <p>A KEK id says which key, never how to reach it: paths, endpoints and credentials are configuration. It is not
 * secret. What follows the scheme is checked by the provider of that scheme.
 *
 * <p><b>Shape and units:</b> a scheme of 2 to 32 characters {@code [a-z][a-z0-9-]*}, a colon, and 1 or more characters
 * that are neither control characters nor white space; at most {@value #MAX_BYTES} UTF-8 bytes in all.
 *
 * @param uri the URI
 */
public record KekId(String uri) implements Serializable {
    /** Longest URI, in UTF-8 bytes. */
    public static final int MAX_BYTES = 1024;

    private static final Pattern URI = Pattern.compile("[a-z][a-z0-9-]{1,31}:[^\\p{Cc}\\p{Z}]+");

    /**
     * Checks the shape.
     *
     * @param uri the URI
     * @throws IllegalArgumentException if it does not have the shape of a KEK id
     */
    public KekId {
        int length = Canonical.utf8(uri).length;
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a KEK id has at most " + MAX_BYTES + " UTF-8 bytes, this one has " + length);
        }
        if (!URI.matcher(uri).matches()) {
            throw new IllegalArgumentException(
                    "not a KEK id: '" + uri + "'; expected <scheme>:<key>, for example keystore:main#tenant-42");
        }
    }

    /**
     * Reads a KEK id.
     *
     * @param uri the URI
     * @return the id
     * @throws IllegalArgumentException if it does not have the shape of one
     */
    public static KekId of(String uri) {
        return new KekId(uri);
    }

    /**
     * Which provider is meant.
     *
     * @return what stands before the first colon
     */
    public String scheme() {
        return uri.substring(0, uri.indexOf(':'));
    }

    /**
     * The URI itself.
     *
     * @return {@link #uri()}
     */
    @Override
    public String toString() {
        return uri;
    }
}
