package io.keywrap.azure;

import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.identity.DefaultAzureCredentialBuilder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** What azure-identity finds by itself, one credential for each cloud of Azure. */
final class OwnCredentials implements Function<AzureKeyUrl, TokenCredential> {
    private final Supplier<HttpClient> http;
    private final Map<String, TokenCredential> byAuthority = new ConcurrentHashMap<>();

    OwnCredentials(Supplier<HttpClient> http) {
        this.http = http;
    }

    @Override
    public TokenCredential apply(AzureKeyUrl key) {
        return byAuthority.computeIfAbsent(key.authorityHost(), this::credential);
    }

    private TokenCredential credential(String authority) {
        DefaultAzureCredentialBuilder builder = new DefaultAzureCredentialBuilder();
        AzureKms.tuned(http).accept(builder);
        return builder.authorityHost(authority).additionallyAllowedTenants("*").build();
    }
}
