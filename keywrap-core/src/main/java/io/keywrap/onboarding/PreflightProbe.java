package io.keywrap.onboarding;

import io.keywrap.Deadline;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.provider.KekEvent.Operation;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link io.keywrap.provider.KeyProvider} also implements whose KMS can tell more of a key than whether it wraps and
 * unwraps. It is optional: {@link Preflight} does without it what can be done without it.
 *
 * <p><b>Security:</b> nothing here changes anything at the customer's: no key is made, no policy read or written. What
 * it tells holds no key byte and no context value.
 *
 * <p><b>Thread safety:</b> as of {@link io.keywrap.provider.KeyProvider}.
 */
public interface PreflightProbe {
    /**
     * Where the key is, as its name tells; in the words of the rules for {@link KeyReference}.
     *
     * @return such as {@code eu-west-1}; empty if the name does not tell
     */
    Optional<String> region();

    /**
     * Asks for the key itself: {@link PreflightCheck#KEY_TYPE}, {@link PreflightCheck#KEY_STATE},
     * {@link PreflightCheck#ROTATION}, {@link PreflightCheck#MULTI_REGION}, as far as the KMS has them. A key that cannot be used
     * is told by a line and not by an exception.
     *
     * @param deadline when it must be over
     * @return the lines
     * @throws KekException if nothing can be told: no answer, no such key, or a caller who may not ask
     */
    List<Line> key(Deadline deadline);

    /**
     * Finds out whether the caller may do something, without doing it if the KMS has a way to.
     *
     * @param operation what
     * @param attempt what it would be done with
     * @return what is known; empty if the KMS has no such operation
     */
    Optional<Permission> permission(Operation operation, Attempt attempt);

    /**
     * Whether a failure is for want of a permission, whoever has to give it.
     *
     * @param failure a failure of this provider
     * @return true if so
     */
    default boolean isDenial(KekException failure) {
        return failure instanceof KekRevokedException revoked && revoked.reason() == Reason.DENIED;
    }

    /**
     * Whether policies of this cloud can decide by the key context, so that one without a condition on it allows too much.
     *
     * @return true if so
     */
    default boolean decidesByContext() {
        return false;
    }

    /**
     * What an operation would be done with.
     *
     * @param keyContext the key context
     * @param wrapped a wrap that was just made with it; empty if none could be made
     * @param deadline when the answer must be there
     */
    record Attempt(EncryptionContext keyContext, Optional<WrappedDek> wrapped, Deadline deadline) {}

    /**
     * What is known of a permission.
     *
     * @param answer what
     * @param name what the cloud calls it, such as {@code kms:Decrypt}
     * @param refusal what the KMS said, where it refused or failed
     */
    record Permission(Answer answer, String name, Optional<KekException> refusal) {
        /** What is known. */
        public enum Answer {
            /** It is allowed. */
            ALLOWED,
            /** It is not. */
            DENIED,
            /** Only doing it can tell. */
            UNKNOWN
        }

        /**
         * One that the caller has.
         *
         * @param name what the cloud calls it
         * @return the permission
         */
        public static Permission allowed(String name) {
            return new Permission(Answer.ALLOWED, name, Optional.empty());
        }

        /**
         * One that the caller does not have, by the list that the KMS gave.
         *
         * @param name what the cloud calls it
         * @return the permission
         */
        public static Permission denied(String name) {
            return new Permission(Answer.DENIED, name, Optional.empty());
        }

        /**
         * One that was refused.
         *
         * @param name what the cloud calls it
         * @param refusal what the KMS said
         * @return the permission
         */
        public static Permission denied(String name, KekException refusal) {
            return new Permission(Answer.DENIED, name, Optional.of(refusal));
        }

        /**
         * One that only doing it can tell.
         *
         * @param name what the cloud calls it
         * @return the permission
         */
        public static Permission unknown(String name) {
            return new Permission(Answer.UNKNOWN, name, Optional.empty());
        }
    }
}
