package io.keywrap.gcp;

import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState;
import com.google.cloud.kms.v1.DecryptRequest;
import com.google.cloud.kms.v1.DecryptResponse;
import com.google.cloud.kms.v1.EncryptRequest;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.cloud.kms.v1.GetCryptoKeyRequest;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.iam.v1.TestIamPermissionsResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.gcp.GcpCalls.Call;
import io.keywrap.gcp.GcpCalls.Method;
import io.keywrap.gcp.GcpErrors.Operation;
import io.keywrap.gcp.GcpErrors.Question;
import io.keywrap.onboarding.PreflightProbe;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KeyProvider;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One KEK in Cloud KMS. */
final class GcpKeyProvider implements KeyProvider, PreflightProbe {
    /** What Google calls keys whose versions encrypt and decrypt, in software, an HSM or an external key manager alike. */
    static final String ALGORITHM = "ENCRYPT_DECRYPT";

    private static final Logger LOG = LoggerFactory.getLogger(GcpKeyProvider.class);

    private static final Method<EncryptRequest, EncryptResponse> ENCRYPT =
            new Method<>(KeyManagementServiceClient::encryptCallable, KeyManagementServiceSettings::encryptSettings);
    private static final Method<DecryptRequest, DecryptResponse> DECRYPT =
            new Method<>(KeyManagementServiceClient::decryptCallable, KeyManagementServiceSettings::decryptSettings);
    private static final Method<GetCryptoKeyRequest, CryptoKey> GET_KEY = new Method<>(
            KeyManagementServiceClient::getCryptoKeyCallable, KeyManagementServiceSettings::getCryptoKeySettings);
    private static final Method<TestIamPermissionsRequest, TestIamPermissionsResponse> TEST = new Method<>(
            KeyManagementServiceClient::testIamPermissionsCallable,
            KeyManagementServiceSettings::testIamPermissionsSettings);

    private final GcpKeyName key;
    private final KekId kekId;
    private final GcpCalls calls;
    private final GcpAnswer answers;

    GcpKeyProvider(GcpKeyName key, Clients.Loan loan) {
        this.key = key;
        this.kekId = key.kekId();
        this.calls = new GcpCalls(key, loan);
        this.answers = new GcpAnswer(key);
    }

    @Override
    public KekId kekId() {
        return kekId;
    }

    @Override
    public Place place() {
        return new Place(GcpKms.SCHEME + '/' + key.location(), key.project());
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        return dek.withBytes(bytes -> {
            ByteString plaintext = UnsafeByteOperations.unsafeWrap(bytes);
            ByteString context = UnsafeByteOperations.unsafeWrap(keyContext.toBytes());
            EncryptRequest request = EncryptRequest.newBuilder()
                    .setName(key.toString())
                    .setPlaintext(plaintext)
                    .setPlaintextCrc32C(GcpAnswer.checksum(plaintext))
                    .setAdditionalAuthenticatedData(context)
                    .setAdditionalAuthenticatedDataCrc32C(GcpAnswer.checksum(context))
                    .build();
            return calls.ask(
                    question(Operation.WRAP, "", keyContext),
                    deadline,
                    new Call<>(ENCRYPT, request, GcpKeyProvider::isIntact, answer -> answers.wrap(dek.id(), answer)));
        });
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        requireOurs(wrapped);
        ByteString ciphertext = UnsafeByteOperations.unsafeWrap(wrapped.wrappedBytes());
        ByteString context = UnsafeByteOperations.unsafeWrap(keyContext.toBytes());
        DecryptRequest request = DecryptRequest.newBuilder()
                .setName(key.toString())
                .setCiphertext(ciphertext)
                .setCiphertextCrc32C(GcpAnswer.checksum(ciphertext))
                .setAdditionalAuthenticatedData(context)
                .setAdditionalAuthenticatedDataCrc32C(GcpAnswer.checksum(context))
                .build();
        return calls.ask(
                question(Operation.UNWRAP, wrapped.kekVersion(), keyContext),
                deadline,
                new Call<>(DECRYPT, request, GcpKeyProvider::isIntact, answer -> {
                    if (!answer.getUsedPrimary()) {
                        LOG.debug(
                                "DEK {} is wrapped by a version of KEK {} that is not the primary one; it can be re-wrapped",
                                wrapped.dekId(),
                                kekId);
                    }
                    return answers.dek(wrapped.dekId(), answer);
                }));
    }

