package io.keywrap.azure;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import reactor.core.publisher.Mono;

/** Where no server can be, since the host is one of Azure's: every request gets one answer, without a body. */
record OneAnswer(int status, String challenge) implements HttpClient {
    @Override
    public Mono<HttpResponse> send(HttpRequest request) {
        HttpHeaders headers = new HttpHeaders().set(HttpHeaderName.WWW_AUTHENTICATE, challenge);
        return Mono.just(new FixedResponse(request, status, headers));
    }
}
