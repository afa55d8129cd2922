package io.keywrap.emulators;

import com.google.cloud.kms.v1.ListCryptoKeyVersionsRequest;
import com.google.cloud.kms.v1.ListCryptoKeyVersionsResponse;
import com.google.cloud.kms.v1.ListCryptoKeysRequest;
import com.google.cloud.kms.v1.ListCryptoKeysResponse;
import com.google.cloud.kms.v1.ListKeyRingsRequest;
import com.google.cloud.kms.v1.ListKeyRingsResponse;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.iam.v1.TestIamPermissionsResponse;
import java.util.List;

/** The methods that list, and the one that tells what the caller may do. */
final class GcpListing {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1000;

    private final GcpStore store;
    private final GcpAdmin admin;

    GcpListing(GcpStore store, GcpAdmin admin) {
        this.store = store;
        this.admin = admin;
    }

    ListKeyRingsResponse keyRings(ListKeyRingsRequest request) {
        requirePlain(request.getFilter(), request.getOrderBy());
        String parent = GcpNames.location(request.getParent()) + "/";
        Page<String> page = page(
                store.rings().keySet().stream()
                        .filter(name -> name.startsWith(parent))
                        .toList(),
                request.getPageSize(),
                request.getPageToken());
        return ListKeyRingsResponse.newBuilder()
                .addAllKeyRings(page.items.stream().map(admin::ring).toList())
                .setNextPageToken(page.next)
                .setTotalSize(page.total)
                .build();
    }

    ListCryptoKeysResponse cryptoKeys(ListCryptoKeysRequest request) {
        store.ring(GcpNames.ring(request.getParent()));
        requirePlain(request.getFilter(), request.getOrderBy());
        Page<StoredKey> page = page(store.keysOf(request.getParent()), request.getPageSize(), request.getPageToken());
        return ListCryptoKeysResponse.newBuilder()
                .addAllCryptoKeys(page.items.stream().map(StoredKey::toProto).toList())
                .setNextPageToken(page.next)
                .setTotalSize(page.total)
                .build();
    }

    ListCryptoKeyVersionsResponse versions(ListCryptoKeyVersionsRequest request) {
        StoredKey key = store.key(GcpNames.key(request.getParent()));
        requirePlain(request.getFilter(), request.getOrderBy());
        Page<StoredVersion> page = page(key.versions, request.getPageSize(), request.getPageToken());
        return ListCryptoKeyVersionsResponse.newBuilder()
                .addAllCryptoKeyVersions(
                        page.items.stream().map(StoredVersion::toProto).toList())
                .setNextPageToken(page.next)
                .setTotalSize(page.total)
                .build();
    }

    /** Of what is not there, nothing is allowed; that is not an error. */
    TestIamPermissionsResponse testPermissions(TestIamPermissionsRequest request) {
        String resource = request.getResource();
        boolean there =
                store.rings().containsKey(resource) || store.find(resource).isPresent();
        return TestIamPermissionsResponse.newBuilder()
                .addAllPermissions(request.getPermissionsList().stream()
                        .filter(permission -> there && store.allows(permission, resource))
                        .toList())
                .build();
    }

    /** Everything in answer to a question for some of it would be a wrong answer. */
    private static void requirePlain(String filter, String order) {
        if (!filter.isEmpty() || !order.isEmpty()) {
            throw GcpFailure.unimplemented("filter and order_by are not understood here.");
        }
    }

    private static <T> Page<T> page(List<T> all, int size, String token) {
        if (size < 0) {
            throw GcpFailure.invalidArgument("page_size must not be negative.");
        }
        int from = 0;
        if (!token.isEmpty()) {
            if (!token.matches("[0-9]{1,9}") || Integer.parseInt(token) > all.size()) {
                throw GcpFailure.invalidArgument("page_token is not one of this list.");
            }
            from = Integer.parseInt(token);
        }
        int to = Math.min(all.size(), from + (size == 0 ? PAGE : Math.min(size, MAX_PAGE)));
        return new Page<>(all.subList(from, to), to == all.size() ? "" : Integer.toString(to), all.size());
    }

    private record Page<T>(List<T> items, String next, int total) {}
}
