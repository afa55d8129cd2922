package io.keywrap.gcp;

import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.DecryptResponse;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import com.google.protobuf.UnsafeByteOperations;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.WrappedDek;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** What is believed of an answer of Cloud KMS, and what is not. */
final class GcpAnswer {
    private final GcpKeyName key;

    GcpAnswer(GcpKeyName key) {
        this.key = key;
    }

    /** The answer has other bytes than were sent, or speaks of other bytes than we have sent. It tells nothing of the key. */
    static final class Damaged extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Damaged(String what) {
            super(what, null, false, false);
        }
    }

    /** CRC32C (RFC 3720, B.4), unsigned in 64 bits, as Google has it. */
    static Int64Value checksum(ByteString bytes) {
        CRC32C crc = new CRC32C();
        bytes.asReadOnlyByteBufferList().forEach(crc::update);
        return Int64Value.of(crc.getValue());
    }

    /** The wrap that an answer holds, if Google had our bytes and we have Google's. */
    WrappedDek wrap(DekId dekId, EncryptResponse answer) {
        if (!answer.getVerifiedPlaintextCrc32C() || !answer.getVerifiedAdditionalAuthenticatedDataCrc32C()) {
            throw new Damaged("Cloud KMS has not verified what it was sent");
        }
        if (!answer.hasCiphertextCrc32C() || !checksum(answer.getCiphertext()).equals(answer.getCiphertextCrc32C())) {
            throw new Damaged("the wrapped key does not have its checksum");
        }
        String version = key.versionIn(answer.getName())
                .orElseThrow(() -> untrusted("it is not of a version of " + key
                        + "; where the name has the number of the project, write its id"));
        int length = answer.getCiphertext().size();
        if (length == 0 || length > WrappedDek.MAX_BYTES / 2) {
            throw untrusted("it holds a wrapped key of " + length + " bytes");
        }
        return WrappedDek.builder(dekId, key.kekId())
                .kekVersion(version)
                .build(GcpKeyProvider.ALGORITHM, answer.getCiphertext().toByteArray());
    }

    /** The DEK that an answer holds; the bytes in the answer are wiped, whatever comes of them. */
    Dek dek(DekId id, DecryptResponse answer) {
        boolean whole =
                answer.hasPlaintextCrc32C() && checksum(answer.getPlaintext()).equals(answer.getPlaintextCrc32C());
        byte[] bytes = taken(answer.getPlaintext());
        if (whole && bytes.length == Dek.BYTES) {
            return Dek.takeOwnershipOf(id, bytes);
        }
        Arrays.fill(bytes, (byte) 0);
        if (!whole) {
            throw new Damaged("the key does not have its checksum");
        }
        throw untrusted("it holds a key of " + bytes.length + " bytes");
    }

    /** The number of the primary version. */
    String primary(CryptoKey answer) {
        requireKey(answer);
        return key.versionIn(answer.getPrimary().getName())
                .orElseThrow(() -> untrusted("its primary version is not one of " + key));
    }

    /** That the key which was asked for has been told of. */
    void requireKey(CryptoKey answer) {
        if (!answer.getName().equals(key.toString())) {
            throw untrusted("it is of another key than " + key
                    + "; where the name has the number of the project, write its id");
        }
    }

    /** Takes bytes out of a message, which nobody else reads any more, and wipes them there. */
    private static byte[] taken(ByteString from) {
        byte[] bytes = new byte[from.size()];
        try {
            UnsafeByteOperations.unsafeWriteTo(from, new Moving(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    private InvalidWrappedDekException untrusted(String why) {
        return new InvalidWrappedDekException(Failure.of(key.kekId(), "the answer cannot be trusted: " + why)
                .operatorAction(
                        "do not use this endpoint until you know why Cloud KMS, or who answers for it, does so"));
    }

    /** Copies what is written and wipes where it came from. */
    private static final class Moving extends ByteOutput {
        private final ByteBuffer target;

        Moving(byte[] target) {
            this.target = ByteBuffer.wrap(target);
        }

        @Override
        public void write(byte value) {
            target.put(value);
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            target.put(value, offset, length);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            target.put(value, offset, length);
            Arrays.fill(value, offset, offset + length, (byte) 0);
        }

        @Override
        public void write(ByteBuffer value) {
            target.put(value);
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            target.put(value);
        }
    }
}
