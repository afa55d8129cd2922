package io.keywrap.aws;

import io.keywrap.Deadline;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.ResolveIdentityRequest;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsServiceClientConfiguration;

/**
 * The credentials of a client, in time for a call. The SDK looks for them before its own limits of a call begin to count, and
 * an STS or sign-on that keeps silent holds it up for as long as 30 seconds each time. So they are asked for on a thread
 * aside, by one call for all that wait.
 */
final class TimelyCredentials implements AutoCloseable {
    private static final int IDLE_SECONDS = 5;

    private final IdentityProvider<? extends AwsCredentialsIdentity> source;
    private final ThreadPoolExecutor aside =
            new ThreadPoolExecutor(0, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "keywrap-aws-credentials");
                thread.setDaemon(true);
                return thread;
            });
    private @Nullable CompletableFuture<AwsCredentialsIdentity> asked;

    private TimelyCredentials(IdentityProvider<? extends AwsCredentialsIdentity> source) {
        this.source = source;
    }

    /** Those of a client; null of one that does not tell whose it uses, such as a product's own wrapper of a client. */
    static @Nullable TimelyCredentials of(KmsClient client) {
        try {
            KmsServiceClientConfiguration settings = client.serviceClientConfiguration();
            return settings == null ? null : new TimelyCredentials(settings.credentialsProvider());
        } catch (UnsupportedOperationException e) {
            return null;
        }
    }

    /**
     * The credentials for one call.
     *
     * @throws TimeoutException if they did not come by the deadline, or this thread was interrupted
     * @throws RuntimeException the failure of the SDK as it is
     */
    IdentityProvider<AwsCredentialsIdentity> by(Deadline deadline) throws TimeoutException {
        try {
            return new Found(ask().get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw SdkClientException.create("the credentials cannot be had", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("interrupted");
        }
    }

    private synchronized CompletableFuture<AwsCredentialsIdentity> ask() {
        CompletableFuture<AwsCredentialsIdentity> one = asked;
        if (one == null || one.isDone()) {
            one = CompletableFuture.supplyAsync(this::resolve, aside);
            asked = one;
        }
        return one;
    }

    private AwsCredentialsIdentity resolve() {
        try {
            return source.resolveIdentity().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    /** Ends the thread, also one that waits. */
    @Override
    public void close() {
        aside.shutdownNow();
    }

    /** What one call is signed with. */
    private record Found(AwsCredentialsIdentity identity) implements IdentityProvider<AwsCredentialsIdentity> {
        @Override
        public Class<AwsCredentialsIdentity> identityType() {
            return AwsCredentialsIdentity.class;
        }

        @Override
        public CompletableFuture<AwsCredentialsIdentity> resolveIdentity(ResolveIdentityRequest request) {
            return CompletableFuture.completedFuture(identity);
        }

        /** Tells nothing. */
        @Override
        public String toString() {
            return "Found[]";
        }
    }
}
