package io.keywrap;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A KEK could not be used: it is revoked, missing, throttled, out of reach, misconfigured, or not the right one.
 *
 * <p>Carries the KEK, the provider's raw code and request id for a support case, and a sentence for the operator.
 */
public abstract class KekException extends KeywrapException {
    private static final long serialVersionUID = 1L;

    private final @Nullable KekId kekId;
    private final @Nullable String rawCode;
    private final @Nullable String requestId;
    private final String operatorAction;
    private final @Nullable Duration retryAfter;

    /**
     * Makes the exception.
     *
     * @param failure what is known of the failure
     */
    protected KekException(Failure failure) {
        super(failure.message(), failure.cause, !failure.untraced);
        this.kekId = failure.kekId;
        this.rawCode = failure.rawCode;
        this.requestId = failure.requestId;
        this.operatorAction = failure.operatorAction;
        this.retryAfter = failure.retryAfter;
    }

    /**
     * Which KEK.
     *
     * @return its id; empty only where a wrap could not even be read
     */
    public Optional<KekId> kekId() {
        return Optional.ofNullable(kekId);
    }

    /**
     * The provider's own error code.
     *
     * @return such as {@code DisabledException}; empty if it gave none
     */
    public Optional<String> rawCode() {
        return Optional.ofNullable(rawCode);
    }

    /**
     * The provider's id of the refused call.
     *
     * @return the id; empty if it gave none
     */
    public Optional<String> requestId() {
        return Optional.ofNullable(requestId);
    }

    /**
     * What the operator can do.
     *
     * @return one sentence
     */
    public String operatorAction() {
        return operatorAction;
    }

    /**
     * How long the provider asks to be left alone.
     *
     * @return the time from its answer on; empty if it did not say
     */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /**
     * The same without stack trace, cause and what was suppressed, for whoever keeps many for long: some hundred bytes instead
     * of thousands.
     *
     * @return a copy; of a class that is not keywrap's own, this
     */
    public final KekException withoutTrace() {
        return like(new Failure(this));
    }

    KekException like(Failure failure) {
        return this;
    }

    /** What is known of a failed call; collected by a provider and handed to one of the leaves. Not thread-safe. */
    public static final class Failure {
        private static final int MOST_CAUSES = 32;

        private final @Nullable KekId kekId;
        private final String what;
        private final boolean untraced;
        private String operatorAction = "see the cause";
        private @Nullable String rawCode;
        private @Nullable String requestId;
        private @Nullable Duration retryAfter;
        private @Nullable Throwable cause;

        private Failure(@Nullable KekId kekId, String what) {
            this.kekId = kekId;
            this.what = what;
            this.untraced = false;
        }

        private Failure(KekException of) {
            this.kekId = of.kekId;
            this.what = String.valueOf(of.getMessage());
            this.untraced = true;
            this.operatorAction = of.operatorAction;
            this.rawCode = of.rawCode;
            this.requestId = of.requestId;
            this.retryAfter = of.retryAfter;
        }

        /**
         * A failure of a KEK.
         *
         * @param kekId the KEK
         * @param what what failed, such as {@code "the key is disabled"}; no secret, no context value
         * @return the failure, to be completed
         */
        public static Failure of(KekId kekId, String what) {
            return new Failure(kekId, what);
        }

        /**
         * A failure before the KEK was known.
         *
         * @param what what failed; no secret, no context value
         * @return the failure, to be completed
         */
        public static Failure ofUnknownKek(String what) {
            return new Failure(null, what);
        }

        /**
         * What the operator can do.
         *
         * @param sentence one sentence, without a full stop
         * @return this
         */
        public Failure operatorAction(String sentence) {
            operatorAction = sentence;
            return this;
        }

        /**
         * The provider's own error code.
         *
         * @param code the code, or null
         * @return this
         */
        public Failure rawCode(@Nullable String code) {
            rawCode = code;
            return this;
        }

        /**
         * The provider's id of the refused call.
         *
         * @param id the id, or null
         * @return this
         */
        public Failure requestId(@Nullable String id) {
            requestId = id;
            return this;
        }

        /**
         * How long the provider asks to be left alone.
         *
         * @param duration the time from its answer on; null, or a negative one, if it did not say
         * @return this
         */
        public Failure retryAfter(@Nullable Duration duration) {
            retryAfter = duration == null || duration.isNegative() ? null : duration;
            return this;
        }

        /**
         * The cause.
         *
         * @param throwable the cause, or null
         * @return this
         */
        public Failure cause(@Nullable Throwable throwable) {
            cause = throwable;
            return this;
        }

        /**
         * The cause, left out if a text in it, in its causes or in what was suppressed tells a value of the key context: some
         * services quote what they do not like.
         *
         * @param throwable the cause, or null
         * @param keyContext the key context of the call
         * @return this
         */
        public Failure cause(@Nullable Throwable throwable, EncryptionContext keyContext) {
            boolean tells = keyContext.asMap().values().stream()
                    .filter(value -> !value.isEmpty())
                    .anyMatch(value -> texts(throwable).anyMatch(text -> text.contains(value)));
            return cause(tells ? null : throwable);
        }

        private static Stream<String> texts(@Nullable Throwable failure) {
            return chain(failure)
                    .flatMap(t -> Stream.concat(
                            Stream.of(t), Arrays.stream(t.getSuppressed()).flatMap(Failure::chain)))
                    .map(t -> String.valueOf(t.getMessage()));
        }

        private static Stream<Throwable> chain(@Nullable Throwable failure) {
            return Stream.iterate(failure, t -> t != null, Throwable::getCause).limit(MOST_CAUSES);
        }

        private String message() {
            return untraced ? what : wholeMessage();
        }

        private String wholeMessage() {
            return what
                    + (kekId == null ? "" : "; KEK " + kekId)
                    + (rawCode == null ? "" : "; code " + rawCode)
                    + (requestId == null ? "" : "; request " + requestId)
                    + "; to do: " + operatorAction;
        }
    }
}
