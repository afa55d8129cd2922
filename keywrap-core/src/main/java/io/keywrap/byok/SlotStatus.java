package io.keywrap.byok;

import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a slot stands. Nothing in it is secret.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param slot the slot
 * @param revision how often it was changed; 1 for a slot that was made just now
 * @param createdAt when the first key was uploaded
 * @param seal under which KEK of the vendor's the key of its seal is wrapped, without which the slot cannot be read
 * @param versions the versions of its key that were not dropped, oldest first
 */
public record SlotStatus(String slot, long revision, Instant createdAt, Wrap seal, List<Version> versions) {
    /**
     * Copies the list.
     *
     * @param slot the slot
     * @param revision how often it was changed
     * @param createdAt when the first key was uploaded
     * @param seal under which KEK the key of its seal is wrapped
     * @param versions the versions of its key
     */
    public SlotStatus {
        versions = List.copyOf(versions);
    }

    /**
     * One version of the key of a slot.
     *
     * @param number 1 for the first key that was uploaded; never used again
     * @param state its state
     * @param was what it was before it was revoked, and will be once the same key is uploaded again; otherwise its state
     * @param uploadedAt when its key was uploaded first
     * @param since since when it is in its state
     * @param wrap under which KEK of the vendor's the uploaded key is wrapped; empty once it is revoked
     */
    public record Version(
            int number, SlotState state, SlotState was, Instant uploadedAt, Instant since, Optional<Wrap> wrap) {}

    /**
     * What a key of the slot is wrapped under.
     *
     * @param kekId the vendor's KEK
     * @param kekVersion its version, as its KMS names it; empty if that was not told
     */
    public record Wrap(KekId kekId, String kekVersion) {
        static Wrap of(WrappedDek wrapped) {
            return new Wrap(wrapped.kekId(), wrapped.kekVersion());
        }
    }

    /**
     * The KEK that the slot is.
     *
     * @return {@code byok://<slot>}
     */
    public KekId kekId() {
        return ByokKms.kekId(slot);
    }

    /**
     * The version that wraps.
     *
     * @return the version; empty if the slot has none
     */
    public Optional<Version> active() {
        return first(SlotState.ACTIVE);
    }

    /**
     * The version that was uploaded and can be activated.
     *
     * @return the version; empty if there is none
     */
    public Optional<Version> pending() {
        return first(SlotState.PENDING);
    }

    /**
     * Whether a version waits for the same key to be uploaded again; no other key is accepted meanwhile.
     *
     * @return true if one is revoked
     */
    public boolean isRevoked() {
        return first(SlotState.REVOKED).isPresent();
    }

    private Optional<Version> first(SlotState state) {
        return versions.stream().filter(version -> version.state() == state).findFirst();
    }
}
