package io.keywrap.gcp;

import com.google.api.core.ApiFuture;
import com.google.api.gax.grpc.GrpcCallContext;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.gax.rpc.ApiCallContext;
import com.google.api.gax.rpc.UnaryCallSettings;
import com.google.api.gax.rpc.UnaryCallable;
import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.cloud.kms.v1.GetCryptoKeyVersionRequest;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import io.grpc.CallOptions;
import io.keywrap.Deadline;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekUnreachableException;
import io.keywrap.gcp.GcpAnswer.Damaged;
import io.keywrap.gcp.GcpErrors.Question;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Calls of Cloud KMS for one provider: each is one attempt, ends with its deadline, and fails with one of keywrap's exceptions.
 *
 * <p>Google's client does much on the thread of its caller before the first call goes out: it looks for credentials, and asks
 * the metadata service which universe they are of. So calls begin on a thread of their own until one has been answered.
 */
final class GcpCalls {
    /** By how much gRPC, which tells more, may miss the deadline before it is not waited for any longer. */
    private static final Duration GRACE = Duration.ofMillis(100);

    /** How long a question may take for the state of a version that has just refused. */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(2);

    /** How often a call is made whose bytes are damaged on their way. */
    private static final int TRIES = 2;

    private static final Method<GetCryptoKeyVersionRequest, CryptoKeyVersion> GET_VERSION = new Method<>(
            KeyManagementServiceClient::getCryptoKeyVersionCallable,
            KeyManagementServiceSettings::getCryptoKeyVersionSettings);

