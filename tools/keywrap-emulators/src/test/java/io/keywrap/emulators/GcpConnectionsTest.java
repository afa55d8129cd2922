package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.ProtectionLevel;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Starting, stopping, and clients that come in numbers. */
class GcpConnectionsTest extends GcpTest {
    private static final int CLIENTS = 20;

    private static Set<Thread> ofEmulators() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("gcp-kms-emulator"))
                .collect(Collectors.toSet());
    }

    @Test
    void listensOnTheLoopbackInterfaceAlone() throws Exception {
        assertThat(gcp.endpoint()).isEqualTo("127.0.0.1:" + gcp.port());
        assertThat(gcp).hasToString("GcpKmsEmulator[" + gcp.endpoint() + "]");
        InetAddress other = InetAddress.getByName("127.0.0.2");
        assertThatThrownBy(() -> new Socket(other, gcp.port()).close()).isInstanceOf(IOException.class);
    }

    @Test
    void manyClientsAreServedAtOnce() throws Exception {
        List<KeyManagementServiceClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(client(gcp.endpoint()));
            }
            clients.parallelStream()
                    .forEach(other -> assertThat(
                                    other.encrypt(key.name(), PLAINTEXT).getName())
                            .startsWith(key.name()));
            assertThat(gcp.connections()).isEqualTo(CLIENTS);
        } finally {
            clients.forEach(KeyManagementServiceClient::shutdownNow);
            for (KeyManagementServiceClient other : clients) {
                other.awaitTermination(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void closingFreesThreadAndPort() {
        GcpKmsEmulator first = GcpKmsEmulator.start();
        Set<Thread> running = ofEmulators();
        String name = first.createKey().name();
        try (KeyManagementServiceClient other = client(first.endpoint())) {
            assertThat(result(() -> other.encrypt(name, PLAINTEXT))).isEqualTo("OK");
            first.close();
            first.close();
            assertThat(running).hasSize(2);
            assertThat(ofEmulators()).hasSize(1);
            assertThat(result(() -> other.encrypt(name, PLAINTEXT))).startsWith("UNAVAILABLE");
        }
        try (GcpKmsEmulator second = GcpKmsEmulator.builder().start(first.port());
                KeyManagementServiceClient other = client(second.endpoint())) {
            assertThat(second.port()).isEqualTo(first.port());
            assertThat(result(() -> other.encrypt(name, PLAINTEXT))).startsWith("NOT_FOUND");
        }
    }

    @Test
    void closingWipesTheKeys() {
        GcpStore store = new GcpStore(time);
        StoredVersion version = store.create(
                        key.name(), CryptoKey.CryptoKeyPurpose.ENCRYPT_DECRYPT, ProtectionLevel.SOFTWARE)
                .addVersion(time.now());
        assertThat(version.material).isNotEqualTo(new byte[version.material.length]);
        store.wipe();
        assertThat(version.material).containsOnly(0);
    }

    @Test
    void aRequestOfMoreThanAMebibyteIsNotRead() {
        assertThat(result(() -> decrypt(key.name(), ByteString.copyFrom(new byte[(1 << 20) + 1]))))
                .startsWith("RESOURCE_EXHAUSTED");
        assertThat(wrap()).isEqualTo("OK");
    }

    @Test
    void aTakenPortIsSaidAndLeavesNoThread() {
        int before = ofEmulators().size();
        assertThatThrownBy(() -> GcpKmsEmulator.builder().start(gcp.port()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("port " + gcp.port() + " cannot be opened:");
        assertThat(ofEmulators()).hasSize(before);
    }

    @Test
    void keysAreMadeWhereTheBuilderSays() {
        try (GcpKmsEmulator other = GcpKmsEmulator.builder()
                .project("acme-backup")
                .location("global")
                .keyRing("Ring_2")
                .start(0)) {
            assertThat(other.createKey().name())
                    .isEqualTo("projects/acme-backup/locations/global/keyRings/Ring_2/cryptoKeys/key-1");
        }
        assertThatThrownBy(() -> GcpKmsEmulator.builder().project("a/b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GcpKmsEmulator.builder().location("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GcpKmsEmulator.builder().keyRing("a b")).isInstanceOf(IllegalArgumentException.class);
    }
}
