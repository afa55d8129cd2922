package io.keywrap.stream;

import io.keywrap.DekLease;
import io.keywrap.envelope.EnvelopeHeader;
import java.util.ArrayList;
import java.util.List;

/** A keychain's keys, and every lease that was taken of them. */
final class RecordingKeys implements EnvelopeKeys {
    final List<DekLease> leases = new ArrayList<>();
    private final EnvelopeKeys keys;

    RecordingKeys(EnvelopeKeys keys) {
        this.keys = keys;
    }

    @Override
    public NewEnvelope forWriting() {
        NewEnvelope fresh = keys.forWriting();
        leases.add(fresh.lease());
        return fresh;
    }

    @Override
    public DekLease forReading(EnvelopeHeader header) {
        DekLease lease = keys.forReading(header);
        leases.add(lease);
        return lease;
    }
}
