package io.keywrap.gcp;

import com.google.cloud.kms.v1.KeyManagementServiceClient;
import java.io.IOException;

/** Where a provider has its client from. */
interface Clients {
    /** A client for a key, without calling anybody. */
    Loan of(GcpKeyName key);

    /**
     * A client in use by one provider.
     *
     * @param client the client, which may be made only now
     * @param giveBack to be called once
     */
    record Loan(Source client, Runnable giveBack) {}

    /** Gives the client; the first time may take as long as credentials are looked for. */
    interface Source {
        KeyManagementServiceClient get() throws IOException, InterruptedException;
    }
}