    static final Executor THREADS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), GcpCalls::thread);

    private final GcpKeyName key;
    private final Clients.Loan loan;
    private volatile boolean worked;
    private volatile boolean answered;
    private volatile boolean closed;

    GcpCalls(GcpKeyName key, Clients.Loan loan) {
        this.key = key;
        this.loan = loan;
    }

    /**
     * One of the methods of the service.
     *
     * @param callable where a client has it
     * @param settings where the settings of a client have it
     */
    record Method<Q, A>(
            Function<KeyManagementServiceClient, UnaryCallable<Q, A>> callable,
            Function<KeyManagementServiceSettings, UnaryCallSettings<Q, A>> settings) {}

    /**
     * What is sent, and what is made of the answer.
     *
     * @param intact whether the request still has the checksums that were made for it
     * @param read takes the answer for what it is, or throws {@link Damaged}
     */
    record Call<Q, A, R>(Method<Q, A> method, Q request, Predicate<Q> intact, Function<A, R> read) {}

    /** Every later call is refused. */
    void close() {
        closed = true;
        loan.giveBack().run();
    }

    /** Whether the key has done its work before, so that it is deleted if it is not there any more. */
    boolean worked() {
        return worked;
    }

    /** Makes a call, and once more if bytes were damaged on their way. */
    <Q, A, R> R ask(Question question, Deadline deadline, Call<Q, A, R> call) {
        if (closed) {
            throw new IllegalStateException("the provider of " + key.kekId() + " was closed");
        }
        for (int tries = 1; ; tries++) {
            try {
                R result = call.read().apply(answer(question, deadline, call));
                worked = true;
                return result;
            } catch (Damaged e) {
                if (tries == TRIES || deadline.expired()) {
                    throw unreachable(
                            "bytes were damaged on their way to or from Cloud KMS: " + e.getMessage(),
                            "check what stands between this process and Cloud KMS, and the memory of this machine; it can be"
                                    + " tried again");
                }
            }
        }
    }

    private <Q, A> A answer(Question question, Deadline deadline, Call<Q, A, ?> call) {
        try {
            A answer = within(deadline.remaining(), call.method(), call.request());
            answered = true;
            return answer;
        } catch (ExecutionException e) {
            throw refusal(e.getCause() == null ? e : e.getCause(), question, deadline, call);
        } catch (TimeoutException e) {
            throw unreachable(
                    "Cloud KMS, or what gives credentials for it, did not answer in time",
                    "check the network and the credentials of this process, such as the metadata service of its machine; it"
                            + " can be tried again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable("the call was interrupted", "try again");
        }
    }

    private KekException refusal(Throwable failure, Question question, Deadline deadline, Call<?, ?, ?> call) {
        if (failure instanceof KekException told) {
            return told;
        }
        if (failure instanceof Error error && !(error instanceof LinkageError)) {
            throw error;
        }
        if (GcpErrors.isOfChecksums(failure) || !intact(call)) {
            throw new Damaged("Cloud KMS was sent bytes that do not have their checksum");
        }
        CryptoKeyVersion state = GcpErrors.wantsSecondLook(failure)
                ? secondLook(question.about(new GcpFailure(failure).version(question)), deadline)
                : null;
        return GcpErrors.of(failure, question, state);
    }

    private static <Q> boolean intact(Call<Q, ?, ?> call) {
        return call.intact().test(call.request());
    }

    /** The state of a version that has just refused; null if that is not to be had soon. */
    private @Nullable CryptoKeyVersion secondLook(Question question, Deadline deadline) {
        if (question.version().isEmpty()) {
            return null;
        }
        String name = key.version(question.version());
        try {
            CryptoKeyVersion state = within(
                    lesser(deadline.remaining(), SECOND_LOOK),
                    GET_VERSION,
                    GetCryptoKeyVersionRequest.newBuilder().setName(name).build());
            return state.getName().equals(name) ? state : null;
        } catch (ExecutionException | TimeoutException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** One attempt, which is over within the limit, whatever it waits for. */
    private <Q, A> A within(Duration limit, Method<Q, A> method, Q request)
            throws ExecutionException, TimeoutException, InterruptedException {
        long end = System.nanoTime() + limit.plus(GRACE).toNanos();
        if (limit.isZero()) {
            throw new TimeoutException("the time for the call was over before it began");
        }
        if (answered) {
            return direct(limit, method, request, end);
        }
        FutureTask<ApiFuture<A>> beginning = new FutureTask<>(() -> begun(limit, method, request));
        THREADS.execute(beginning);
        return got(got(beginning, end), end);
    }

    /** On the thread of the caller, whose interruption the client would take for a failure of the call. */
    private <Q, A> A direct(Duration limit, Method<Q, A> method, Q request, long end)
            throws ExecutionException, TimeoutException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        try {
            return got(begun(limit, method, request), end);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedException interruption) {
                throw interruption;
            }
            throw e;
        }
    }

    private <Q, A> ApiFuture<A> begun(Duration limit, Method<Q, A> method, Q request) throws ExecutionException {
        try {
            KeyManagementServiceClient client = loan.client().get();
            return method.callable().apply(client).futureCall(request, context(lesser(limit, allowed(client, method))));
        } catch (Exception | LinkageError e) {
            throw new ExecutionException(e);
        }
    }

    private static <T> T got(Future<T> future, long end)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            return future.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ExecutionException inner ? inner : e;
        } finally {
            future.cancel(true); // Of no effect once it is done.
        }
    }

    /** One attempt until the limit, whatever retries and times the client is set up with. */
    private static ApiCallContext context(Duration limit) {
        return GrpcCallContext.createDefault()
                .withCallOptions(CallOptions.DEFAULT.withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS))
                .withTimeoutDuration(limit)
                .withRetrySettings(GcpKms.oneAttempt(limit))
                .withRetryableCodes(Set.of());
    }

    /** What the owner of the client allows an attempt. */
    private static <Q, A> Duration allowed(KeyManagementServiceClient client, Method<Q, A> method) {
        KeyManagementServiceSettings settings = client.getSettings();
        if (settings == null) { // Of a client that was made of a stub.
            return Duration.ofDays(1);
        }
        RetrySettings times = method.settings().apply(settings).getRetrySettings();
        return Stream.of(
                        times.getInitialRpcTimeoutDuration(),
                        times.getMaxRpcTimeoutDuration(),
                        times.getTotalTimeoutDuration())
                .filter(time -> !time.isZero() && !time.isNegative())
                .min(Duration::compareTo)
                .orElse(Duration.ofDays(1));
    }

    private static Duration lesser(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private KekUnreachableException unreachable(String what, String operatorAction) {
        return new KekUnreachableException(Failure.of(key.kekId(), what).operatorAction(operatorAction));
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "keywrap-gcp-call");
        thread.setDaemon(true);
        thread.setContextClassLoader(GcpCalls.class.getClassLoader());
        return thread;
    }
}
