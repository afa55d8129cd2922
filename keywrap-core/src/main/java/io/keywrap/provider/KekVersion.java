package io.keywrap.provider;

import io.keywrap.KekId;

/** What is enabled and disabled as one. */
record KekVersion(KekId kekId, String version) {
    static KekVersion of(UnwrapKey key) {
        return new KekVersion(key.kekId(), key.wrapped().kekVersion());
    }
}
