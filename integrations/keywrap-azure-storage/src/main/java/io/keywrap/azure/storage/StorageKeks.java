package io.keywrap.azure.storage;

import com.azure.core.cryptography.AsyncKeyEncryptionKey;
import com.azure.core.cryptography.AsyncKeyEncryptionKeyResolver;
import com.azure.core.cryptography.KeyEncryptionKey;
import com.azure.core.cryptography.KeyEncryptionKeyResolver;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProviders;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The KEKs that the client-side encryption of Azure Storage may use, in whatever cloud they are.
 *
 * <pre>{@code
 * StorageKeks keks = StorageKeks.of(providers, "tenant-42", Set.of(awsKek, gcpKek));
 * EncryptedBlobClient client = new EncryptedBlobClientBuilder(EncryptionVersion.V2_1)
 *     .blobClient(blobClient)
 *     .key(keks.asyncKey(awsKek), StorageKeks.ALGORITHM)   // to write
 *     .keyResolver(keks)                                   // to read
 *     .requiresEncryption(true)
 *     .buildEncryptedBlobClient();
 * }</pre>
 *
 * <p>Azure's client makes a content key for each blob and encrypts the blob by AES-256-GCM. Here it is wrapped, under the KEK
 * itself, and unwrapped. The id of the KEK stands in the metadata of the blob, as the URI of its {@link KekId}: it stays the
 * same when the KEK is rotated, since the version of the KEK is in the wrap.
 *
 * <p><b>Security:</b> the metadata of a blob are not authenticated, so they choose among the allowed KEKs, and never another.
 * Bound to each wrap are its own id, the version of Azure's encryption, the name, and the pairs of {@link #withKeyContext}. Azure binds
 * neither the name of the blob nor its length, and by ranges reads blobs in clear though encryption is required: see
 * docs/guides/azure-storage.md. A content key that was unwrapped is Azure's,
 * which does not wipe it; one that was unwrapped for an asynchronous caller who has cancelled meanwhile is wiped.
 *
 * <p>An upload has the wrap of its content key unwrapped again before the key is used, as all DEKs of keywrap are, so that no
 * blob is written that the KEK does not open. That is two calls of the KMS within one budget of the foreground. Hosts that may
 * not unwrap say {@link #wrapOnly()}.
 *
 * <p><b>Shape and units:</b> keys of {@code EncryptionVersion.V2} and {@code V2_1} alone, 40 bytes; a wrap has at most 4 KiB.
 *
 * <p><b>Errors:</b> Azure's client lets a {@link io.keywrap.KekException} through to its caller as it is; from an output stream
 * as the cause of an {@code IOException}. Nothing was uploaded then. It tells of a failed download about half a minute later,
 * unless {@code DownloadRetryOptions} say that it shall not try again. Unwrapped content keys are kept as all DEKs of
 * {@code KeyProviders} are, so a revoked KEK is noticed as soon as theirs.
 *
 * <p><b>Thread safety:</b> immutable and thread-safe. What is asynchronous blocks on the network, but on threads of Reactor's
 * bounded elastic scheduler; all else blocks its caller.
 */
public final class StorageKeks implements KeyEncryptionKeyResolver, AsyncKeyEncryptionKeyResolver {
    /** The name of the wrapping for Azure's builders, which stands in the metadata of each blob. No other is accepted. */
    public static final String ALGORITHM = "keywrap-1";

    private static final DekId ANY = DekId.of(new byte[DekId.BYTES]);

    private final KeyProviders providers;
    private final String name;
    private final Set<KekId> allowed;
    private final EncryptionContext pairs;
    private final boolean wrapOnly;

    private StorageKeks(
            KeyProviders providers, String name, Set<KekId> allowed, EncryptionContext pairs, boolean wrapOnly) {
        this.providers = providers;
        this.name = name;
        this.allowed = Set.copyOf(allowed);
        this.pairs = pairs;
        this.wrapOnly = wrapOnly;
        providers.cryptoProvider().ifPresent(named -> {
            throw new IllegalArgumentException("these providers name " + named.getName()
                    + " as the only one for cryptography, which Azure's client does not obey; to do: give blobs"
                    + " KeyProviders of their own, without cryptoProvider(…)");
        });
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a name has at least one character");
        }
        this.allowed.forEach(StorageKeks::requireAscii);
        keyContext("2.0", ANY); // Names and pairs that are too long are found out here.
    }

    /**
     * KEKs for the blobs of somebody.
     *
     * @param providers the KEKs of this JVM; stay the caller's
     * @param name whose blobs they are, such as a tenant or a storage account: bound to every wrap and shown in audit logs,
     *     behind {@code azure-storage-2.1:}. It must be the same to read as it was to write. 1 to 238 UTF-8 bytes, no control
     *     characters
     * @param allowed the KEKs that blobs may be written and read under, from configuration; in ASCII, as all metadata are
     * @return the KEKs
     * @throws IllegalArgumentException if the name or a KEK breaks a limit, or these providers name a provider of cryptography:
     *     Azure's client has its own choice
     */
    public static StorageKeks of(KeyProviders providers, String name, Set<KekId> allowed) {
        return new StorageKeks(providers, name, allowed, EncryptionContext.empty(), false);
    }

    /**
     * The same with pairs of the caller's bound to every wrap, in the place of those that were bound until now. With the name of
     * the blob among them no blob can be passed off as another.
     *
     * @param pairs not secret; the same to read as they were to write
     * @return new KEKs
     * @throws IllegalArgumentException if the whole key context is too long
     */
    public StorageKeks withKeyContext(EncryptionContext pairs) {
        return new StorageKeks(providers, name, allowed, pairs, wrapOnly);
    }

    /**
     * The same for hosts that may wrap and not unwrap. An upload costs one call of the KMS then, in the place of two, and nothing
     * has shown that its wrap opens: prove it elsewhere, by a download. Neither downloads nor {@link #rewrap} change by this.
     *
     * @return new KEKs
     */
    public StorageKeks wrapOnly() {
        return new StorageKeks(providers, name, allowed, pairs, true);
    }

    /**
     * A KEK for clients that block.
     *
     * @param kekId one of the allowed KEKs
     * @return the KEK; needs no closing
     * @throws IllegalArgumentException if it is not allowed
     */
    public KeyEncryptionKey key(KekId kekId) {
        return allowed(kekId);
    }

    /**
     * A KEK for Azure's {@code EncryptedBlobClientBuilder}, whichever client that builds.
     *
     * @param kekId one of the allowed KEKs
     * @return the KEK; needs no closing
     * @throws IllegalArgumentException if it is not allowed
     */
    public AsyncKeyEncryptionKey asyncKey(KekId kekId) {
        return new AsyncStorageKek(allowed(kekId));
    }

    /**
     * The KEK that a blob names.
     *
     * @param keyId the id in the metadata of the blob, of which nothing is believed
     * @return the KEK
     * @throws InvalidWrappedDekException if it is not one of the allowed KEKs
     */
    @Override
    public KeyEncryptionKey buildKeyEncryptionKey(@Nullable String keyId) {
        return named(keyId);
    }

    /**
     * The KEK that a blob names.
     *
     * @param keyId the id in the metadata of the blob, of which nothing is believed
     * @return the KEK, or an {@link InvalidWrappedDekException} if it is not one of the allowed KEKs
     */
    @Override
    public Mono<AsyncKeyEncryptionKey> buildAsyncKeyEncryptionKey(@Nullable String keyId) {
        return Mono.fromCallable(() -> new AsyncStorageKek(named(keyId)));
    }

    /**
     * Wraps the content key of a blob under another KEK, or under the current version of the same. The blob itself is neither
     * read nor written: put the result into its metadata, on condition of its ETag. The new wrap was unwrapped, and gave the
     * same key. That is three calls of the KMS, and they have one budget of the foreground together, 10 seconds by default.
     *
     * @param written the metadata {@code encryptiondata} of the blob
     * @param target one of the allowed KEKs
     * @return the new value of these metadata
     * @throws IllegalArgumentException if the target is not allowed
     * @throws InvalidWrappedDekException if the metadata make no sense, do not name an allowed KEK, or have something in them that
     *     could not be carried on as it is within 8 KiB of ASCII
     * @throws io.keywrap.KekException if one of the KEKs cannot be used; nothing is lost then
     */
    public String rewrap(@Nullable String written, KekId target) {
        StorageKek to = allowed(target);
        EncryptionData data = EncryptionData.parse(written);
        return data.with(target.uri(), named(data.keyId()).rewrapped(data.algorithm(), data.encryptedKey(), to));
    }

    private StorageKek allowed(KekId kekId) {
        if (!allowed.contains(kekId)) {
            throw new IllegalArgumentException("not one of the KEKs that are allowed here: " + kekId);
        }
        return kek(kekId);
    }

    private StorageKek named(@Nullable String keyId) {
        return allowed.stream()
                .filter(kekId -> kekId.uri().equals(keyId))
                .findAny()
                .map(this::kek)
                .orElseThrow(() -> notAllowed(keyId));
    }

    private StorageKek kek(KekId kekId) {
        return new StorageKek(providers, kekId, this::keyContext, wrapOnly);
    }

    private EncryptionContext keyContext(String version, DekId dekId) {
        return EncryptionContext.ofDek("azure-storage-" + version + ":" + name, dekId, pairs);
    }

    private static InvalidWrappedDekException notAllowed(@Nullable String keyId) {
        String action = "allow this KEK if the blob is to be trusted, or read the blob with what it was written with";
        try {
            KekId named = KekId.of(String.valueOf(keyId));
            return new InvalidWrappedDekException(Failure.of(named, "a blob names a KEK that is not allowed here")
                    .operatorAction(action));
        } catch (IllegalArgumentException e) {
            return new InvalidWrappedDekException(
                    Failure.ofUnknownKek("a blob names no KEK of keywrap's").operatorAction(action));
        }
    }

    private static void requireAscii(KekId kekId) {
        if (!kekId.uri().chars().allMatch(each -> each < 0x7f)) {
            throw new IllegalArgumentException(
                    "the metadata of a blob are ASCII, so its KEK must have an id in ASCII: " + kekId);
        }
    }

    /**
     * The name and the KEKs, without the pairs.
     *
     * @return such as {@code StorageKeks[tenant-42, [aws-kms://…]]}
     */
    @Override
    public String toString() {
        return "StorageKeks[" + name + ", " + allowed + "]";
    }
}
