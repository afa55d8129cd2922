package io.keywrap.byok;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.StoreUnavailableException;

/** What a slot that cannot be used fails with. */
final class SlotErrors {
    private SlotErrors() {}

    static SlotRefusedException refused(
            String slot, SlotRefusedException.Reason reason, String what, String operatorAction) {
        return new SlotRefusedException(Failure.of(Slots.kekId(slot), what).operatorAction(operatorAction), reason);
    }

    static KekNotFoundException noSlot(String slot) {
        return new KekNotFoundException(Failure.of(Slots.kekId(slot), "the store has no slot of this name")
                .operatorAction("check the name and the store, or have the customer upload a key"));
    }

    /** Why nothing can be wrapped in a slot without an active version. */
    static KekException notActive(SlotRecord record) {
        KekId kekId = Slots.kekId(record.slot());
        if (record.in(SlotState.REVOKED).isPresent()) {
            return revoked(kekId);
        }
        if (record.in(SlotState.ARCHIVED).isPresent()) {
            return new KekRevokedException(
                    Failure.of(kekId, "the slot has archived keys alone, which wrap nothing")
                            .rawCode(SlotState.ARCHIVED.name())
                            .operatorAction("have the customer upload a new key, and activate it"),
                    Reason.DISABLED);
        }
        return record.versions().isEmpty()
                ? dropped(kekId)
                : new KekNotFoundException(Failure.of(kekId, "the key of the slot was not activated yet")
                        .rawCode(SlotState.PENDING.name())
                        .operatorAction("activate it"));
    }

    /** Why nothing can be unwrapped by a version whose material is not there. */
    static KekRevokedException withoutMaterial(SlotRecord record, int number) {
        KekId kekId = Slots.kekId(record.slot());
        return record.version(number).isPresent() ? revoked(kekId) : dropped(kekId);
    }

    private static KekRevokedException revoked(KekId kekId) {
        return new KekRevokedException(
                Failure.of(kekId, "the customer has revoked the slot")
                        .rawCode(SlotState.REVOKED.name())
                        .operatorAction("only the customer can give access back, by uploading the same key again"),
                Reason.DISABLED);
    }

    /** What work hears that went on with a DEK in memory over a revocation. */
    static KekRevokedException revokedMeanwhile(KekId kekId) {
        return new KekRevokedException(
                Failure.of(kekId, "the customer has revoked the slot, and has given access back since")
                        .rawCode(SlotState.REVOKED.name())
                        .operatorAction("begin the work again"),
                Reason.DISABLED);
    }

    private static KekRevokedException dropped(KekId kekId) {
        return new KekRevokedException(
                Failure.of(kekId, "this version of the slot's key was dropped for good")
                        .rawCode("DROPPED")
                        .operatorAction("use a wrap under another KEK or version, if there is one"),
                Reason.DELETED);
    }

    static KekUnreachableException storeAway(String slot, StoreUnavailableException cause) {
        return new KekUnreachableException(Failure.of(Slots.kekId(slot), "the store of the slots cannot be reached")
                .operatorAction("check the store; it can be tried again")
                .cause(cause));
    }

    /** A failure of the vendor's KEK is never a verdict on the customer's. */
    static KekException ofVendor(String slot, KekException cause) {
        KekId kekId = Slots.kekId(slot);
        if (cause.kekId().filter(kekId::equals).isPresent()) {
            return cause;
        }
        return cause.retryable()
                ? new KekUnreachableException(Failure.of(kekId, "the vendor's KEK, which wraps the key, did not answer")
                        .operatorAction(cause.operatorAction())
                        .rawCode(cause.rawCode().orElse(null))
                        .retryAfter(cause.retryAfter().orElse(null))
                        .cause(cause))
                : new KekConfigurationException(
                        Failure.of(kekId, "the vendor's KEK, which wraps the key, cannot be used")
                                .operatorAction(cause.operatorAction())
                                .rawCode(cause.rawCode().orElse(null))
                                .cause(cause));
    }
}
