package io.keywrap.emulators;

import com.google.cloud.kms.v1.CreateCryptoKeyRequest;
import com.google.cloud.kms.v1.CreateCryptoKeyVersionRequest;
import com.google.cloud.kms.v1.CreateKeyRingRequest;
import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.CryptoKeyVersion;
import com.google.cloud.kms.v1.DecryptRequest;
import com.google.cloud.kms.v1.DecryptResponse;
import com.google.cloud.kms.v1.DestroyCryptoKeyVersionRequest;
import com.google.cloud.kms.v1.EncryptRequest;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.cloud.kms.v1.GetCryptoKeyRequest;
import com.google.cloud.kms.v1.GetCryptoKeyVersionRequest;
import com.google.cloud.kms.v1.GetKeyRingRequest;
import com.google.cloud.kms.v1.KeyRing;
import com.google.cloud.kms.v1.ListCryptoKeyVersionsRequest;
import com.google.cloud.kms.v1.ListCryptoKeyVersionsResponse;
import com.google.cloud.kms.v1.ListCryptoKeysRequest;
import com.google.cloud.kms.v1.ListCryptoKeysResponse;
import com.google.cloud.kms.v1.ListKeyRingsRequest;
import com.google.cloud.kms.v1.ListKeyRingsResponse;
import com.google.cloud.kms.v1.RestoreCryptoKeyVersionRequest;
import com.google.cloud.kms.v1.UpdateCryptoKeyPrimaryVersionRequest;
import com.google.cloud.kms.v1.UpdateCryptoKeyRequest;
import com.google.cloud.kms.v1.UpdateCryptoKeyVersionRequest;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.iam.v1.TestIamPermissionsResponse;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Which methods there are, and which permission each needs on what. */
final class GcpMethods {
    private final List<GcpMethod<?, ?>> all = new ArrayList<>();

    GcpMethods(GcpStore store) {
        GcpAdmin admin = new GcpAdmin(store);
        GcpListing listing = new GcpListing(store, admin);
        use(new GcpCrypto(store));
        keyRings(admin, listing);
        keys(store, admin, listing);
        versions(store, admin, listing);
        policies(store, listing);
    }

    /** These look for the permission themselves, since it depends on the kind of resource. */
    private void policies(GcpStore store, GcpListing listing) {
        all.add(new GcpMethod<>(
                GcpMethod.IAM,
                "SetIamPolicy",
                SetIamPolicyRequest.getDefaultInstance(),
                Policy.getDefaultInstance(),
                "",
                SetIamPolicyRequest::getResource,
                store.iam()::set));
        all.add(new GcpMethod<>(
                GcpMethod.IAM,
                "GetIamPolicy",
                GetIamPolicyRequest.getDefaultInstance(),
                Policy.getDefaultInstance(),
                "",
                GetIamPolicyRequest::getResource,
                store.iam()::get));
        all.add(new GcpMethod<>(
                GcpMethod.IAM,
                "TestIamPermissions",
                TestIamPermissionsRequest.getDefaultInstance(),
                TestIamPermissionsResponse.getDefaultInstance(),
                "",
                TestIamPermissionsRequest::getResource,
                listing::testPermissions));
    }

    List<GcpMethod<?, ?>> all() {
        return all;
    }

    private void use(GcpCrypto crypto) {
        add("Encrypt", EncryptRequest.getDefaultInstance(), EncryptResponse.getDefaultInstance())
                .needs("cryptoKeyVersions.useToEncrypt", EncryptRequest::getName)
                .does(crypto::encrypt);
        add("Decrypt", DecryptRequest.getDefaultInstance(), DecryptResponse.getDefaultInstance())
                .needs("cryptoKeyVersions.useToDecrypt", DecryptRequest::getName)
                .does(crypto::decrypt);
    }

    private void keyRings(GcpAdmin admin, GcpListing listing) {
        KeyRing ring = KeyRing.getDefaultInstance();
        add("CreateKeyRing", CreateKeyRingRequest.getDefaultInstance(), ring)
                .needs("keyRings.create", CreateKeyRingRequest::getParent)
                .does(admin::createKeyRing);
        add("GetKeyRing", GetKeyRingRequest.getDefaultInstance(), ring)
                .needs("keyRings.get", GetKeyRingRequest::getName)
                .does(request -> admin.ring(request.getName()));
        add("ListKeyRings", ListKeyRingsRequest.getDefaultInstance(), ListKeyRingsResponse.getDefaultInstance())
                .needs("keyRings.list", ListKeyRingsRequest::getParent)
                .does(listing::keyRings);
    }

