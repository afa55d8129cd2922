package com.example.consumer;

import com.azure.core.credential.AccessToken;
import io.keywrap.azure.AzureKms;
import java.time.OffsetDateTime;
import reactor.core.publisher.Mono;

/** Azure Key Vault by the clients of the Azure SDK. */
public final class Use {
    private Use() {}

    public static void main(String[] arguments) {
        AccessToken token = new AccessToken("token", OffsetDateTime.now().plusDays(1));
        Nobody.answers(
                AzureKms.builder()
                        .trustedHost(Nobody.HOST)
                        .credential(request -> Mono.just(token))
                        .build(),
                "azure-kms://https://" + Nobody.HOST + "/keys/tenant-42");
    }
}
