package io.keywrap.byok;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The transport keys of a region and which is which: the public part of what is kept, which is the object context of the envelope
 * with the private keys.
 *
 * @param current the one that customers get
 * @param next one that was made to follow it
 * @param previous the one before it
 */
record TransportKeyStates(
        TransportKey current,
        @Nullable TransportKey next,
        @Nullable TransportKey previous) {
    private static final String FORMAT = "keywrap-transport-keys";
    private static final String VERSION = "1";
    private static final String CURRENT = "current";
    private static final String NEXT = "next";
    private static final String PREVIOUS = "previous";
    private static final int MOST_SPKI_BYTES = 1024;

    /** All, in the order of their private keys. */
    List<TransportKey> all() {
        return Stream.of(current, next, previous).flatMap(Stream::ofNullable).toList();
    }

    TransportKeyStates withNext(TransportKey key) {
        return new TransportKeyStates(current, key, previous);
    }

    /** With the next one as the current. */
    TransportKeyStates activated() {
        if (next == null) {
            throw new IllegalStateException("there is no next transport key; to do: renew first");
        }
        if (previous != null) {
            throw new IllegalStateException("there is a previous transport key still, which customers may have used;"
                    + " to do: take it away first ('--remove previous'), once its uploads have come");
        }
        return new TransportKeyStates(/* current= */ next, /* next= */ null, /* previous= */ current);
    }

    /** Without the next or the previous one. */
    TransportKeyStates without(TransportKey key) {
        if (key.equals(current)) {
            throw new IllegalStateException(
                    "the current transport key cannot be taken away; to do: activate the next one first");
        }
        if (!all().contains(key)) {
            throw new IllegalStateException("there is no such transport key here");
        }
        return next != null && next.equals(key)
                ? new TransportKeyStates(current, null, previous)
                : new TransportKeyStates(current, next, null);
    }

    EncryptionContext toContext() {
        EncryptionContext context = EncryptionContext.of(
                Map.of("format", FORMAT, "version", VERSION, "region", current.region(), CURRENT, text(current)));
        if (next != null) {
            context = context.with(NEXT, text(next));
        }
        return previous == null ? context : context.with(PREVIOUS, text(previous));
    }

    private static String text(TransportKey key) {
        return key.created() + " " + Base64.getEncoder().encodeToString(key.spki());
    }

    /** Reads a claim: nothing of it is authenticated yet. */
    static TransportKeyStates parse(EncryptionContext context, String region) {
        Map<String, String> pairs = context.asMap();
        if (!FORMAT.equals(pairs.get("format"))) {
            throw new MalformedEnvelopeException(
                    "this is an envelope, and not one of transport keys; to do: name the right file");
        }
        if (!VERSION.equals(pairs.get("version"))) {
            throw new UnsupportedEnvelopeException(
                    "the transport keys have another version than " + VERSION + "; to do: use a newer release");
        }
        if (!region.equals(pairs.get("region"))) {
            throw new AuthenticationFailedException(
                    Check.OBJECT_CONTEXT,
                    "the transport keys are those of another region than " + region
                            + "; to do: name the right file and region");
        }
        Set<String> names = new HashSet<>(pairs.keySet());
        names.removeAll(Set.of("format", "version", "region", NEXT, PREVIOUS));
        if (!names.equals(Set.of(CURRENT))) {
            throw new MalformedEnvelopeException("the transport keys lack something, or have something too much");
        }
        return new TransportKeyStates(
                Objects.requireNonNull(key(region, pairs, CURRENT)),
                key(region, pairs, NEXT),
                key(region, pairs, PREVIOUS));
    }

    private static @Nullable TransportKey key(String region, Map<String, String> pairs, String state) {
        String text = pairs.get(state);
        if (text == null) {
            return null;
        }
        try {
            int space = text.indexOf(' ');
            Instant created = Instant.parse(text.substring(0, Math.max(space, 0)));
            byte[] spki = Base64.getDecoder().decode(text.substring(space + 1));
            TransportKey key = new TransportKey(region, created, spki);
            if (spki.length <= MOST_SPKI_BYTES && text.equals(text(key))) {
                return key;
            }
        } catch (DateTimeException | IllegalArgumentException e) {
            // Said below, without quoting it.
        }
        throw new MalformedEnvelopeException("the " + state + " transport key cannot be read");
    }
}
