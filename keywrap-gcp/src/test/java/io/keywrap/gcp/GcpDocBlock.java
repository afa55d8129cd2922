package io.keywrap.gcp;

import com.google.api.gax.core.CredentialsProvider;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.rpc.TransportChannelProvider;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** What the Java of docs/quickstart/gcp.md finds there: keys in Cloud KMS, a client, and a file. */
public abstract class GcpDocBlock implements AutoCloseable {
    protected final Path folder;
    protected final KeyManagementServiceClient client;
    protected final String endpoint;
    protected final CredentialsProvider vendorCredentials = NoCredentialsProvider.create();
    protected final TransportChannelProvider transport =
            KeyManagementServiceSettings.defaultGrpcTransportProviderBuilder()
                    .setChannelConfigurator(channel -> channel.usePlaintext())
                    .build();
    protected final String customerKeyName;
    protected final String vendorKeyName;
    private final GcpKmsKey customerKey;

    protected GcpDocBlock(Path folder, GcpKmsEmulator emulator) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("accounts.csv"), "id,name\n1,acme\n".repeat(1_000));
        this.endpoint = emulator.endpoint();
        this.client = EmulatedKms.client(endpoint);
        this.customerKey = emulator.createKey();
        this.customerKeyName = customerKey.name();
        this.vendorKeyName = emulator.createKey().name();
    }

    protected final void disableCustomerKey() {
        customerKey.primary().disable();
    }

    protected final void enableCustomerKey() {
        customerKey.primary().enable();
    }

    protected final void rotateCustomerKey() {
        customerKey.rotate();
    }

    protected static void log(Object line) {
        LoggerFactory.getLogger(GcpDocBlock.class).info("{}", line);
    }

    /** All blocks of the page, one after the other. */
    public abstract void run() throws Exception;

    @Override
    public void close() {
        client.close();
    }
}
