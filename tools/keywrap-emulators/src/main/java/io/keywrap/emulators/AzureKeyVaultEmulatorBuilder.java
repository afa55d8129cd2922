package io.keywrap.emulators;

import io.keywrap.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * What an {@link AzureKeyVaultEmulator} is started with.
 *
 * <p><b>Thread safety:</b> for one thread.
 */
public final class AzureKeyVaultEmulatorBuilder {
    TimeSource time = TimeSource.system();
    String vault = "keywrap-test";
    String tenant = "22222222-2222-4222-8222-222222222222";
    boolean managedHsm;
    Consumer<AzureAuditEvent> observer = event -> {};

    AzureKeyVaultEmulatorBuilder() {}

    /**
     * The clocks that dates of keys, purges, tokens, certificates of applications and phases of faults go by. Slow
     * answers take real time, and so do client assertions and TLS. Default: those of this machine.
     *
     * @param source the clocks
     * @return this
     */
    public AzureKeyVaultEmulatorBuilder time(TimeSource source) {
        time = source;
        return this;
    }

    /**
     * The name of the vault. Default: keywrap-test.
     *
     * @param name 3 to 24 letters, digits and hyphens
     * @return this
     */
    public AzureKeyVaultEmulatorBuilder vault(String name) {
        if (!name.matches("[A-Za-z0-9-]{3,24}")) {
            throw new IllegalArgumentException("not the name of a vault: '" + name + "'");
        }
        vault = name;
        return this;
    }

    /**
     * The tenant that the vault is in. Default: 22222222-2222-4222-8222-222222222222.
     *
     * @param uuid its id
     * @return this
     */
    public AzureKeyVaultEmulatorBuilder tenant(String uuid) {
        if (!uuid.matches("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")) {
            throw new IllegalArgumentException("not the id of a tenant: '" + uuid + "'");
        }
        tenant = uuid.toLowerCase(Locale.ROOT);
        return this;
    }

    /**
     * Is a Managed HSM: tokens are for {@code https://managedhsm.azure.net}. Default: a vault.
     *
     * @return this
     */
    public AzureKeyVaultEmulatorBuilder managedHsm() {
        managedHsm = true;
        return this;
    }

    /**
     * Is told every request after it was done, on the thread that answers it. Default: nobody.
     *
     * @param consumer fast and thread-safe
     * @return this
     */
    public AzureKeyVaultEmulatorBuilder onEvent(Consumer<AzureAuditEvent> consumer) {
        observer = consumer;
        return this;
    }

    /**
     * Starts serving on the loopback interface.
     *
     * @param port the port; 0 for any that is free
     * @return the running emulator
     * @throws UncheckedIOException if the port is taken
     */
    public AzureKeyVaultEmulator start(int port) {
        try {
            return new AzureKeyVaultEmulator(this, port);
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port + " cannot be opened: " + e.getMessage(), e);
        }
    }
}
