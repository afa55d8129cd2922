package io.keywrap.emulators;

import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.cloud.kms.v1.ProtectionLevel;
import io.keywrap.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Google Cloud KMS on the loopback interface, over gRPC, for any client that speaks it.
 *
 * <pre>{@code
 * try (GcpKmsEmulator gcp = GcpKmsEmulator.start()) {
 *     GcpKmsKey key = gcp.createKey();
 *     KeyManagementServiceSettings.newBuilder().setEndpoint(gcp.endpoint())…
 *     key.primary().disable();
 * }
 * }</pre>
 *
 * <p>Keys are real AES-256-GCM keys in the memory of this JVM, with the additional authenticated data as associated data.
 * Projects, locations and key rings all live in one emulator. What it imitates and what not is in
 * {@code docs/emulators.md}. It needs the messages of Cloud KMS and a gRPC server on the class path, which everybody has
 * who has {@code com.google.cloud:google-cloud-kms}.
 *
 * <p><b>Security:</b> for tests alone. Credentials are not looked at, the connection is not encrypted, and whoever can
 * reach the port can do everything. It listens on the loopback interface only.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class GcpKmsEmulator implements AutoCloseable {
    private final String keyRing;
    private final GcpStore store;
    private final FaultRules<GcpFault> faults;
    private final RequestLog<GcpAuditEvent> log;
    private final GcpFront front;

    private GcpKmsEmulator(Builder builder, int port) throws IOException {
        this.keyRing =
                "projects/" + builder.project + "/locations/" + builder.location + "/keyRings/" + builder.keyRing;
        this.store = new GcpStore(builder.time);
        this.faults = new FaultRules<>(builder.time);
        this.log = new RequestLog<>(builder.observer);
        store.rings().put(keyRing, store.now());
        this.front = new GcpFront(new GcpService(store, faults, log), new GcpMethods(store).all(), port);
    }

    /**
     * Begins with the defaults: the clocks of this machine, project {@code keywrap-test}, location {@code europe-west1},
     * key ring {@code ring}.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts with the defaults, on any port that is free.
     *
     * @return the running emulator
     */
    public static GcpKmsEmulator start() {
        return builder().start(0);
    }

    /**
     * Where to send requests, in the form that a client takes it in.
     *
     * @return such as {@code 127.0.0.1:9011}
     */
    public String endpoint() {
        return front.endpoint();
    }

    /**
     * The port that it listens on.
     *
     * @return the number
     */
    public int port() {
        return front.port();
    }

    /**
     * The key ring that keys are made in.
     *
     * @return such as {@code projects/keywrap-test/locations/europe-west1/keyRings/ring}
     */
    public String keyRing() {
        return keyRing;
    }

    /**
     * Makes a software key for encryption, with one version.
     *
     * @return its control plane
     */
    public GcpKmsKey createKey() {
        return createKey(GcpKeySpec.software());
    }

    /**
     * Makes a key with a name of its own.
     *
     * @param spec what kind of, and where
     * @return its control plane
     * @throws IllegalArgumentException if the spec names what does not exist
     */
    public GcpKmsKey createKey(GcpKeySpec spec) {
        synchronized (store) {
            return createKey("key-" + (store.size() + 1), spec);
        }
    }

    /**
     * Makes a key.
     *
     * @param cryptoKeyId the last part of its name: 1 to 63 letters, digits, {@code _} and {@code -}
     * @param spec what kind of, and where
     * @return its control plane
     * @throws IllegalArgumentException if there is one already, or the spec or the id names what cannot be
     */
    public GcpKmsKey createKey(String cryptoKeyId, GcpKeySpec spec) {
        synchronized (store) {
            try {
                String ring = GcpNames.ring(spec.keyRing().orElse(keyRing));
                StoredKey key = store.create(
                        ring + "/cryptoKeys/" + GcpNames.id(cryptoKeyId),
                        CryptoKeyPurpose.valueOf(spec.purpose()),
                        ProtectionLevel.valueOf(spec.protectionLevel()));
                store.rings().putIfAbsent(ring, store.now());
                key.primary(key.addVersion(store.now()));
                return new GcpKmsKey(store, key);
            } catch (GcpFailure e) {
                throw new IllegalArgumentException(e.code() + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * The control plane of a key that some client has made.
     *
     * @param name its full name
     * @return the key; empty if there is none
     */
    public Optional<GcpKmsKey> key(String name) {
        synchronized (store) {
            return store.find(name).map(key -> new GcpKmsKey(store, key));
        }
    }

    /**
     * Makes a service account. It can do what the policies of keys and key rings allow it, and nothing before one does; whoever
     * sends no token, or another one, is the owner, who may do everything.
     *
     * @param email such as {@code backup@vendor.iam.gserviceaccount.com}
     * @return a token for the header {@code authorization}, after {@code Bearer}; worthless outside of the emulator
     * @throws IllegalArgumentException if this is not the address of a service account
     */
    public String serviceAccount(String email) {
        if (!email.matches("[a-z0-9.-]+@[a-z0-9.-]+\\.gserviceaccount\\.com")) {
            throw new IllegalArgumentException("not the address of a service account: '" + email + "'");
        }
        synchronized (store) {
            return store.iam().account(email);
        }
    }

    /**
     * Makes a custom role, or changes it.
     *
     * @param name such as {@code projects/keywrap-test/roles/keyStatus}
     * @param permissions such as {@code cloudkms.cryptoKeys.get}
     */
    public void role(String name, Set<String> permissions) {
        synchronized (store) {
            store.iam().role(name, permissions);
        }
    }

    /**
     * Takes a permission on everything from every caller, so that what is not there is denied too.
     *
     * @param permission such as {@code cloudkms.cryptoKeys.get}
     */
    public void deny(String permission) {
        synchronized (store) {
            store.denied().add(permission);
        }
    }

    /**
     * Gives a permission on everything back to the caller, but for the keys that deny it themselves.
     *
     * @param permission such as {@code cloudkms.cryptoKeys.get}
     */
    public void allow(String permission) {
        synchronized (store) {
            store.denied().remove(permission);
        }
    }

    /**
     * Lets something go wrong with the next requests that it fits.
     *
     * @param fault what
     * @param requests how many times
     */
    public void inject(GcpFault fault, int requests) {
        faults.add(fault, requests);
    }

    /**
     * Lets something go wrong for a time, on the emulator's clock.
     *
     * @param fault what
     * @param phase for how long from now
     */
    public void injectFor(GcpFault fault, Duration phase) {
        faults.add(fault, phase);
    }

    /**
     * Lets something go wrong until {@link #recover()}.
     *
     * @param fault what
     */
    public void injectAlways(GcpFault fault) {
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
    public List<GcpAuditEvent> events() {
        return log.events();
    }

    /**
     * How many requests of one method there were since the start or the last {@link #clearEvents()}, failed ones included.
     *
     * @param method such as {@code Decrypt}
     * @return the number
     */
    public int requests(String method) {
        return (int)
                events().stream().filter(event -> event.method().equals(method)).count();
    }

    /** Forgets the requests so far. */
    public void clearEvents() {
        log.clear();
    }

    /**
     * How many connections clients have made so far.
     *
     * @return the number of connections that were accepted
     */
    public int connections() {
        return front.connections();
    }

    /** Stops serving, cuts what is in flight, frees the port and the thread, and wipes all keys. Harmless when repeated. */
    @Override
    public void close() {
        front.close();
        synchronized (store) {
            store.wipe();
        }
    }

    /**
     * Where it listens.
     *
     * @return such as {@code GcpKmsEmulator[127.0.0.1:9011]}
     */
    @Override
    public String toString() {
        return "GcpKmsEmulator[" + endpoint() + "]";
    }

    /** What an emulator is started with. */
    public static final class Builder {
        private TimeSource time = TimeSource.system();
        private String project = "keywrap-test";
        private String location = "europe-west1";
        private String keyRing = "ring";
        private Consumer<GcpAuditEvent> observer = event -> {};

        private Builder() {}

        /**
         * The clocks that destructions, rotations and phases of faults go by. Slow answers take real time. Default: those of
         * this machine.
         *
         * @param source the clocks
         * @return this
         */
        public Builder time(TimeSource source) {
            time = source;
            return this;
        }

        /**
         * The project that the control plane makes keys in. Default: {@code keywrap-test}.
         *
         * @param id such as {@code acme-backup}, or a number
         * @return this
         * @throws IllegalArgumentException if no project can have this id
         */
        public Builder project(String id) {
            project = checked("a project", GcpNames.PROJECT_ID, id);
            return this;
        }

        /**
         * The location that the control plane makes keys in. Default: {@code europe-west1}.
         *
         * @param id such as {@code global}
         * @return this
         * @throws IllegalArgumentException if no location can have this id
         */
        public Builder location(String id) {
            location = checked("a location", GcpNames.LOCATION_ID, id);
            return this;
        }

        /**
         * The key ring that the control plane makes keys in. Default: {@code ring}.
         *
         * @param id 1 to 63 letters, digits, {@code _} and {@code -}
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder keyRing(String id) {
            keyRing = checked("a key ring", GcpNames.ID, id);
            return this;
        }

        /**
         * Is told every request after it was done, on the one thread that answers all of them. Default: nobody.
         *
         * @param consumer fast, and sends no requests itself
         * @return this
         */
        public Builder onEvent(Consumer<GcpAuditEvent> consumer) {
            observer = consumer;
            return this;
        }

        /**
         * Starts serving on the loopback interface.
         *
         * @param port the port; 0 for any that is free
         * @return the running emulator
         * @throws UncheckedIOException if the port is taken
         */
        public GcpKmsEmulator start(int port) {
            try {
                return new GcpKmsEmulator(this, port);
            } catch (IOException e) {
                throw new UncheckedIOException("port " + port + " cannot be opened: " + e.getMessage(), e);
            }
        }

        private static String checked(String what, String pattern, String id) {
            if (!id.matches(pattern)) {
                throw new IllegalArgumentException("not the id of " + what + ": '" + id + "'");
            }
            return id;
        }
    }
}
