package io.keywrap.rewrap;

import io.keywrap.KekId;

/** From one KEK to another. */
record Move(KekId from, KekId to) {}
