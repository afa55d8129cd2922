package io.keywrap.azure;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.core.http.HttpClient;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.identity.ClientCertificateCredentialBuilder;
import io.keywrap.emulators.AzureApplication;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.KeywrapExtension;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A vendor with a keychain for the certificates of a customer's application, and Entra with that application. */
abstract class CertificateFixture {
    static final String CLIENT = "66666666-6666-4666-8666-666666666666";

    /** Short keys, since these are made over and over; one test makes a key as the product does. */
    private static final List<KeyPair> PAIRS =
            Stream.generate(CertificateFixture::shortPair).limit(4).toList();

    @RegisterExtension
    final KeywrapExtension keywrap = new KeywrapExtension();

    final EmulatedVault vault = new EmulatedVault();
    final AzureApplication application = vault.emulator.registerApplication(CLIENT);
    final String tenant = vault.emulator.tenant();
    final Deque<KeyPair> pairs = new ArrayDeque<>(PAIRS);
    private final HttpClient http = EmulatedVault.http(vault.emulator);
    private int scopes;

    @AfterEach
    void close() {
        vault.close();
    }

    EnvelopeCipher cipher() {
        return EnvelopeCipher.using(vendorKeychain());
    }

    Keychain vendorKeychain() {
        return keywrap.keychain();
    }

    ApplicationCertificates.Builder builder() {
        return builder(cipher());
    }

    ApplicationCertificates.Builder builder(EnvelopeCipher cipher) {
        return ApplicationCertificates.builder(cipher)
                .tenantId(tenant)
                .clientId(CLIENT)
                .time(vault.time)
                .keyPairs(pairs::remove);
    }

    /** As a product would have it, but for the emulator in the place of Azure. */
    void settings(ClientCertificateCredentialBuilder builder) {
        builder.authorityHost(vault.emulator.authorityHost().toString())
                .disableInstanceDiscovery()
                .httpClient(http)
                .retryOptions(new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1))));
    }

    /** Asks for a token that no cache has. */
    void freshToken(TokenCredential credential) {
        credential.getTokenSync(new TokenRequestContext().addScopes("https://fresh-" + ++scopes + ".example/.default"));
    }

    /** How many tokens Entra was asked for, and how it answered. */
    List<Integer> tokenRequests() {
        return vault.emulator.events().stream()
                .filter(event -> event.operationName().equals("Token"))
                .map(event -> event.status())
                .toList();
    }

    static KeyPair shortPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
