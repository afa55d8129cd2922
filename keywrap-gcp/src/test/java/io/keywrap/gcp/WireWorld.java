package io.keywrap.gcp;

import com.google.api.gax.core.CredentialsProvider;
import com.google.api.gax.core.FixedCredentialsProvider;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.auth.Credentials;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.GcpKeySpec;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.gcp.WireRow.Op;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.ManualTime;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** An emulator with a key that works, and whatever calls it: what a case changes before the call that fails. */
final class WireWorld implements AutoCloseable {
    static final String SECRET_VALUE = "acme-secretive";

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
    final GcpKmsEmulator emulator = GcpKmsEmulator.builder().time(time).start(0);
    final DekId id = DekId.random();

    GcpKmsKey key = emulator.createKey();
    EncryptionContext context = EncryptionContext.ofDek("keychain", id, EncryptionContext.of("tenant", SECRET_VALUE));
    KeyProvider provider;
    WrappedDek wrapped;
    Duration budget = Duration.ofSeconds(10);

    private final Deque<Runnable> opened = new ArrayDeque<>(List.of(emulator::close));
    private final Dek dek = Dek.random(id);

    WireWorld() {
        callBy(NoCredentialsProvider.create(), emulator.endpoint());
        wrapped = wrap();
    }

    KekId kekId() {
        return EmulatedKms.kekId(key.name());
    }

    /** The key is another one, by which the DEK is wrapped. */
    void use(GcpKeySpec spec) {
        useUntried(spec);
        wrapped = wrap();
    }

    /** The key is another one, which cannot wrap. */
    void useUntried(GcpKeySpec spec) {
        key = emulator.createKey(spec);
        callBy(NoCredentialsProvider.create(), emulator.endpoint());
        relabel();
    }

    /** The key is one that was never made. */
    void useNone() {
        KeyManagementServiceClient client = EmulatedKms.client(emulator.endpoint());
        opened.push(client::close);
        provider = GcpKms.factory(name -> client).create(EmulatedKms.kekId(emulator.keyRing() + "/cryptoKeys/none"));
        relabel();
    }

    private void relabel() {
        wrapped = WrappedDek.builder(id, provider.kekId())
                .kekVersion("1")
                .build(wrapped.algorithm(), wrapped.wrappedBytes());
    }

    /** The provider is a new one, with a client in other hands. */
    void callBy(CredentialsProvider credentials, String endpoint) {
        KeyManagementServiceClient client = EmulatedKms.client(endpoint, credentials);
        opened.push(client::close);
        provider = GcpKms.factory(name -> client).create(kekId());
    }

    /** The provider is a new one, whose credentials give no token. */
    void callByCredentials(IOException failure) {
        callBy(FixedCredentialsProvider.create(new Broken(failure)), emulator.endpoint());
    }

    void call(Op operation) {
        switch (operation) {
            case GENERATE -> provider.generate(id, context, deadline()).dek().close();
            case WRAP -> wrap();
            case UNWRAP -> provider.unwrap(wrapped, context, deadline()).close();
            case STATUS -> provider.status(deadline());
        }
    }

    private WrappedDek wrap() {
        return provider.wrap(dek, context, deadline());
    }

    private Deadline deadline() {
        return Deadline.after(budget, time);
    }

    @Override
    public void close() {
        dek.close();
        opened.forEach(Runnable::run);
    }

    /** Credentials that fail when they are asked for a token. */
    static final class Broken extends Credentials {
        private static final long serialVersionUID = 1L;

        private final transient IOException failure;

        Broken(IOException failure) {
            this.failure = failure;
        }

        @Override
        public String getAuthenticationType() {
            return "OAuth2";
        }

        @Override
        public Map<String, List<String>> getRequestMetadata(URI uri) throws IOException {
            throw failure;
        }

        @Override
        public boolean hasRequestMetadata() {
            return true;
        }

        @Override
        public boolean hasRequestMetadataOnly() {
            return true;
        }

        @Override
        public void refresh() {}
    }
}
