package io.keywrap.bench;

import com.amazonaws.encryptionsdk.caching.CryptoMaterialsCache;
import com.amazonaws.encryptionsdk.caching.LocalCryptoMaterialsCache;
import com.amazonaws.encryptionsdk.model.DecryptionMaterials;
import com.amazonaws.encryptionsdk.model.EncryptionMaterials;
import io.keywrap.TimeSource;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The AWS Encryption SDK's own cache, except that the age of what it keeps is taken from a clock that can be moved. For
 * encryption, by one thread.
 */
final class SimulatedAgeCache implements CryptoMaterialsCache {
    private final CryptoMaterialsCache cache;
    private final Map<ByteBuffer, Long> putAt = new HashMap<>();
    private final TimeSource time;
    private final Duration maxAge;

    SimulatedAgeCache(int entries, TimeSource time, Duration maxAge) {
        this.cache = new LocalCryptoMaterialsCache(entries);
        this.time = time;
        this.maxAge = maxAge;
    }

    @Override
    public @Nullable EncryptCacheEntry getEntryForEncrypt(byte[] id, UsageStats usage) {
        @Nullable EncryptCacheEntry entry = cache.getEntryForEncrypt(id, usage);
        @Nullable Long put = putAt.get(ByteBuffer.wrap(id));
        if (entry != null && (put == null || time.nanoTime() - put > maxAge.toNanos())) {
            entry.invalidate();
            return null;
        }
        return entry;
    }

    @Override
    public EncryptCacheEntry putEntryForEncrypt(
            byte[] id, EncryptionMaterials materials, CacheHint hint, UsageStats usage) {
        putAt.put(ByteBuffer.wrap(id.clone()), time.nanoTime());
        return cache.putEntryForEncrypt(id, materials, hint, usage);
    }

    @Override
    public @Nullable DecryptCacheEntry getEntryForDecrypt(byte[] id) {
        return cache.getEntryForDecrypt(id);
    }

    @Override
    public void putEntryForDecrypt(byte[] id, DecryptionMaterials materials, CacheHint hint) {
        cache.putEntryForDecrypt(id, materials, hint);
    }
}