    private void keys(GcpStore store, GcpAdmin admin, GcpListing listing) {
        CryptoKey key = CryptoKey.getDefaultInstance();
        add("CreateCryptoKey", CreateCryptoKeyRequest.getDefaultInstance(), key)
                .needs("cryptoKeys.create", CreateCryptoKeyRequest::getParent)
                .does(admin::createCryptoKey);
        add("GetCryptoKey", GetCryptoKeyRequest.getDefaultInstance(), key)
                .needs("cryptoKeys.get", GetCryptoKeyRequest::getName)
                .does(request -> store.key(GcpNames.key(request.getName())).toProto());
        add("ListCryptoKeys", ListCryptoKeysRequest.getDefaultInstance(), ListCryptoKeysResponse.getDefaultInstance())
                .needs("cryptoKeys.list", ListCryptoKeysRequest::getParent)
                .does(listing::cryptoKeys);
        add("UpdateCryptoKey", UpdateCryptoKeyRequest.getDefaultInstance(), key)
                .needs("cryptoKeys.update", request -> request.getCryptoKey().getName())
                .does(admin::updateCryptoKey);
        add("UpdateCryptoKeyPrimaryVersion", UpdateCryptoKeyPrimaryVersionRequest.getDefaultInstance(), key)
                .needs("cryptoKeys.update", UpdateCryptoKeyPrimaryVersionRequest::getName)
                .does(admin::updatePrimary);
    }

    private void versions(GcpStore store, GcpAdmin admin, GcpListing listing) {
        CryptoKeyVersion version = CryptoKeyVersion.getDefaultInstance();
        add("CreateCryptoKeyVersion", CreateCryptoKeyVersionRequest.getDefaultInstance(), version)
                .needs("cryptoKeyVersions.create", CreateCryptoKeyVersionRequest::getParent)
                .does(admin::createVersion);
        add("GetCryptoKeyVersion", GetCryptoKeyVersionRequest.getDefaultInstance(), version)
                .needs("cryptoKeyVersions.get", GetCryptoKeyVersionRequest::getName)
                .does(request -> store.version(request.getName()).toProto());
        add(
                        "ListCryptoKeyVersions",
                        ListCryptoKeyVersionsRequest.getDefaultInstance(),
                        ListCryptoKeyVersionsResponse.getDefaultInstance())
                .needs("cryptoKeyVersions.list", ListCryptoKeyVersionsRequest::getParent)
                .does(listing::versions);
        add("UpdateCryptoKeyVersion", UpdateCryptoKeyVersionRequest.getDefaultInstance(), version)
                .needs(
                        "cryptoKeyVersions.update",
                        request -> request.getCryptoKeyVersion().getName())
                .does(admin::updateVersion);
        add("DestroyCryptoKeyVersion", DestroyCryptoKeyVersionRequest.getDefaultInstance(), version)
                .needs("cryptoKeyVersions.destroy", DestroyCryptoKeyVersionRequest::getName)
                .does(admin::destroyVersion);
        add("RestoreCryptoKeyVersion", RestoreCryptoKeyVersionRequest.getDefaultInstance(), version)
                .needs("cryptoKeyVersions.restore", RestoreCryptoKeyVersionRequest::getName)
                .does(admin::restoreVersion);
    }

    private <Q extends Message, A extends Message> Begun<Q, A> add(String name, Q request, A answer) {
        return (permission, resource) -> handler -> all.add(
                new GcpMethod<>(GcpMethod.KMS, name, request, answer, "cloudkms." + permission, resource, handler));
    }

    /** A method of which the permission is still to be said. */
    private interface Begun<Q extends Message, A extends Message> {
        Guarded<Q, A> needs(String permission, Function<Q, String> resource);
    }

    /** A method of which is still to be said what it does. */
    private interface Guarded<Q extends Message, A extends Message> {
        void does(Function<Q, A> handler);
    }
}
