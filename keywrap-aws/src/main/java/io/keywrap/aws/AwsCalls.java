package io.keywrap.aws;

import io.keywrap.Deadline;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.aws.AwsErrors.Question;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DescribeKeyResponse;
import software.amazon.awssdk.services.kms.model.KeyMetadata;

/** Calls of AWS KMS for one provider: each ends with its deadline, and fails with one of keywrap's exceptions. */
final class AwsCalls {
    private static final Duration LEAST = Duration.ofMillis(1);

    /** How long a question may take for the state of a key that has just refused. */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(2);

    private final KmsClient client;
    private final @Nullable TimelyCredentials credentials;
    private volatile boolean worked;
    private volatile boolean closed;

    AwsCalls(KmsClient client) {
        this.client = client;
        this.credentials = TimelyCredentials.of(client);
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
        if (credentials != null) {
            credentials.close();
        }
    }

    /** Makes a call; the action hands the limits it gets to its request. */
    <T> T ask(Asked asked, Function<Consumer<AwsRequestOverrideConfiguration.Builder>, T> action) {
        return askOfTwo(asked, null, action);
    }

    /** Makes a call of two keys; a failure is that of the second one where AWS names it alone. */
    <T> T askOfTwo(
            Asked asked,
            @Nullable Asked second,
            Function<Consumer<AwsRequestOverrideConfiguration.Builder>, T> action) {
        if (closed) {
            throw new IllegalStateException("the provider of " + asked.kekId() + " was closed");
        }
        try {
            T answer = action.apply(limits(asked));
            worked = true;
            return answer;
        } catch (KekException e) {
            throw e;
        } catch (RuntimeException e) {
            if (second != null && names(e, second) && !names(e, asked)) {
                throw refusal(
                        e, second, new Question(second.kekId(), second.key().isAlias(), false, second.context()));
            }
            throw refusal(e, asked, question(asked));
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
        return new Question(asked.kekId(), asked.key().isAlias(), worked, asked.context());
    }

    private KekException refusal(RuntimeException e, Asked asked, Question question) {
        return AwsErrors.of(e, question, AwsErrors.mayBeOfTheState(e) ? secondLook(asked) : null);
    }

    /** The state of a key that has just refused; null if that is not to be had soon. */
    private @Nullable KeyMetadata secondLook(Asked asked) {
        Duration left = asked.deadline().remaining();
        if (left.compareTo(LEAST) < 0) {
            return null;
        }
        Duration limit = left.compareTo(SECOND_LOOK) < 0 ? left : SECOND_LOOK;
        try {
            KeyMetadata state = describe(asked.key(), limits -> limits.apiCallTimeout(limit))
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

    private Consumer<AwsRequestOverrideConfiguration.Builder> limits(Asked asked) {
        if (asked.deadline().expired()) {
            throw new KekUnreachableException(
                    Failure.of(asked.kekId(), "the time for the call was over before it began")
                            .operatorAction("try again, or allow more time"));
        }
        Consumer<AwsRequestOverrideConfiguration.Builder> signer = signer(asked);
        Duration left = asked.deadline().remaining();
        return signer.andThen(limits -> limits.apiCallTimeout(left.compareTo(LEAST) < 0 ? LEAST : left));
    }

    private Consumer<AwsRequestOverrideConfiguration.Builder> signer(Asked asked) {
        if (credentials == null) {
            return limits -> {};
        }
        try {
            IdentityProvider<AwsCredentialsIdentity> found = credentials.by(asked.deadline());
            return limits -> limits.credentialsProvider(found);
        } catch (TimeoutException e) {
            throw new KekUnreachableException(Failure.of(asked.kekId(), "the credentials for AWS did not come in time")
                    .operatorAction(
                            "check who gives this process its credentials: STS, the sign-on, the metadata service"
                                    + " of its machine; it can be tried again")
                    .cause(e));
        }
    }

    private static boolean names(RuntimeException e, Asked asked) {
        return e.getMessage() != null && e.getMessage().contains(asked.key().toString());
    }
}
