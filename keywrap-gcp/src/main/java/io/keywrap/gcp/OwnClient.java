package io.keywrap.gcp;

import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The one client of a factory, made by the first call of any provider and closed with the last provider. To make it may take
 * long, as credentials are looked for on this machine and its metadata service, so nobody but callers waits for it.
 */
final class OwnClient implements Clients {
    private final Source maker;
    private @Nullable FutureTask<KeyManagementServiceClient> making;
    private @Nullable KeyManagementServiceClient client;
    private int users;

    /** By the application default credentials. */
    OwnClient() {
        this(() -> KeyManagementServiceClient.create(
                GcpKms.tune(KeyManagementServiceSettings.newBuilder()).build()));
    }

    OwnClient(Source maker) {
        this.maker = maker;
    }

    @Override
    public synchronized Loan of(GcpKeyName key) {
        users++;
        AtomicBoolean given = new AtomicBoolean();
        return new Loan(this::get, () -> {
            if (given.compareAndSet(false, true)) {
                giveBack();
            }
        });
    }

    private KeyManagementServiceClient get() throws IOException, InterruptedException {
        FutureTask<KeyManagementServiceClient> one = making();
        one.run(); // By whoever comes first.
        try {
            return one.get();
        } catch (ExecutionException e) {
            forget(one);
            Throwable cause = e.getCause();
            throw cause instanceof IOException failure ? failure : new IOException("no client of Cloud KMS", cause);
        }
    }

    private synchronized FutureTask<KeyManagementServiceClient> making() {
        FutureTask<KeyManagementServiceClient> one = making;
        if (one == null) {
            one = new FutureTask<>(this::make);
            making = one;
        }
        return one;
    }

    private KeyManagementServiceClient make() throws IOException, InterruptedException {
        KeyManagementServiceClient made = maker.get();
        synchronized (this) {
            if (users == 0) {
                made.close();
                throw new IllegalStateException("the last provider was closed");
            }
            client = made;
            return made;
        }
    }

    private synchronized void forget(FutureTask<KeyManagementServiceClient> failed) {
        if (failed.equals(making)) {
            making = null;
        }
    }

    private synchronized void giveBack() {
        if (--users == 0) {
            making = null;
            if (client != null) {
                client.close();
                client = null;
            }
        }
    }
}
