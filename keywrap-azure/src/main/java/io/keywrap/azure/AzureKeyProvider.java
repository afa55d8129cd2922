package io.keywrap.azure;

import com.azure.core.util.Context;
import com.azure.security.keyvault.keys.cryptography.models.UnwrapResult;
import com.azure.security.keyvault.keys.cryptography.models.WrapResult;
import com.azure.security.keyvault.keys.models.KeyOperation;
import com.azure.security.keyvault.keys.models.KeyVaultKey;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.azure.AzureCalls.Asked;
import io.keywrap.azure.AzureErrors.Operation;
import io.keywrap.onboarding.PreflightProbe;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KeyProvider;
import java.security.Provider;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One KEK in Azure, named by the URL of a key, with or without a version. */
final class AzureKeyProvider implements KeyProvider, PreflightProbe {
    private static final Pattern VERSION = Pattern.compile("[0-9a-f]{32}");

    private final KekId kekId;
    private final AzureKeyUrl key;
    private final WrapAlgorithm algorithm;
    private final AzureHosts hosts;
    private final KeyClients clients;
    private final AzureCalls calls;
    private final Optional<Provider> named;

    AzureKeyProvider(
            KekId kekId,
            WrapAlgorithm algorithm,
            AzureHosts hosts,
            KeyClients clients,
            AzureCalls calls,
            Optional<Provider> named) {
        this.kekId = kekId;
        this.key = hosts.keyOf(kekId);
        this.algorithm = algorithm;
        this.hosts = hosts;
        this.clients = clients;
        this.calls = calls;
        this.named = named;
    }

    @Override
    public KekId kekId() {
        return kekId;
    }

    /** A URL does not tell the region, so a cloud is the smallest that is known to fail as one. */
    @Override
    public Place place() {
        String host = key.host();
        String cloud = host.contains(":") ? host : host.substring(host.indexOf('.') + 1);
        return new Place(AzureKms.SCHEME + '/' + cloud, host);
    }

    /** The cloud, as a URL does not tell more. */
    @Override
    public Optional<String> region() {
        String cloud = place().service().substring(AzureKms.SCHEME.length() + 1);
        return Optional.of(cloud.replaceFirst("^(?:vault|managedhsm)\\.", ""));
    }

    @Override
    public List<Line> key(Deadline deadline) {
        Asked asked = new Asked(kekId, key, Operation.STATUS, deadline);
        KeyVaultKey told = calls.key(asked);
        answered(told.getId());
        KekException refusal = AzureErrors.ofState(calls.stateOf(told.getProperties()), calls.question(asked));
        return new AzurePreflight(key, algorithm)
                .lines(told, Optional.ofNullable(refusal), permits(told.getKeyOperations()));
    }

    /** Azure tells of no permission, so it is tried: with a DEK by the preflight itself, without one with bytes that are no wrap. */
    @Override
    public Optional<Permission> permission(KekEvent.Operation operation, Attempt attempt) {
        return switch (operation) {
            case WRAP -> Optional.of(Permission.unknown("wrapKey"));
            case UNWRAP ->
                Optional.of(attempt.wrapped().isPresent() ? Permission.unknown("unwrapKey") : refused(attempt));
            case GENERATE, REWRAP, STATUS -> Optional.empty();
        };
    }

    private Permission refused(Attempt attempt) {
        try {
            calls.ask(
                    new Asked(kekId, key, Operation.UNWRAP, attempt.deadline()),
                    () -> clients.cryptography(key)
                            .unwrapKey(algorithm.ofAzure(), new byte[algorithm.leastBytes()], Context.NONE));
            return Permission.allowed("unwrapKey");
        } catch (InvalidWrappedDekException e) {
            return Permission.allowed("unwrapKey");
        } catch (KekException e) {
            return isDenial(e)
                    ? Permission.denied("unwrapKey", e)
                    : new Permission(Permission.Answer.UNKNOWN, "unwrapKey", Optional.of(e));
        }
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        byte[] bound = BoundDek.of(dek, keyContext, named);
        try {
            WrapResult answer = calls.ask(
                    new Asked(kekId, key, Operation.WRAP, deadline),
                    () -> clients.cryptography(key).wrapKey(algorithm.ofAzure(), bound, Context.NONE));
            AzureKeyUrl used = answered(answer.getKeyId());
            byte[] wrapped = required(answer.getEncryptedKey(), "wrapped key");
            if (!algorithm.canGive(wrapped.length)) {
                throw untrusted("it holds a wrapped key of " + wrapped.length + " bytes");
            }
            calls.sawWorking(used);
            return WrappedDek.builder(dek.id(), kekId)
                    .kekVersion(used.version().orElseThrow())
                    .build(algorithm.inWraps(), wrapped);
        } finally {
            Arrays.fill(bound, (byte) 0);
        }
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        AzureKeyUrl pinned = pinned(wrapped);
        UnwrapResult answer = calls.ask(
                new Asked(kekId, pinned, Operation.UNWRAP, deadline),
                () -> clients.cryptography(pinned)
                        .unwrapKey(algorithm.ofAzure(), wrapped.wrappedBytes(), Context.NONE));
        byte[] bound = required(answer.getKey(), "key");
        int length = bound.length;
        Dek dek = BoundDek.open(bound, wrapped.dekId(), keyContext, named)
                .orElseThrow(() -> length == BoundDek.BYTES
                        ? invalid("it was wrapped with another key context")
                        : invalid("it holds " + length + " bytes, which keywrap has not wrapped"));
        try {
            if (!answered(answer.getKeyId()).equals(pinned)) {
                throw untrusted("another version answered than " + pinned);
            }
            return dek;
        } catch (RuntimeException e) {
            dek.close();
            throw e;
        }
    }

