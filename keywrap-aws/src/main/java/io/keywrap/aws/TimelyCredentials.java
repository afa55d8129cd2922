package io.keywrap.aws;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.ResolveIdentityRequest;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsServiceClientConfiguration;

/**
 * The credentials that a client calls with, to be had in time or not at all. The SDK fetches them before it watches the clock,
 * or by a read that it cannot cut, so they are fetched here, on a thread of their own; one fetch serves all who wait for it.
 */
final class TimelyCredentials {
    /** How long a fetch that nobody could wait for goes on; the next one begins anew. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Executor THREADS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), TimelyCredentials::thread);

    private final KmsClient client;
    private @Nullable FutureTask<@Nullable AwsCredentialsIdentity> fetch;

    TimelyCredentials(KmsClient client) {
        this.client = client;
    }

    /**
     * The credentials of now; null if the client does not tell where it has them from.
     *
     * @throws TimeoutException if they do not come in time
     */
    @Nullable
    AwsCredentialsIdentity within(Duration limit) throws TimeoutException {
        FutureTask<@Nullable AwsCredentialsIdentity> running = running();
        try {
            return running.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
                    .execute(() -> running.cancel(true));
            throw e;
        } catch (CancellationException e) {
            throw new TimeoutException("the fetch was given up");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AbortedException.create("interrupted while credentials were fetched", e);
        } catch (ExecutionException e) {
            throw rethrown(e.getCause() == null ? e : e.getCause());
        }
    }

    /** Gives up what is being fetched. */
    synchronized void close() {
        if (fetch != null) {
            fetch.cancel(true);
        }
    }

    private synchronized FutureTask<@Nullable AwsCredentialsIdentity> running() {
        FutureTask<@Nullable AwsCredentialsIdentity> running = fetch;
        if (running == null || running.isDone()) {
            running = new FutureTask<>(this::ask);
            fetch = running;
            THREADS.execute(running);
        }
        return running;
    }

    private @Nullable AwsCredentialsIdentity ask() throws Exception {
        IdentityProvider<? extends AwsCredentialsIdentity> source = source();
        try {
            return source == null ? null : source.resolveIdentity().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private @Nullable IdentityProvider<? extends AwsCredentialsIdentity> source() {
        Optional<KmsServiceClientConfiguration> settings = ClientSettings.of(client);
        return settings.isEmpty() ? null : settings.get().credentialsProvider();
    }

    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException e
                ? e
                : SdkClientException.create(
                        "no credentials: " + failure.getClass().getName(), failure);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "keywrap-aws-credentials");
        thread.setDaemon(true);
        thread.setContextClassLoader(TimelyCredentials.class.getClassLoader());
        return thread;
    }

    /** Credentials that are there, as the SDK wants them. */
    record Given(AwsCredentialsIdentity identity) implements IdentityProvider<AwsCredentialsIdentity> {
        @Override
        public Class<AwsCredentialsIdentity> identityType() {
            return AwsCredentialsIdentity.class;
        }

        @Override
        public CompletableFuture<AwsCredentialsIdentity> resolveIdentity(ResolveIdentityRequest request) {
            return CompletableFuture.completedFuture(identity);
        }

        /** Without the credentials. */
        @Override
        public String toString() {
            return "Given";
        }
    }
}