    @Override
    public Status status(Deadline deadline) {
        return get(deadline, this::status);
    }

    private <R> R get(Deadline deadline, Function<CryptoKey, R> read) {
        Question question = question(Operation.STATUS, "", EncryptionContext.empty());
        GetCryptoKeyRequest request =
                GetCryptoKeyRequest.newBuilder().setName(key.toString()).build();
        return calls.ask(question, deadline, new Call<>(GET_KEY, request, same -> true, read));
    }

    private Status status(CryptoKey answer) {
        answers.requireKey(answer);
        if (answer.getPurpose() != CryptoKeyPurpose.ENCRYPT_DECRYPT) {
            throw new KekConfigurationException(Failure.of(kekId, "the key is not one to encrypt with")
                    .operatorAction("use a key with the purpose ENCRYPT_DECRYPT"));
        }
        if (!answer.hasPrimary()) {
            throw new KekConfigurationException(Failure.of(kekId, "the key has no primary version")
                    .operatorAction("ask the customer to make a version and set it as the primary one"));
        }
        String version = answers.primary(answer);
        KekException refusal =
                GcpErrors.ofState(answer.getPrimary(), question(Operation.STATUS, version, EncryptionContext.empty()));
        if (refusal != null) {
            throw refusal;
        }
        if (answer.getPrimary().getState() != CryptoKeyVersionState.ENABLED) {
            throw new KekConfigurationException(
                    Failure.of(kekId, "version " + version + " of the key is in a state that is not known")
                            .operatorAction("ask the customer whether it is enabled; use a newer keywrap"));
        }
        return Status.ofVersion(version);
    }

    @Override
    public Optional<String> region() {
        return Optional.of(key.location());
    }

    @Override
    public List<Line> key(Deadline deadline) {
        return get(deadline, answer -> {
            answers.requireKey(answer);
            KekException refusal = answer.hasPrimary()
                    ? GcpErrors.ofState(
                            answer.getPrimary(),
                            question(Operation.STATUS, answers.primary(answer), EncryptionContext.empty()))
                    : null;
            return GcpPreflight.lines(key, answer, Optional.ofNullable(refusal));
        });
    }

    /** Google tells by a list, and does nothing. */
    @Override
    public Optional<Permission> permission(KekEvent.Operation operation, Attempt attempt) {
        return GcpPreflight.permission(operation).map(name -> {
            TestIamPermissionsRequest request = TestIamPermissionsRequest.newBuilder()
                    .setResource(key.toString())
                    .addPermissions(name)
                    .build();
            return calls.ask(
                    question(Operation.STATUS, "", EncryptionContext.empty()),
                    attempt.deadline(),
                    new Call<>(
                            TEST,
                            request,
                            same -> true,
                            answer -> answer.getPermissionsList().contains(name)
                                    ? Permission.allowed(name)
                                    : Permission.denied(name)));
        });
    }

    @Override
    public void close() {
        calls.close();
    }

    private Question question(Operation operation, String version, EncryptionContext context) {
        return new Question(key, operation, version, calls.worked(), context);
    }

    private void requireOurs(WrappedDek wrapped) {
        if (!wrapped.algorithm().equals(ALGORITHM)) {
            throw invalid("its algorithm is not " + ALGORITHM);
        }
        if (!wrapped.kekId().equals(kekId)) {
            throw invalid("it was wrapped under another KEK");
        }
    }

    private InvalidWrappedDekException invalid(String why) {
        return new InvalidWrappedDekException(Failure.of(kekId, "the wrapped DEK cannot be unwrapped: " + why)
                .operatorAction("check that keychain, key context and KEK belong together"));
    }

    private static boolean isIntact(EncryptRequest request) {
        return GcpAnswer.checksum(request.getPlaintext()).equals(request.getPlaintextCrc32C())
                && GcpAnswer.checksum(request.getAdditionalAuthenticatedData())
                        .equals(request.getAdditionalAuthenticatedDataCrc32C());
    }

    private static boolean isIntact(DecryptRequest request) {
        return GcpAnswer.checksum(request.getCiphertext()).equals(request.getCiphertextCrc32C())
                && GcpAnswer.checksum(request.getAdditionalAuthenticatedData())
                        .equals(request.getAdditionalAuthenticatedDataCrc32C());
    }
}
