package io.keywrap.azure;

import com.azure.core.http.HttpClient;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One HTTP client for all that a factory calls, made when it is first needed: it comes with threads, and with TLS. */
final class SharedHttpClient implements Supplier<HttpClient> {
    private final Supplier<HttpClient> maker;
    private @Nullable HttpClient made;

    SharedHttpClient(Supplier<HttpClient> maker) {
        this.maker = maker;
    }

    @Override
    public synchronized HttpClient get() {
        HttpClient known = made;
        if (known == null) {
            known = maker.get();
            made = known;
        }
        return known;
    }
}
