package io.keywrap.aws;

import io.keywrap.Deadline;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.aws.AwsErrors.Question;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsServiceClientConfiguration;
import software.amazon.awssdk.services.kms.model.DescribeKeyResponse;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.OriginType;

/** Calls of AWS KMS for one provider: each ends with its deadline, and fails with one of keywrap's exceptions. */
final class AwsCalls {
    private static final Duration LEAST = Duration.ofMillis(1);
    private static final Duration UNLIMITED = Duration.ofDays(1);

    /** How long a question may take for the state of a key that has just refused. */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(2);

    /** Of one provider: its own key, or those that its alias has pointed to. */
    private static final int MOST_KEYS = 64;

    private static final Pattern KMS_ARN = Pattern.compile("arn:aws[a-z-]*:kms:");

    private final KmsClient client;
    private final boolean assumedRole;
    private final TimelyCredentials credentials;
    private final Set<AwsKeyArn> worked = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Duration mostForACall;
    private volatile boolean closed;

    AwsCalls(Clients.Loan loan) {
        this.client = loan.client();
        this.assumedRole = loan.assumedRole();
        this.credentials = new TimelyCredentials(client);
    }

    /**
     * What is asked for.
     *
     * @param kekId the KEK, as its user names it
     * @param key the key or alias that is called
     * @param context the key context
     * @param deadline when the call must be over
     */
    record Asked(KekId kekId, AwsKeyArn key, EncryptionContext context, Deadline deadline) {}

    /** Every later call is refused. */
    void close() {
        closed = true;
        credentials.close();
    }

    /** Remembers a key that has done its work, so that it is deleted if it is not there any more. */
    void sawWorking(AwsKeyArn key) {
        if (worked.size() < MOST_KEYS) {
            worked.add(key);
        }
    }

    /** Makes a call; the action hands the limits it gets to its request. */
    <T> T ask(Asked asked, Function<Consumer<AwsRequestOverrideConfiguration.Builder>, T> action) {
        return askOfTwo(asked, null, action);
    }

    /** Makes a call of two keys; a failure is that of the second one where AWS speaks of it. */
    <T> T askOfTwo(
            Asked asked,
            @Nullable Asked second,
            Function<Consumer<AwsRequestOverrideConfiguration.Builder>, T> action) {
        if (closed) {
            throw new IllegalStateException("the provider of " + asked.kekId() + " was closed");
        }
        try {
            T answer = action.apply(limits(asked, asked.deadline().remaining()));
            sawWorking(asked.key());
            return answer;
        } catch (KekException e) {
            throw e;
        } catch (RuntimeException e) {
            throw second == null ? refusal(e, asked) : refusalOfTwo(e, asked, second);
        }
    }

    /** What AWS knows of the key. */
    KeyMetadata state(Asked asked) {
        DescribeKeyResponse answer = ask(asked, limits -> describe(asked.key(), limits));
        if (answer.keyMetadata() == null) {
            throw new KekUnreachableException(Failure.of(asked.kekId(), "the answer tells nothing of the key")
                    .operatorAction("check that the endpoint is one of AWS KMS; it can be tried again"));
        }
        return answer.keyMetadata();
    }

    Question question(Asked asked) {
        return new Question(
                asked.kekId(), asked.key().isAlias(), worked.contains(asked.key()), assumedRole, asked.context());
    }

    private KekException refusal(RuntimeException e, Asked asked) {
        return refusal(e, asked, AwsErrors.mayBeOfTheState(e) ? secondLook(asked) : null);
    }

    private KekException refusal(RuntimeException e, Asked asked, @Nullable KeyMetadata state) {
        return AwsErrors.of(e, question(asked), state);
    }

    /** A re-wrap failed for the key to wrap under if AWS names that one, or if the old one is well. */
    private KekException refusalOfTwo(RuntimeException e, Asked source, Asked target) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("kms:ReEncryptTo")) {
            return refusal(e, target);
        }
        if (text.contains(source.key().toString())) {
            return refusal(e, source);
        }
        if (KMS_ARN.matcher(text).find()) {
            return refusal(e, target);
        }
        if (!AwsErrors.isOfTheState(e)) {
            return refusal(e, source);
        }
        KeyMetadata state = secondLook(source);
        return state != null && state.keyState() == KeyState.ENABLED && state.origin() != OriginType.EXTERNAL_KEY_STORE
                ? refusal(e, target)
                : refusal(e, source, state);
    }

    /** The state of a key that has just refused; null if that is not to be had soon. */
    private @Nullable KeyMetadata secondLook(Asked asked) {
        try {
            KeyMetadata state = describe(
                            asked.key(), limits(asked, lesser(asked.deadline().remaining(), SECOND_LOOK)))
                    .keyMetadata();
            boolean itsOwn = state != null
                    && (asked.key().isAlias() || asked.key().toString().equals(state.arn()));
            return itsOwn ? state : null;
        } catch (RuntimeException e) {
            return null;
        }
    }

    private DescribeKeyResponse describe(AwsKeyArn key, Consumer<AwsRequestOverrideConfiguration.Builder> limits) {
        return client.describeKey(request -> request.keyId(key.toString()).overrideConfiguration(limits));
    }

    /** For a call that is over within the limit, with credentials that are there already. */
    private Consumer<AwsRequestOverrideConfiguration.Builder> limits(Asked asked, Duration limit) {
        if (limit.isZero()) {
            throw outOfTime(asked, "the time for the call was over before it began", "try again, or allow more time");
        }
        long begun = System.nanoTime();
        AwsCredentialsIdentity identity;
        try {
            identity = credentials.within(limit);
        } catch (TimeoutException e) {
            throw outOfTime(
                    asked,
                    "the credentials for the call did not come in time",
                    "check what gives this process its AWS credentials: the metadata service of its machine, STS, a"
                            + " program; it can be tried again");
        }
        Duration left = lesser(limit.minusNanos(System.nanoTime() - begun), mostForACall());
        return limits -> {
            limits.apiCallTimeout(left.compareTo(LEAST) < 0 ? LEAST : left);
            if (identity != null) {
                limits.credentialsProvider(new TimelyCredentials.Given(identity));
            }
        };
    }

    /** What the owner of the client allows a call, which the limit of a request would override. */
    private Duration mostForACall() {
        Duration known = mostForACall;
        if (known == null) {
            known = ClientSettings.of(client)
                    .map(KmsServiceClientConfiguration::overrideConfiguration)
                    .flatMap(ClientOverrideConfiguration::apiCallTimeout)
                    .orElse(UNLIMITED);
            mostForACall = known;
        }
        return known;
    }

    private static Duration lesser(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static KekUnreachableException outOfTime(Asked asked, String what, String operatorAction) {
        return new KekUnreachableException(Failure.of(asked.kekId(), what).operatorAction(operatorAction));
    }
}
