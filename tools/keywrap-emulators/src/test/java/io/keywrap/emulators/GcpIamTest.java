package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.iam.v1.Binding;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.protobuf.ByteString;
import com.google.type.Expr;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Policies of keys and key rings, and what is refused when one is set. */
class GcpIamTest {
    private static final String RING = "projects/acme-prod/locations/europe-west1/keyRings/r";
    private static final String KEY = RING + "/cryptoKeys/k";
    private static final String MEMBER = "serviceAccount:a@acme-prod.iam.gserviceaccount.com";
    private static final String DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt";

    private final GcpStore store = new GcpStore(io.keywrap.TimeSource.system());
    private final GcpIam iam = store.iam();

    @BeforeEach
    void make() {
        store.rings().put(RING, store.now());
        store.create(
                KEY,
                com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose.ENCRYPT_DECRYPT,
                com.google.cloud.kms.v1.ProtectionLevel.SOFTWARE);
    }

    private Policy set(String resource, Binding.Builder binding) {
        return iam.set(SetIamPolicyRequest.newBuilder()
                .setResource(resource)
                .setPolicy(Policy.newBuilder().addBindings(binding))
                .build());
    }

    private static Binding.Builder decrypter() {
        return Binding.newBuilder().setRole("roles/cloudkms.cryptoKeyDecrypter").addMembers(MEMBER);
    }

    @Test
    void aBindingOnAKeyOrItsRingHoldsForTheKeyAndItsVersions() {
        for (String resource : new String[] {KEY, RING}) {
            set(resource, decrypter());
            assertThat(iam.allows(MEMBER, DECRYPT, KEY)).isTrue();
            assertThat(iam.allows(MEMBER, DECRYPT, KEY + "/cryptoKeyVersions/1"))
                    .isTrue();
            assertThat(iam.allows(MEMBER, DECRYPT, KEY + "2")).isEqualTo(resource.equals(RING));
            assertThat(iam.allows(MEMBER, "cloudkms.cryptoKeys.get", KEY)).isFalse();
            assertThat(iam.allows("serviceAccount:b@acme-prod.iam.gserviceaccount.com", DECRYPT, KEY))
                    .isFalse();
            set(
                    resource,
                    Binding.newBuilder()
                            .setRole("roles/cloudkms.cryptoKeyEncrypter")
                            .addMembers(MEMBER));
        }
    }

    @Test
    void aCustomRoleHasWhatItWasMadeWith() {
        iam.role("projects/acme-prod/roles/state", Set.of("cloudkms.cryptoKeys.get"));
        set(KEY, decrypter().setRole("projects/acme-prod/roles/state"));

        assertThat(iam.allows(MEMBER, "cloudkms.cryptoKeys.get", KEY)).isTrue();
        assertThat(iam.allows(MEMBER, DECRYPT, KEY)).isFalse();
    }

    @Test
    void onlyTokensThatWereGivenOutNameSomebody() {
        String token = iam.account("a@acme-prod.iam.gserviceaccount.com");

        assertThat(iam.member(Optional.of("Bearer " + token))).contains(MEMBER);
        assertThat(iam.member(Optional.of(token))).isEmpty();
        assertThat(iam.member(Optional.of("Bearer other"))).isEmpty();
        assertThat(iam.member(Optional.empty())).isEmpty();
    }

    @Test
    void whatIsNotUnderstoodIsRefused() {
        assertThatThrownBy(() -> set(KEY, decrypter().setRole("roles/cloudkms.nothing")))
                .hasMessageContaining("is not supported");
        assertThatThrownBy(() -> set(KEY, decrypter().addMembers("allUsers"))).hasMessageContaining("Invalid member");
        assertThatThrownBy(() ->
                        set(KEY, decrypter().setCondition(Expr.newBuilder().setExpression("true"))))
                .hasMessageContaining("Conditions");
        assertThatThrownBy(() -> set(KEY + "2", decrypter())).hasMessageContaining("not found");
        assertThat(iam.allows(MEMBER, DECRYPT, KEY)).isFalse();
    }

    @Test
    void aPolicyThatWasReadBeforeAnotherChangeIsNotSet() {
        Policy read = iam.get(GetIamPolicyRequest.newBuilder().setResource(KEY).build());
        set(KEY, decrypter());

        assertThatThrownBy(() -> iam.set(SetIamPolicyRequest.newBuilder()
                        .setResource(KEY)
                        .setPolicy(read)
                        .build()))
                .hasMessageContaining("concurrent");
        assertThat(read.getEtag()).isNotEqualTo(ByteString.EMPTY);
    }
}
