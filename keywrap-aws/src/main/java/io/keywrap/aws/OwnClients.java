package io.keywrap.aws;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;

/** Makes one client for each Region and role, shared by all providers that need it, and closes it with the last of them. */
final class OwnClients implements Clients {
    private final Map<String, AwsRole> rolesByAccount;
    private final @Nullable AwsCredentialsProvider credentials;
    private final Map<Place, Shared> shared = new HashMap<>();

    OwnClients(Map<String, AwsRole> rolesByAccount, @Nullable AwsCredentialsProvider credentials) {
        this.rolesByAccount = Map.copyOf(rolesByAccount);
        this.credentials = credentials;
    }

    @Override
    public Loan of(AwsKeyArn key) {
        AwsRole role = rolesByAccount.get(key.account());
        Place place = new Place(key.region(), role == null ? "" : role.arn());
        AtomicBoolean given = new AtomicBoolean();
        Predicate<AwsKeyArn> callsAlike = other -> Objects.equals(role, rolesByAccount.get(other.account()));
        return new Loan(borrow(place, role), callsAlike, role != null, () -> {
            if (given.compareAndSet(false, true)) {
                giveBack(place);
            }
        });
    }

    private synchronized KmsClient borrow(Place place, @Nullable AwsRole role) {
        Shared one = shared.get(place);
        if (one == null) {
            one = open(Region.of(place.region()), role);
            shared.put(place, one);
        }
        one.users++;
        return one.client;
    }

    private synchronized void giveBack(Place place) {
        Shared one = shared.get(place);
        if (one != null && --one.users == 0) {
            shared.remove(place);
            one.close();
        }
    }

    private Shared open(Region region, @Nullable AwsRole role) {
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            KmsClient client = client(region, role, opened);
            opened.push(client);
            return new Shared(client, opened);
        } catch (RuntimeException | Error e) {
            opened.forEach(AwsKms::closeQuietly);
            throw e;
        }
    }

    private KmsClient client(Region region, @Nullable AwsRole role, Deque<AutoCloseable> opened) {
        KmsClientBuilder builder = AwsKms.tune(KmsClient.builder()).region(region);
        if (role != null) {
            builder.credentialsProvider(AssumedRole.credentials(role, region, credentials, opened));
        } else if (credentials != null) {
            builder.credentialsProvider(credentials);
        }
        try {
            return builder.build();
        } catch (NullPointerException | IllegalArgumentException e) {
            throw SdkClientException.create(
                    "a setting is not what it should be; an endpoint, for one, begins with https://", e);
        }
    }

    private record Place(String region, String role) {}

    /** A client, what it stands on, and how many providers use it. */
    private static final class Shared {
        private final KmsClient client;
        private final Deque<AutoCloseable> opened;
        private int users;

        Shared(KmsClient client, Deque<AutoCloseable> opened) {
            this.client = client;
            this.opened = opened;
        }

        void close() {
            opened.forEach(AwsKms::closeQuietly);
        }
    }
}
