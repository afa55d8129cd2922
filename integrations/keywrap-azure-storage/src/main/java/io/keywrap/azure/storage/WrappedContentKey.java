package io.keywrap.azure.storage;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A wrapped content key as it stands in the metadata of a blob: the version of Azure's encryption, 3 bytes, and the canonical
 * encoding of the wrap. Neither is authenticated by itself: the version is bound to the wrap by the key context.
 *
 * @param version such as {@code 2.1}
 * @param dek the wrap, of which the content key is the DEK
 */
record WrappedContentKey(String version, WrappedDek dek) {
    /** So that in base64, with the KEK's id and what else Azure's client writes, it leaves room for the user's metadata. */
    static final int MAX_BYTES = 4 * 1024;

    /**
     * Reads one.
     *
     * @param kekId the KEK that it should be under
     * @throws InvalidWrappedDekException if it is none, or under another KEK
     */
    static WrappedContentKey parse(byte[] bytes, KekId kekId) {
        if (bytes.length <= ContentKey.VERSION_BYTES || bytes.length > MAX_BYTES) {
            throw invalid(kekId, "the wrapped content key of a blob has " + bytes.length + " bytes");
        }
        String version = ContentKey.version(bytes);
        if (!ContentKey.isVersion(version)) {
            throw invalid(kekId, "the wrapped content key of a blob is not keywrap's");
        }
        WrappedDek dek = WrappedDek.parse(Arrays.copyOfRange(bytes, ContentKey.VERSION_BYTES, bytes.length));
        if (!dek.kekId().equals(kekId)) {
            throw invalid(kekId, "the content key of a blob is wrapped under another KEK than the blob names");
        }
        return new WrappedContentKey(version, dek);
    }

    /** What {@link #parse} reads; longer than that if the wrap is too long for a blob. */
    byte[] toBytes() {
        byte[] encoded = dek.toBytes();
        byte[] bytes =
                Arrays.copyOf(version.getBytes(StandardCharsets.US_ASCII), ContentKey.VERSION_BYTES + encoded.length);
        System.arraycopy(encoded, 0, bytes, ContentKey.VERSION_BYTES, encoded.length);
        return bytes;
    }

    private static InvalidWrappedDekException invalid(KekId kekId, String what) {
        return new InvalidWrappedDekException(Failure.of(kekId, what)
                .operatorAction("restore the metadata 'encryptiondata' of the blob; it was cut or changed"));
    }
}
