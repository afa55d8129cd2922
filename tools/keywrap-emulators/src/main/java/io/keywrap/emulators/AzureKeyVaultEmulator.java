package io.keywrap.emulators;

import java.io.IOException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Azure Key Vault and Entra ID on the loopback interface, over https, for any client that speaks their protocols.
 *
 * <pre>{@code
 * try (AzureKeyVaultEmulator azure = AzureKeyVaultEmulator.start()) {
 *     AzureKey key = azure.createKey();
 *     HttpClient http = new JdkHttpClientBuilder(java.net.http.HttpClient.newBuilder()
 *             .sslContext(azure.trustingContext())).build();
 *     CryptographyClient client = new CryptographyClientBuilder().keyIdentifier(key.id()).httpClient(http)
 *             .credential(request -> Mono.just(new AccessToken(azure.token(), OffsetDateTime.MAX)))
 *             .disableChallengeResourceVerification()…
 *     key.disable();
 * }
 * }</pre>
 *
 * <p>Keys are real RSA and AES keys in the memory of this JVM. Each emulator has a certificate authority of its own, one
 * tenant, and one vault; the id of a key begins with the host that a client asked. Its RSA keys are all different; since
 * making them is slow, emulators of one JVM give out the same ones again. What it imitates and what not is in
 * {@code docs/emulators.md}.
 *
 * <p><b>Security:</b> for tests alone. It listens on the loopback interface only.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class AzureKeyVaultEmulator implements AutoCloseable {
    private static final String CLIENT_ID = "11111111-1111-4111-8111-111111111111";
    private static final Duration LONG = Duration.ofDays(36_500);

    private final AzureService.Names names;
    private final TestCa ca = new TestCa();
    private final VaultStore store;
    private final EntraTokens tokens;
    private final EntraService entra;
    private final FaultRules<AzureFault> faults;
    private final RequestLog<AzureAuditEvent> log;
    private final AzureAccess access;
    private final AzureService service;
    private final AzureFront http;

    AzureKeyVaultEmulator(AzureKeyVaultEmulatorBuilder builder, int port) throws IOException {
        String domain = builder.managedHsm ? "managedhsm.azure.net" : "vault.azure.net";
        this.names = new AzureService.Names(builder.vault, builder.tenant, "https://" + domain);
        this.store = new VaultStore(builder.time);
        this.tokens = new EntraTokens(builder.time, names.tenant(), names.resource());
        this.entra = new EntraService(builder.time, names.tenant(), tokens);
        this.faults = new FaultRules<>(builder.time);
        this.log = new RequestLog<>(builder.observer);
        this.access = new AzureAccess(CLIENT_ID, names, builder.managedHsm);
        this.service = new AzureService(store, entra, tokens, names, access, faults, log);
        SSLContext tls = ca.server(List.of("localhost", builder.vault + "." + domain));
        this.http = new AzureFront(service::answer, tls, port);
    }

    /**
     * Begins with the defaults: the clocks of this machine, a vault named keywrap-test, and tenant
     * 22222222-2222-4222-8222-222222222222.
     *
     * @return a new builder
     */
    public static AzureKeyVaultEmulatorBuilder builder() {
        return new AzureKeyVaultEmulatorBuilder();
    }

    /**
     * Starts with the defaults on any free port.
     *
     * @return the running emulator
     */
    public static AzureKeyVaultEmulator start() {
        return builder().start(0);
    }

    /**
     * Where the vault is.
     *
     * @return such as {@code https://localhost:8443}
     */
    public URI endpoint() {
        return http.endpoint();
    }

    /**
     * The port that it listens on.
     *
     * @return 1 to 65535
     */
    public int port() {
        return http.port();
    }

    /**
     * The name of the vault, as error texts have it. Its certificate is also good for this name at Azure.
     *
     * @return such as {@code keywrap-test}
     */
    public String vault() {
        return names.vault();
    }

    /**
     * The tenant of the vault.
     *
     * @return its id, a UUID
     */
    public String tenant() {
        return names.tenant();
    }

    /**
     * Whom tokens for the vault are for.
     *
     * @return such as {@code https://vault.azure.net}
     */
    public String resource() {
        return names.resource();
    }

    /**
     * Where Entra ID is, for {@code authorityHost} of a credential. Such a credential needs
     * {@code disableInstanceDiscovery()}, since it would look the host up at Azure.
     *
     * @return the same server as the vault
     */
    public URI authorityHost() {
        return http.endpoint();
    }

    /**
     * The certificate of its authority, made for this emulator alone.
     *
     * @return what a client has to trust
     */
    public X509Certificate ca() {
        return ca.certificate();
    }

    /**
     * The same in PEM.
     *
     * @return one block, with a line end after it
     */
    public String caPem() {
        return ca.pem();
    }

    /**
     * For clients that are to trust this emulator and nobody else.
     *
     * @return a new context
     */
    public SSLContext trustingContext() {
        return ca.client();
    }

    /**
     * A bearer token of some application that does not expire, for a credential of the test's own.
     *
     * @return the token
     */
    public String token() {
        return token(CLIENT_ID);
    }

    /**
     * The same for an application, registered or not.
     *
     * @param clientId the client id
     * @return the token
     */
    public String token(String clientId) {
        return token(clientId, LONG);
    }

    /**
     * The same, expiring by the emulator's clock.
     *
     * @param clientId the client id
     * @param lifetime for how long it is good
     * @return the token
     */
    public String token(String clientId, Duration lifetime) {
        return tokens.issue(clientId, lifetime);
    }

    /**
     * A token of another tenant, which the vault refuses: {@code AKV10032}.
     *
     * @param tenant its id
     * @return the token
     */
    public String tokenOfTenant(String tenant) {
        return tokens.issue(CLIENT_ID, tenant, names.resource(), LONG);
    }

    /**
     * A token for another service, which the vault refuses: {@code AKV10022}.
     *
     * @param audience such as {@code https://management.azure.com}
     * @return the token
     */
    public String tokenFor(String audience) {
        return tokens.issue(CLIENT_ID, names.tenant(), audience, LONG);
    }

    /**
     * Makes an RSA key of 2048 bits under a new name.
     *
     * @return its control plane
     */
    public AzureKey createKey() {
        return createKey(AzureKeySpec.rsa(2048));
    }

    /**
     * Makes a key, or a new version of the one that has its name.
     *
     * @param spec what kind of
     * @return its control plane
     * @throws IllegalArgumentException if a deleted key has the name
     */
    public AzureKey createKey(AzureKeySpec spec) {
        VaultVersion version = VaultVersion.make(spec, store.pairs, store.now());
        synchronized (store) {
            try {
                VaultKey key = store.put(spec.name().orElseGet(store::newName), version);
                return new AzureKey(store, endpoint(), key);
            } catch (AzureFailure e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
    }

    /**
     * The control plane of a key that some client has made.
     *
     * @param name its name
     * @return the key, deleted or not; empty if there is none
     */
    public Optional<AzureKey> key(String name) {
        synchronized (store) {
            return store.any(name).map(key -> new AzureKey(store, endpoint(), key));
        }
    }

    /**
     * Registers an application, or finds the one that is registered.
     *
     * @param clientId the client id, a UUID
     * @return its control plane
     */
    public AzureApplication registerApplication(String clientId) {
        return entra.register(clientId);
    }

    /**
     * Role assignments and access policies; there are none at first.
     *
     * @return their control plane
     */
    public AzureAccess access() {
        return access;
    }

    /**
     * Takes a permission away. By default every caller who has a token may do everything.
     *
     * @param denial which
     */
    public void deny(AzureDenial denial) {
        service.deny(denial);
    }

    /** Gives all permissions back. */
    public void allow() {
        service.allow();
    }

    /**
     * Chooses between what the documentation says of wrapping under a disabled key, a refusal, and what was once observed.
     *
     * @param allowed whether it succeeds; false at first
     */
    public void wrapWhileDisabled(boolean allowed) {
        synchronized (store) {
            store.sealsWhileDisabled = allowed;
        }
    }

    /**
     * Deletes the vault, or brings it back. A deleted one answers 404; that its name may be gone from the DNS cannot be
     * shown here.
     *
     * @param deleted whether it is deleted; false at first
     */
    public void vaultDeleted(boolean deleted) {
        synchronized (store) {
            store.vaultDeleted = deleted;
        }
    }

    /**
     * Lets something go wrong with the next requests that it fits.
     *
     * @param fault what
     * @param requests how many times
     */
    public void inject(AzureFault fault, int requests) {
        faults.add(fault, requests);
    }

    /**
     * Lets something go wrong for a time, on the emulator's clock.
     *
     * @param fault what
     * @param phase for how long from now
     */
    public void injectFor(AzureFault fault, Duration phase) {
        faults.add(fault, phase);
    }

    /**
     * Lets something go wrong until {@link #recover()}.
     *
     * @param fault what
     */
    public void injectAlways(AzureFault fault) {
        faults.addForGood(fault);
    }

    /** Ends all faults. Harmless if there is none. */
    public void recover() {
        faults.clear();
    }

    /**
     * All requests so far, failed ones included, in the order in which they were done; of more than 100,000 the last.
     *
     * @return a copy of the log
     */
    public List<AzureAuditEvent> events() {
        return log.events();
    }

    /**
     * How many requests of one kind came so far, failed ones included.
     *
     * @param operationName such as {@code KeyUnwrap}
     * @return 0 or more
     * @throws IllegalArgumentException if the emulator has no such operation
     */
    public long count(String operationName) {
        String name = VaultOperation.required(operationName).logName;
        return events().stream()
                .filter(event -> event.operationName().equals(name))
                .count();
    }

    /** Forgets the requests so far. */
    public void clearEvents() {
        log.clear();
    }

    /**
     * How many connections clients have made so far.
     *
     * @return the number of different addresses and ports that requests came from
     */
    public int connections() {
        return http.connections();
    }

    /** Stops serving, cuts what is in flight, and wipes symmetric keys. Harmless when repeated. */
    @Override
    public void close() {
        http.close();
        synchronized (store) {
            store.wipe();
        }
    }

    /**
     * Where it listens.
     *
     * @return such as {@code AzureKeyVaultEmulator[https://localhost:8443]}
     */
    @Override
    public String toString() {
        return "AzureKeyVaultEmulator[" + endpoint() + "]";
    }
}
