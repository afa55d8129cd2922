package io.keywrap.aws;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.aws.AwsCalls.Asked;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightProbe.Attempt;
import io.keywrap.onboarding.PreflightProbe.Permission;
import io.keywrap.onboarding.PreflightProbe.Permission.Answer;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.provider.KekEvent.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DataKeySpec;
import software.amazon.awssdk.services.kms.model.DryRunModifierType;
import software.amazon.awssdk.services.kms.model.DryRunOperationException;
import software.amazon.awssdk.services.kms.model.GetKeyRotationStatusResponse;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.MultiRegionConfiguration;

/**
 * What AWS tells of a key besides using it, and of permissions by dry runs, which always fail: with
 * {@code DryRunOperationException} if the call would have succeeded.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html">Testing your permissions</a>
 */
final class AwsPreflight {
    private final KmsClient client;
    private final AwsCalls calls;

    AwsPreflight(KmsClient client, AwsCalls calls) {
        this.client = client;
        this.calls = calls;
    }

    /**
     * What a call would be made with.
     *
     * @param context the pairs for AWS
     * @param attempt the rest
     */
    record Sample(Map<String, String> context, Attempt attempt) {}

    /** Whether the vendor's own policies refuse it, and not the customer's. */
    static boolean isOurOwn(KekException failure) {
        return failure instanceof KekConfigurationException
                && failure.rawCode()
                        .filter(code -> code.startsWith("AccessDenied"))
                        .isPresent();
    }

    List<Line> lines(KeyMetadata state, Asked asked) {
        List<Line> lines = new ArrayList<>();
        boolean symmetric = AwsKeyProvider.isSymmetric(state);
        String type = state.keySpecAsString() + ", " + state.keyUsageAsString();
        lines.add(
                symmetric
                        ? Line.pass(PreflightCheck.KEY_TYPE, type)
                        : Line.fail(
                                PreflightCheck.KEY_TYPE,
                                "not a key to wrap with: " + type,
                                "ask the customer for a symmetric key for encryption and decryption; the type of a key cannot"
                                        + " be changed"));
        KekException refusal = AwsErrors.ofState(state, calls.question(asked));
        lines.add(
                refusal == null
                        ? Line.pass(PreflightCheck.KEY_STATE, state.keyStateAsString())
                        : Line.fail(PreflightCheck.KEY_STATE, refusal));
        if (symmetric && refusal == null) {
            lines.add(rotation(state, asked));
            lines.add(regions(state));
        }
        return lines;
    }

    private Line rotation(KeyMetadata state, Asked asked) {
        GetKeyRotationStatusResponse answer;
        try {
            answer = calls.ask(
                    asked,
                    limits -> client.getKeyRotationStatus(
                            request -> request.keyId(state.arn()).overrideConfiguration(limits)));
        } catch (KekException e) {
            return Line.warn(
                    PreflightCheck.ROTATION,
                    "not told: " + Line.what(e),
                    "ask the customer whether the key is rotated, or to allow kms:GetKeyRotationStatus");
        }
        if (!Boolean.TRUE.equals(answer.keyRotationEnabled())) {
            return Line.warn(
                    PreflightCheck.ROTATION,
                    "off",
                    "advise the customer to turn on automatic rotation; nothing has to be encrypted again for it");
        }
        Integer days = answer.rotationPeriodInDays();
        return Line.pass(PreflightCheck.ROTATION, days == null ? "on" : "on, every " + days + " days");
    }

    private static Line regions(KeyMetadata state) {
        MultiRegionConfiguration regions = state.multiRegionConfiguration();
        if (!Boolean.TRUE.equals(state.multiRegion())
                || regions == null
                || regions.replicaKeys().isEmpty()) {
            return Line.pass(
                    PreflightCheck.MULTI_REGION,
                    Boolean.TRUE.equals(state.multiRegion())
                            ? "a multi-Region key without replicas"
                            : "a key of one Region");
        }
        String replicas =
                regions.replicaKeys().stream().map(replica -> replica.region()).collect(Collectors.joining(", "));
        return Line.warn(
                PreflightCheck.MULTI_REGION,
                "a multi-Region key, primary in " + regions.primaryKey().region() + ", replicas in " + replicas,
                "tell the customer that each of them has a policy and a state of its own: to withdraw the key, all have to be"
                        + " disabled");
    }

    Optional<Permission> permission(Operation operation, Asked asked, Sample sample) {
        String arn = asked.key().toString();
        Map<String, String> context = sample.context();
        return switch (operation) {
            case WRAP ->
                dryRun(
                        "kms:Encrypt",
                        asked,
                        limits -> client.encrypt(request -> request.keyId(arn)
                                .plaintext(SdkBytes.fromByteArrayUnsafe(new byte[1]))
                                .encryptionContext(context)
                                .dryRun(true)
                                .overrideConfiguration(limits)));
            case GENERATE ->
                dryRun(
                        "kms:GenerateDataKey",
                        asked,
                        limits -> client.generateDataKey(request -> request.keyId(arn)
                                .keySpec(DataKeySpec.AES_256)
                                .encryptionContext(context)
                                .dryRun(true)
                                .overrideConfiguration(limits)));
            case UNWRAP -> dryRun("kms:Decrypt", asked, limits -> decrypt(arn, sample, limits));
            case REWRAP -> dryRun("kms:ReEncrypt", asked, limits -> reEncrypt(arn, sample, limits));
            case STATUS -> Optional.empty();
        };
    }

    /** Of a wrap that is there, else of any. */
    private void decrypt(String arn, Sample sample, Consumer<AwsRequestOverrideConfiguration.Builder> limits) {
        client.decrypt(request -> {
            request.keyId(arn).encryptionContext(sample.context()).dryRun(true).overrideConfiguration(limits);
            sample.attempt()
                    .wrapped()
                    .ifPresentOrElse(
                            wrapped -> request.ciphertextBlob(blob(wrapped)),
                            () -> request.dryRunModifiers(DryRunModifierType.IGNORE_CIPHERTEXT));
        });
    }

    private void reEncrypt(String arn, Sample sample, Consumer<AwsRequestOverrideConfiguration.Builder> limits) {
        client.reEncrypt(request -> {
            request.sourceKeyId(arn)
                    .sourceEncryptionContext(sample.context())
                    .destinationKeyId(arn)
                    .destinationEncryptionContext(sample.context())
                    .dryRun(true)
                    .overrideConfiguration(limits);
            sample.attempt()
                    .wrapped()
                    .ifPresentOrElse(
                            wrapped -> request.ciphertextBlob(blob(wrapped)),
                            () -> request.dryRunModifiers(DryRunModifierType.IGNORE_CIPHERTEXT));
        });
    }

    private static SdkBytes blob(WrappedDek wrapped) {
        return SdkBytes.fromByteArrayUnsafe(wrapped.wrappedBytes());
    }

    private Optional<Permission> dryRun(
            String name, Asked asked, Consumer<Consumer<AwsRequestOverrideConfiguration.Builder>> call) {
        try {
            calls.ask(asked, limits -> {
                try {
                    call.accept(limits);
                } catch (DryRunOperationException e) {
                    // It would have succeeded.
                }
                return name;
            });
            return Optional.of(Permission.allowed(name));
        } catch (KekException e) {
            boolean denied =
                    isOurOwn(e) || (e instanceof KekRevokedException revoked && revoked.reason() == Reason.DENIED);
            return Optional.of(
                    denied ? Permission.denied(name, e) : new Permission(Answer.UNKNOWN, name, Optional.of(e)));
        }
    }
}
