package io.keywrap.emulators;

import io.keywrap.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * AWS KMS on the loopback interface, for any client that speaks its protocol.
 *
 * <pre>{@code
 * try (AwsKmsEmulator aws = AwsKmsEmulator.builder().start(0)) {
 *     AwsKmsKey key = aws.createKey();
 *     KmsClient client = KmsClient.builder().endpointOverride(aws.endpoint())…
 *     key.disable();
 * }
 * }</pre>
 *
 * <p>Keys are real AES-256-GCM keys in the memory of this JVM, with the encryption context as associated data. Accounts and
 * Regions all live in one emulator: the Region of a request is the one that it was signed for, the account is that of its
 * principal. What it imitates and what not is in {@code docs/emulators.md}.
 *
 * <p><b>Security:</b> for tests alone. Signatures are not verified, the connection is not encrypted, and whoever can reach
 * the port can do everything. It listens on the loopback interface only.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class AwsKmsEmulator implements AutoCloseable {
    private final String account;
    private final String region;
    private final KmsStore store;
    private final Authorizer authorizer = new Authorizer();
    private final KmsKeys keys;
    private final Credentials credentials;
    private final Sts sts;
    private final FaultRules<AwsFault> faults;
    private final EventLog log;
    private final HttpFront http;

    private AwsKmsEmulator(Builder builder, int port) throws IOException {
        this.account = builder.account;
        this.region = builder.region;
        this.store = new KmsStore(builder.time);
        this.keys = new KmsKeys(store, authorizer);
        this.credentials = new Credentials(builder.onlyKnownCredentials ? Optional.empty() : Optional.of(defaultArn()));
        this.sts = new Sts(credentials, store);
        this.faults = new FaultRules<>(builder.time);
        this.log = new EventLog(store, keys, builder.observer);
        KmsOperations operations = new KmsOperations(store, authorizer, keys);
        this.http = new HttpFront(new KmsService(store, credentials, sts, operations, faults, log), port);
    }

    /**
     * Begins with the defaults: the clocks of this machine, account 111122223333, Region us-east-1, and every unknown
     * access key id taken for an administrator of that account.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Where to send requests.
     *
     * @return such as {@code http://127.0.0.1:4566}
     */
    public URI endpoint() {
        return http.endpoint();
    }

    /**
     * The account that keys are made in.
     *
     * @return 12 digits
     */
    public String account() {
        return account;
    }

    /**
     * The Region that keys are made in.
     *
     * @return such as {@code us-east-1}
     */
    public String region() {
        return region;
    }

    /**
     * Makes a symmetric key.
     *
     * @return its control plane
     */
    public AwsKmsKey createKey() {
        return createKey(AwsKeySpec.symmetric());
    }

    /**
     * Makes a key.
     *
     * @param spec what kind of, where and whose
     * @return its control plane
     * @throws IllegalArgumentException if the emulator does not understand its policy
     */
    public AwsKmsKey createKey(AwsKeySpec spec) {
        synchronized (store) {
            KmsKey[] made = new KmsKey[1];
            checked(() -> made[0] = store.create(
                    spec, spec.region().orElse(region), spec.account().orElse(account)));
            return new AwsKmsKey(store, keys, made[0]);
        }
    }

    /**
     * The control plane of a key that some client has made.
     *
     * @param arn its ARN
     * @return the key; empty if there is none
     */
    public Optional<AwsKmsKey> key(String arn) {
        synchronized (store) {
            return store.find(arn).map(key -> new AwsKmsKey(store, keys, key));
        }
    }

    /**
     * Credentials of a user or role, the same at every call.
     *
     * @param arn such as {@code arn:aws:iam::444455556666:role/backup}
     * @return what to sign with
     * @throws IllegalArgumentException if it is not an ARN with an account
     */
    public AwsPrincipal principal(String arn) {
        return credentials.principal(arn);
    }

    /**
     * Replaces the identity policy of a user or role, which by default allows everything.
     *
     * @param principal whose; a role's policy is also that of its sessions
     * @param json the policy document
     * @throws IllegalArgumentException if the emulator does not understand it
     */
    public void identityPolicy(AwsPrincipal principal, String json) {
        synchronized (store) {
            checked(() -> authorizer.identityPolicy(principal.arn(), json));
        }
    }

    /**
     * Makes or replaces a role for {@code sts:AssumeRole}.
     *
     * @param role the role
     */
    public void role(AwsRole role) {
        sts.put(role);
    }

    /**
     * Lets something go wrong with the next requests that it fits.
     *
     * @param fault what
     * @param requests how many times
     */
    public void inject(AwsFault fault, int requests) {
        faults.add(fault, requests);
    }

    /**
     * Lets something go wrong for a time, on the emulator's clock.
     *
     * @param fault what
     * @param phase for how long from now
     */
    public void injectFor(AwsFault fault, Duration phase) {
        faults.add(fault, phase);
    }

    /**
     * Lets something go wrong until {@link #recover()}.
     *
     * @param fault what
     */
    public void injectAlways(AwsFault fault) {
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
    public List<CloudTrailEvent> events() {
        return log.events();
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

    /** Stops serving, cuts what is in flight, and wipes all keys. Harmless when repeated. */
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
     * @return such as {@code AwsKmsEmulator[http://127.0.0.1:4566]}
     */
    @Override
    public String toString() {
        return "AwsKmsEmulator[" + endpoint() + "]";
    }

    /** Turns the answer to a client into an exception for a programmer. */
    static void checked(Runnable change) {
        try {
            change.run();
        } catch (KmsFailure e) {
            throw new IllegalArgumentException(e.code() + ": " + e.getMessage(), e);
        }
    }

    private String defaultArn() {
        return "arn:" + Arn.partition(region) + ":iam::" + account + ":user/admin";
    }

    /** What an emulator is started with. */
    public static final class Builder {
        private TimeSource time = TimeSource.system();
        private String account = "111122223333";
        private String region = "us-east-1";
        private boolean onlyKnownCredentials;
        private Consumer<CloudTrailEvent> observer = event -> {};

        private Builder() {}

        /**
         * The clocks that deletion dates, rotation dates, expiry of sessions and phases of faults go by. Slow answers take
         * real time. Default: those of this machine.
         *
         * @param source the clocks
         * @return this
         */
        public Builder time(TimeSource source) {
            time = source;
            return this;
        }

        /**
         * The account of keys and of unknown callers. Default: 111122223333.
         *
         * @param id 12 digits
         * @return this
         */
        public Builder account(String id) {
            if (!id.matches("\\d{12}")) {
                throw new IllegalArgumentException("an account id has 12 digits: '" + id + "'");
            }
            account = id;
            return this;
        }

        /**
         * The Region that the control plane makes keys in. Default: us-east-1.
         *
         * @param name such as {@code eu-central-1}
         * @return this
         */
        public Builder region(String name) {
            if (!Arn.isRegion(name)) {
                throw new IllegalArgumentException("not the name of a Region: '" + name + "'");
            }
            region = name;
            return this;
        }

        /**
         * Answers unknown access key ids with {@code UnrecognizedClientException}. Default: their holders are
         * administrators of the account.
         *
         * @return this
         */
        public Builder onlyKnownCredentials() {
            onlyKnownCredentials = true;
            return this;
        }

        /**
         * Is told every request after it was done, on the thread that answers it. Default: nobody.
         *
         * @param consumer fast and thread-safe
         * @return this
         */
        public Builder onEvent(Consumer<CloudTrailEvent> consumer) {
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
        public AwsKmsEmulator start(int port) {
            try {
                return new AwsKmsEmulator(this, port);
            } catch (IOException e) {
                throw new UncheckedIOException("port " + port + " cannot be opened: " + e.getMessage(), e);
            }
        }
    }
}
