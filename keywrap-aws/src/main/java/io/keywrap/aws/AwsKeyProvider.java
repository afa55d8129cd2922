package io.keywrap.aws;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.aws.AwsCalls.Asked;
import io.keywrap.onboarding.PreflightProbe;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.ServerSideRewrap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DataKeySpec;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.EncryptResponse;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyResponse;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.ReEncryptResponse;

/** One KEK in AWS KMS, named by the ARN of a key or of an alias. */
final class AwsKeyProvider implements KeyProvider, ServerSideRewrap, PreflightProbe {
    /** The one algorithm of symmetric keys, in AWS's own words. */
    static final String ALGORITHM = "SYMMETRIC_DEFAULT";

    private static final String ALIAS_PAIR = EncryptionContext.RESERVED_PREFIX + "alias";

    private final AwsKeyArn key;
    private final KekId kekId;
    private final Clients.Loan loan;
    private final KmsClient client;
    private final AwsCalls calls;
    private final AwsAnswer answers;

    AwsKeyProvider(AwsKeyArn key, Clients.Loan loan) {
        this.key = key;
        this.kekId = key.kekId();
        this.loan = loan;
        this.client = loan.client();
        this.calls = new AwsCalls(loan);
        this.answers = new AwsAnswer(key);
    }

    @Override
    public KekId kekId() {
        return kekId;
    }

    @Override
    public Place place() {
        return new Place(AwsKms.SCHEME + '/' + key.region(), key.account());
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        Map<String, String> context = context(key, keyContext);
        EncryptResponse answer = dek.withBytes(bytes -> calls.ask(
                new Asked(kekId, key, keyContext, deadline),
                limits -> client.encrypt(request -> request.keyId(key.toString())
                        .encryptionAlgorithm(ALGORITHM)
                        .plaintext(SdkBytes.fromByteArrayUnsafe(bytes))
                        .encryptionContext(context)
                        .overrideConfiguration(limits))));
        // AWS does not tell which key material Encrypt has used.
        String version = version(answer.keyId(), null);
        return answers.wrap(WrappedDek.builder(dek.id(), kekId).kekVersion(version), answer.ciphertextBlob());
    }

