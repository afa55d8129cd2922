package io.keywrap.azure;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Fetches each token once for all who wait for it, on a thread of its own: a credential that hangs, and cannot be interrupted,
 * keeps that one thread and not one for every call.
 */
final class SharedCredential implements TokenCredential {
    /** How long a fetch that somebody has given up on goes on; the next one begins anew. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final TokenCredential credential;
    private final Map<Wanted, FutureTask<AccessToken>> fetches = new ConcurrentHashMap<>();

    SharedCredential(TokenCredential credential) {
        this.credential = credential;
    }

    /** What a token is for. */
    private record Wanted(
            List<String> scopes,
            @Nullable String tenant,
            @Nullable String claims) {
        static Wanted by(TokenRequestContext request) {
            return new Wanted(List.copyOf(request.getScopes()), request.getTenantId(), request.getClaims());
        }
    }

    @Override
    public Mono<AccessToken> getToken(TokenRequestContext request) {
        return Mono.fromCallable(() -> getTokenSync(request));
    }

    @Override
    public AccessToken getTokenSync(TokenRequestContext request) {
        Wanted wanted = Wanted.by(request);
        FutureTask<AccessToken> fetch = running(wanted, request);
        try {
            return fetch.get();
        } catch (InterruptedException e) {
            CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
                    .execute(() -> giveUp(wanted, fetch));
            Thread.currentThread().interrupt();
            throw new CredentialFailure(e);
        } catch (CancellationException e) {
            throw new CredentialFailure(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new CredentialFailure(e.getCause() == null ? e : e.getCause());
        }
    }

    private FutureTask<AccessToken> running(Wanted wanted, TokenRequestContext request) {
        FutureTask<AccessToken> own = new FutureTask<>(() -> fetched(request)) {
            @Override
            protected void done() {
                fetches.remove(wanted, this);
            }
        };
        FutureTask<AccessToken> earlier = fetches.putIfAbsent(wanted, own);
        if (earlier != null) {
            return earlier;
        }
        Threads.begin(own);
        return own;
    }

    private AccessToken fetched(TokenRequestContext request) {
        AccessToken token = credential.getTokenSync(request);
        if (token == null) {
            throw new IllegalStateException("the credential gave no token");
        }
        return token;
    }

    private void giveUp(Wanted wanted, FutureTask<AccessToken> fetch) {
        fetch.cancel(true);
        fetches.remove(wanted, fetch);
    }

    /** Without the credential. */
    @Override
    public String toString() {
        return "SharedCredential";
    }
}
