package io.keywrap.byok;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.util.Optional;

/** A vendor's KMS that wraps nothing at all, may give back another key than it was given, and tells of versions what it likes. */
final class LyingKeks implements KeyProvider.Factory {
    static final KekId KEK = KekId.of("lying:kek");

    volatile boolean lies;

    /** What it says its current version is; empty if it says nothing. */
    volatile Optional<String> version = Optional.empty();

    /** Whether wraps say their version too. */
    volatile boolean tells;

    @Override
    public String scheme() {
        return "lying";
    }

    @Override
    public KeyProvider create(KekId kekId) {
        return new KeyProvider() {
            @Override
            public KekId kekId() {
                return kekId;
            }

            @Override
            public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
                return WrappedDek.builder(dek.id(), kekId)
                        .kekVersion(version.filter(one -> tells).orElse(""))
                        .build("NONE", dek.withBytes(byte[]::clone));
            }

            @Override
            public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                DekId id = wrapped.dekId();
                boolean other = lies && keyContext.asMap().containsKey("kw:secret");
                return other ? Dek.random(id) : Dek.takeOwnershipOf(id, wrapped.wrappedBytes());
            }

            @Override
            public Status status(Deadline deadline) {
                return version.map(Status::ofVersion).orElseGet(Status::unknown);
            }

            @Override
            public void close() {}
        };
    }
}
