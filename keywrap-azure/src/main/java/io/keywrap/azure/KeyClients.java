package io.keywrap.azure;

import com.azure.core.client.traits.HttpTrait;
import com.azure.core.client.traits.TokenCredentialTrait;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.policy.HttpLogDetailLevel;
import com.azure.core.http.policy.HttpLogOptions;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The clients of the SDK for one key: a client of the SDK is bound to one version, or to none, so there is one for each version
 * that is unwrapped with. None is opened before it is needed, and none has anything to close.
 */
final class KeyClients {
    private static final int MOST_VERSIONS = 64;

    private final AzureKeyUrl key;
    private final Setup setup;
    private final Map<String, CryptographyClient> byVersion = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CryptographyClient> eldest) {
            return size() > MOST_VERSIONS;
        }
    };
    private @Nullable KeyClient management;

    KeyClients(AzureKeyUrl key, Setup setup) {
        this.key = key;
        this.setup = setup;
    }

    /**
     * How clients are set up.
     *
     * @param credential whose tokens they call with
     * @param settings what the product has set, on top of {@link AzureKms#tune}
     * @param emulator whether the host is an emulator, whose challenge names no domain of Azure's
     */
    record Setup(TokenCredential credential, Consumer<HttpTrait<?>> settings, boolean emulator) {
        /** Bodies are never logged, whatever the environment asks for: they have DEKs in them. */
        private <B extends HttpTrait<B> & TokenCredentialTrait<B>> B apply(B builder) {
            settings.accept(builder);
            return builder.httpLogOptions(new HttpLogOptions().setLogLevel(HttpLogDetailLevel.NONE))
                    .addPolicy(new AnswerShape(HttpMethod.GET))
                    .credential(credential);
        }

        /** Without the credential. */
        @Override
        public String toString() {
            return "Setup";
        }
    }

    /**
     * The client of the key, in its version if it has one. It keeps no key: one that did would first ask for the key, which
     * needs a permission more, and then wrap by itself for ever, whatever becomes of the key.
     */
    synchronized CryptographyClient cryptography(AzureKeyUrl asked) {
        return byVersion.computeIfAbsent(asked.version().orElse(""), version -> {
            CryptographyClientBuilder builder = setup.apply(new CryptographyClientBuilder())
                    .keyIdentifier(asked.toString())
                    .disableKeyCaching();
            return (setup.emulator() ? builder.disableChallengeResourceVerification() : builder).buildClient();
        });
    }

    /** The client that asks about keys. */
    synchronized KeyClient management() {
        KeyClient known = management;
        if (known == null) {
            KeyClientBuilder builder = setup.apply(new KeyClientBuilder()).vaultUrl(key.vaultUrl());
            known = (setup.emulator() ? builder.disableChallengeResourceVerification() : builder).buildClient();
            management = known;
        }
        return known;
    }
}