    @Override
    public Status status(Deadline deadline) {
        Asked asked = new Asked(kekId, key, Operation.STATUS, deadline);
        KeyVaultKey told = calls.key(asked);
        AzureKeyUrl current = answered(told.getId());
        KekException refusal = AzureErrors.ofState(calls.stateOf(told.getProperties()), calls.question(asked));
        if (refusal != null) {
            throw refusal;
        }
        if (!algorithm.fits(told.getKeyType())) {
            throw new KekConfigurationException(Failure.of(
                            kekId,
                            "the key is of the type " + told.getKeyType() + ", and cannot wrap with "
                                    + algorithm.inWraps())
                    .operatorAction("use an RSA key, or name it among the aesKeys(…) if it is an AES key"));
        }
        if (!permits(told.getKeyOperations())) {
            throw new KekConfigurationException(Failure.of(kekId, "the key does not allow wrapKey and unwrapKey")
                    .operatorAction("ask the customer to permit both among the key's operations (key_ops)"));
        }
        Status status = Status.ofVersion(current.version().orElseThrow());
        OffsetDateTime expires = told.getProperties().getExpiresOn();
        return expires == null ? status : status.withExpires(expires.toInstant());
    }

    @Override
    public void close() {
        calls.close();
    }

    /** Azure leaves the list out where nothing is forbidden. */
    private static boolean permits(@Nullable List<KeyOperation> operations) {
        return operations == null || operations.containsAll(List.of(KeyOperation.WRAP_KEY, KeyOperation.UNWRAP_KEY));
    }

    /**
     * The version to unwrap with: the one that wrapped, always. Without a version Azure takes the latest one, which after a
     * rotation cannot read what an earlier one wrapped.
     */
    private AzureKeyUrl pinned(WrappedDek wrapped) {
        if (!wrapped.algorithm().equals(algorithm.inWraps())) {
            throw invalid("its algorithm is not " + algorithm.inWraps()
                    + ", which is that of this key by configuration (aesKeys)");
        }
        if (!isThisKek(wrapped.kekId())) {
            throw invalid("it was wrapped under another KEK");
        }
        String version = wrapped.kekVersion();
        if (!VERSION.matcher(version).matches()
                || !key.version().orElse(version).equals(version)) {
            throw invalid("its version is none of this key");
        }
        if (!algorithm.canGive(wrapped.wrappedBytes().length)) {
            throw invalid("it does not have the length of a wrap with " + algorithm.inWraps());
        }
        return key.inVersion(version);
    }

    private boolean isThisKek(KekId other) {
        try {
            return other.equals(kekId) || hosts.keyOf(other).equals(key);
        } catch (KekConfigurationException e) {
            return false;
        }
    }

    /** The key that answered: this one, in a version, which must be the one that was asked for if one was. */
    private AzureKeyUrl answered(@Nullable String kid) {
        AzureKeyUrl answered;
        try {
            answered = hosts.parse(required(kid, "key id"));
        } catch (IllegalArgumentException e) {
            throw untrusted("the key id in it is not the URL of a key");
        }
        if (!answered.isSameKeyAs(key)) {
            throw untrusted("another key answered than " + key);
        }
        if (answered.version().isEmpty()) {
            throw untrusted("it does not tell the version, without which nothing could be unwrapped after a rotation");
        }
        if (key.version().isPresent() && !answered.equals(key)) {
            throw untrusted("another version answered than " + key);
        }
        return answered;
    }

    private <T> T required(@Nullable T value, String what) {
        if (value == null) {
            throw new KekUnreachableException(Failure.of(kekId, "the answer has no " + what)
                    .operatorAction("check that the host is one of Azure Key Vault; it can be tried again"));
        }
        return value;
    }

    private InvalidWrappedDekException untrusted(String why) {
        return new InvalidWrappedDekException(Failure.of(kekId, "the answer cannot be trusted: " + why)
                .operatorAction("do not use this vault until you know why Azure, or who answers for it, does so"));
    }

    private InvalidWrappedDekException invalid(String why) {
        return new InvalidWrappedDekException(Failure.of(kekId, "the wrapped DEK cannot be unwrapped: " + why)
                .operatorAction("check that keychain, key context and KEK belong together"));
    }
}
