package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenRequestContext;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Who gets which token: nobody one that was fetched for another tenant, scope or demand. */
class SharedCredentialTest {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final SharedCredential shared = new SharedCredential(request -> Mono.fromCallable(() -> {
        if (text(request).equals(text(wanting("one", "a", "x")))) {
            asked.countDown();
            assertThat(released.await(1, TimeUnit.MINUTES)).isTrue();
        }
        return new AccessToken(text(request), OffsetDateTime.MAX);
    }));

    private static TokenRequestContext wanting(String tenant, String scope, String claims) {
        return new TokenRequestContext().setTenantId(tenant).addScopes(scope).setClaims(claims);
    }

    private static String text(TokenRequestContext request) {
        return request.getTenantId() + " " + request.getScopes() + " " + request.getClaims();
    }

    @Test
    void givesNobodyATokenThatWasFetchedForSomethingElse() throws Exception {
        AtomicReference<String> first = new AtomicReference<>();
        TokenRequestContext same = wanting("one", "a", "x");
        Thread waiting = new Thread(() -> first.set(shared.getTokenSync(same).getToken()));
        waiting.start();
        assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
        for (TokenRequestContext other :
                List.of(wanting("two", "a", "x"), wanting("one", "b", "x"), wanting("one", "a", "y"))) {
            String token = Threads.within(
                    Duration.ofSeconds(5), () -> shared.getTokenSync(other).getToken());
            assertThat(token).isEqualTo(text(other));
        }
        released.countDown();
        waiting.join(60_000);
        assertThat(first).hasValue(text(same));
    }

    @Test
    void worksOnThreadsThatLetTheJvmEnd() throws Exception {
        assertThat(Threads.within(
                        Duration.ofSeconds(5), () -> Thread.currentThread().isDaemon()))
                .isTrue();
    }
}
