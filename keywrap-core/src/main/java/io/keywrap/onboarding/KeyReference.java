package io.keywrap.onboarding;

import io.keywrap.KekId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of a reference to a key that a customer pasted: the KEK that it names, or what it looks like and what to paste
 * instead. The adapter of each cloud reads the references of that cloud.
 *
 * <p><b>Security:</b> a customer may paste a secret by mistake. Nothing here repeats what was pasted unless it was found to
 * be the name of a key, so an explanation can be shown and logged.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class KeyReference {
    /** Longest text that is looked at, in characters. */
    public static final int MAX_CHARACTERS = 4096;

    private final @Nullable KekId kekId;
    private final String looksLike;
    private final List<String> notes;
    private final @Nullable String pasteInstead;

    private KeyReference(@Nullable KekId kekId, String looksLike, List<String> notes, @Nullable String pasteInstead) {
        this.kekId = kekId;
        this.looksLike = looksLike;
        this.notes = List.copyOf(notes);
        this.pasteInstead = pasteInstead;
    }

    /**
     * A reference that names a KEK.
     *
     * @param kekId the KEK
     * @param looksLike what was pasted, such as {@code the ARN of a key}
     * @param notes what was left out or put right, and what to know about this kind of reference; may be empty
     * @return the reference
     */
    public static KeyReference accepted(KekId kekId, String looksLike, List<String> notes) {
        return new KeyReference(kekId, looksLike, notes, null);
    }

    /**
     * A reference that names no KEK, or none that may be used.
     *
     * @param looksLike what was pasted, such as {@code the id of a key, without account and Region}
     * @param pasteInstead what to paste instead, and where it is to be found
     * @return the reference
     */
    public static KeyReference refused(String looksLike, String pasteInstead) {
        return new KeyReference(null, looksLike, List.of(), pasteInstead);
    }

    /**
     * The KEK.
     *
     * @return its id; empty if the reference was refused
     */
    public Optional<KekId> kekId() {
        return Optional.ofNullable(kekId);
    }

    /**
     * What was pasted.
     *
     * @return a few words that continue "this looks like …"
     */
    public String looksLike() {
        return looksLike;
    }

    /**
     * What was left out or put right, and what to know about this kind of reference.
     *
     * @return sentences; empty for a plain reference, and for one that was refused
     */
    public List<String> notes() {
        return notes;
    }

    /**
     * What to paste instead.
     *
     * @return a sentence; empty if the reference was accepted
     */
    public Optional<String> pasteInstead() {
        return Optional.ofNullable(pasteInstead);
    }

    /**
     * The KEK, for callers who have no use for an explanation.
     *
     * @return its id
     * @throws IllegalArgumentException if the reference was refused; the message is {@link #explanation()}
     */
    public KekId required() {
        if (kekId == null) {
            throw new IllegalArgumentException(explanation());
        }
        return kekId;
    }

    /**
     * All of it in one text, for the person who pasted it.
     *
     * @return such as {@code this looks like the id of a key …; paste …}
     */
    public String explanation() {
        if (pasteInstead != null) {
            return "this looks like " + looksLike + "; " + pasteInstead;
        }
        String said = "this is " + looksLike + ": " + Objects.requireNonNull(kekId);
        return notes.isEmpty() ? said : said + "; " + String.join("; ", notes);
    }

    /**
     * The same as {@link #explanation()}.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return explanation();
    }
}
