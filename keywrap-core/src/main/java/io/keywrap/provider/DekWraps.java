package io.keywrap.provider;

import io.keywrap.EncryptionContext;
import io.keywrap.WrappedDek;
import java.util.List;

/**
 * The wraps of one DEK that may open it, and what proves the DEK.
 *
 * @param control the wraps under CONTROL KEKs, at least one: each of them can close the DEK
 * @param replicas the wraps under REPLICA KEKs, for when a CONTROL KEK is out of reach; may be empty
 * @param keyContext the key context of all of them
 * @param checkValue {@link io.keywrap.Dek#checkValue()} of the DEK
 */
public record DekWraps(
        List<WrappedDek> control, List<WrappedDek> replicas, EncryptionContext keyContext, String checkValue) {
    /**
     * Checks the shape.
     *
     * @param control the wraps under CONTROL KEKs
     * @param replicas the wraps under REPLICA KEKs
     * @param keyContext their key context
     * @param checkValue what proves the DEK
     * @throws IllegalArgumentException if there is none under a CONTROL KEK
     */
    public DekWraps {
        if (control.isEmpty()) {
            throw new IllegalArgumentException("a DEK without a wrap under a CONTROL KEK cannot be leased");
        }
        control = List.copyOf(control);
        replicas = List.copyOf(replicas);
    }
}