    @Override
    public Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
        Map<String, String> context = context(key, keyContext);
        GenerateDataKeyResponse answer = calls.ask(
                new Asked(kekId, key, keyContext, deadline),
                limits -> client.generateDataKey(request -> request.keyId(key.toString())
                        .keySpec(DataKeySpec.AES_256)
                        .encryptionContext(context)
                        .overrideConfiguration(limits)));
        Dek dek = answers.dek(dekId, answer.plaintext());
        try {
            String version = version(answer.keyId(), answer.keyMaterialId());
            WrappedDek.Builder wrap = WrappedDek.builder(dekId, kekId).kekVersion(version);
            return new Generated(dek, answers.wrap(wrap, answer.ciphertextBlob()));
        } catch (RuntimeException e) {
            dek.close();
            throw e;
        }
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        AwsKeyArn pinned = pinned(wrapped);
        Map<String, String> context = context(key, keyContext);
        DecryptResponse answer = calls.ask(
                new Asked(kekId, pinned, keyContext, deadline),
                limits -> client.decrypt(request -> request.keyId(pinned.toString())
                        .encryptionAlgorithm(ALGORITHM)
                        .ciphertextBlob(SdkBytes.fromByteArrayUnsafe(wrapped.wrappedBytes()))
                        .encryptionContext(context)
                        .overrideConfiguration(limits)));
        Dek dek = answers.dek(wrapped.dekId(), answer.plaintext());
        try {
            answers.requireKey(pinned, answer.keyId());
            return dek;
        } catch (RuntimeException e) {
            dek.close();
            throw e;
        }
    }

    /** One call has one caller, so a key that another role is assumed for cannot be part of it. */
    @Override
    public boolean supports(KekId target) {
        if (!target.scheme().equals(AwsKms.SCHEME)) {
            return false;
        }
        try {
            AwsKeyArn other = AwsKeyArn.of(target);
            return other.sameEndpoint(key) && loan.callsAlike().test(other);
        } catch (KekConfigurationException e) {
            return false;
        }
    }

    @Override
    public WrappedDek rewrap(WrappedDek wrapped, KekId target, EncryptionContext keyContext, Deadline deadline) {
        if (!supports(target)) {
            throw new IllegalArgumentException("AWS KMS cannot re-wrap from " + kekId + " to " + target);
        }
        AwsKeyArn from = pinned(wrapped);
        AwsKeyArn to = AwsKeyArn.of(target);
        Map<String, String> oldContext = context(key, keyContext);
        Map<String, String> newContext = context(to, keyContext);
        ReEncryptResponse answer = calls.askOfTwo(
                new Asked(kekId, from, keyContext, deadline),
                new Asked(target, to, keyContext, deadline),
                limits -> client.reEncrypt(request -> request.sourceKeyId(from.toString())
                        .sourceEncryptionAlgorithm(ALGORITHM)
                        .sourceEncryptionContext(oldContext)
                        .ciphertextBlob(SdkBytes.fromByteArrayUnsafe(wrapped.wrappedBytes()))
                        .destinationKeyId(to.toString())
                        .destinationEncryptionAlgorithm(ALGORITHM)
                        .destinationEncryptionContext(newContext)
                        .overrideConfiguration(limits)));
        answers.requireKey(from, answer.sourceKeyId());
        AwsAnswer ofTarget = new AwsAnswer(to);
        String version = ofTarget.version(answer.keyId(), answer.destinationKeyMaterialId());
        return ofTarget.wrap(WrappedDek.builder(wrapped.dekId(), target).kekVersion(version), answer.ciphertextBlob());
    }

    @Override
    public Status status(Deadline deadline) {
        Asked asked = new Asked(kekId, key, EncryptionContext.empty(), deadline);
        KeyMetadata state = calls.state(asked);
        String version = answers.version(state.arn(), state.currentKeyMaterialId());
        KekException refusal = AwsErrors.ofState(state, calls.question(asked));
        if (refusal != null) {
            throw refusal;
        }
        if (!isSymmetric(state)) {
            throw new KekConfigurationException(Failure.of(kekId, "the key is not one to encrypt with")
                    .operatorAction("use a symmetric key for encryption and decryption"));
        }
        return version.isEmpty() ? Status.unknown() : Status.ofVersion(version);
    }

    static boolean isSymmetric(KeyMetadata state) {
        return state.keySpec() == KeySpec.SYMMETRIC_DEFAULT && state.keyUsage() == KeyUsageType.ENCRYPT_DECRYPT;
    }

    @Override
    public Optional<String> region() {
        return Optional.of(key.region());
    }

    @Override
    public List<Line> key(Deadline deadline) {
        Asked asked = new Asked(kekId, key, EncryptionContext.empty(), deadline);
        KeyMetadata state = calls.state(asked);
        answers.version(state.arn(), state.currentKeyMaterialId());
        return new AwsPreflight(client, calls).lines(state, asked);
    }

    @Override
    public Optional<Permission> permission(Operation operation, Attempt attempt) {
        AwsKeyArn used = attempt.wrapped().map(this::pinned).orElse(key);
        Asked asked = new Asked(kekId, used, attempt.keyContext(), attempt.deadline());
        return new AwsPreflight(client, calls)
                .permission(operation, asked, new AwsPreflight.Sample(context(key, attempt.keyContext()), attempt));
    }

    @Override
    public boolean decidesByContext() {
        return true;
    }

    @Override
    public boolean isDenial(KekException failure) {
        return PreflightProbe.super.isDenial(failure) || AwsPreflight.isOurOwn(failure);
    }

    @Override
    public void close() {
        calls.close();
        loan.giveBack().run();
    }

    /**
     * The pairs for AWS: those of the key context, and for an alias its ARN, so that no wrap that was made by way of one alias
     * passes for one of another.
     */
    private static Map<String, String> context(AwsKeyArn key, EncryptionContext keyContext) {
        if (!key.isAlias()) {
            return keyContext.asMap();
        }
        Map<String, String> pairs = new HashMap<>(keyContext.asMap());
        pairs.put(ALIAS_PAIR, key.toString());
        return pairs;
    }

    /** The version of a wrap that was just made; the key that an alias points to has worked. */
    private String version(@Nullable String keyId, @Nullable String keyMaterialId) {
        String version = answers.version(keyId, keyMaterialId);
        if (key.isAlias()) {
            calls.sawWorking(AwsKeyArn.parse(version));
        }
        return version;
    }

    /**
     * The key to unwrap with: this provider's own; for an alias the one that the wrap was made with, as the alias may point
     * to another by now.
     */
    private AwsKeyArn pinned(WrappedDek wrapped) {
        if (!wrapped.algorithm().equals(ALGORITHM)) {
            throw invalid("its algorithm is not " + ALGORITHM);
        }
        if (key.isAlias()) {
            if (!wrapped.kekId().equals(kekId)) {
                throw invalid("it was wrapped under another KEK");
            }
            return pinnedBehindAlias(wrapped.kekVersion());
        }
        if (!wrapped.kekId().equals(kekId) && !isReplicas(wrapped.kekId())) {
            throw invalid("it was wrapped under another KEK");
        }
        return key;
    }

    private AwsKeyArn pinnedBehindAlias(String version) {
        try {
            AwsKeyArn pinned = AwsKeyArn.parse(version);
            if (!pinned.isAlias() && pinned.sameAccountAndRegion(key)) {
                return pinned;
            }
        } catch (IllegalArgumentException e) {
            // Refused below.
        }
        throw invalid("its version is not the ARN of a key in the account and Region of the alias");
    }

    private boolean isReplicas(KekId other) {
        try {
            return other.scheme().equals(AwsKms.SCHEME) && AwsKeyArn.of(other).sharesMaterialWith(key);
        } catch (KekConfigurationException e) {
            return false;
        }
    }

    private InvalidWrappedDekException invalid(String why) {
        return new InvalidWrappedDekException(Failure.of(kekId, "the wrapped DEK cannot be unwrapped: " + why)
                .operatorAction("check that keychain, key context and KEK belong together"));
    }
}
