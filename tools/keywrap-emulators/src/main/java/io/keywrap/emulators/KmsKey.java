package io.keywrap.emulators;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A key of one Region, with what its owner has set. Guarded by the store. */
final class KmsKey {
    final String keyId;
    final String account;
    final String region;
    final AwsKeySpec spec;
    final KeyMaterial material;
    final Instant created;
    final Map<String, KmsGrant> grants = new LinkedHashMap<>();

    private AwsKeyState state = AwsKeyState.ENABLED;
    private Optional<Instant> deletionDate = Optional.empty();
    private int deletionWindowDays;
    private String policyText;
    private Policy policy;
    boolean primary = true;
    boolean deletionAnswersDisabled;
    boolean contextIgnored;
    Optional<AwsExternalKeyFailure> externalFailure = Optional.empty();

    KmsKey(String keyId, String region, String account, AwsKeySpec spec, KeyMaterial material, Instant created) {
        this.keyId = keyId;
        this.region = region;
        this.account = account;
        this.spec = spec;
        this.material = material;
        this.created = created;
        this.policyText = spec.policy().orElseGet(() -> Policy.everythingFor(account, region));
        this.policy = Policy.ofKey(policyText);
    }

    String arn() {
        return Arn.prefix(region, account) + "key/" + keyId;
    }

    AwsKeyState state() {
        return state;
    }

    void state(AwsKeyState next) {
        state = next;
        if (!next.isPendingDeletion()) {
            deletionDate = Optional.empty();
        }
    }

    Optional<Instant> deletionDate() {
        return deletionDate;
    }

    int deletionWindowDays() {
        return deletionWindowDays;
    }

    void deleteAt(Instant date, int days) {
        state = AwsKeyState.PENDING_DELETION;
        deletionDate = Optional.of(date);
        deletionWindowDays = days;
    }

    /** Waits for the replicas before the days begin to count. */
    void deleteAfterReplicas(int days) {
        state = AwsKeyState.PENDING_REPLICA_DELETION;
        deletionDate = Optional.empty();
        deletionWindowDays = days;
    }

    String policyText() {
        return policyText;
    }

    Policy policy() {
        return policy;
    }

    void policy(String json) {
        policy = Policy.ofKey(json);
        policyText = json;
    }

    /** What of a context is authenticated. */
    Map<String, String> bound(Map<String, String> context) {
        return contextIgnored ? Map.of() : context;
    }

    /** Refuses what a cryptographic operation is refused for. */
    void requireUsable(String operation) {
        switch (state) {
            case ENABLED, UPDATING -> {}
            case DISABLED -> throw KmsFailure.disabled(arn());
            case PENDING_DELETION, PENDING_REPLICA_DELETION ->
                throw deletionAnswersDisabled
                        ? KmsFailure.disabledPendingDeletion(arn())
                        : KmsFailure.invalidState(arn(), "pending deletion");
            case PENDING_IMPORT -> throw KmsFailure.invalidState(arn(), "pending import");
            case UNAVAILABLE -> throw KmsFailure.invalidState(arn(), "unavailable");
            case CREATING -> throw KmsFailure.invalidState(arn(), "creating");
        }
        if (!spec.usage().equals("ENCRYPT_DECRYPT") || !spec.spec().equals("SYMMETRIC_DEFAULT")) {
            throw KmsFailure.wrongUsage(arn(), spec.usage(), operation);
        }
        externalFailure.ifPresent(failure -> {
            throw KmsFailure.externalKey(failure);
        });
    }

    /** Refuses what an operation of management is refused for. */
    void requireManageable() {
        if (state.isPendingDeletion()) {
            throw KmsFailure.invalidState(arn(), "pending deletion");
        }
        if (state == AwsKeyState.PENDING_IMPORT) {
            throw KmsFailure.invalidState(arn(), "pending import");
        }
        if (state == AwsKeyState.CREATING) {
            throw KmsFailure.invalidState(arn(), "creating");
        }
    }
}
