package io.keywrap.byok;

/**
 * What the providers of slots work with, once they are bound to the KEKs of this JVM.
 *
 * @param notes the notes of the slots
 * @param secrets what is done with uploaded keys
 * @param watch what hears of revocations
 */
record SlotService(SlotNotes notes, SlotSecrets secrets, SlotWatch watch) {}
