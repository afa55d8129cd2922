package io.keywrap.aws;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;

/** What is believed of an answer of AWS KMS, and what is not. */
final class AwsAnswer {
    private final AwsKeyArn key;

    AwsAnswer(AwsKeyArn key) {
        this.key = key;
    }

    /** Takes over the bytes of a new or unwrapped DEK, which the SDK has no use for any more. */
    Dek dek(DekId id, @Nullable SdkBytes plaintext) {
        byte[] bytes = required(plaintext, "key").asByteArrayUnsafe();
        if (bytes.length != Dek.BYTES) {
            Arrays.fill(bytes, (byte) 0);
            throw untrusted("it holds a key of " + bytes.length + " bytes");
        }
        return Dek.takeOwnershipOf(id, bytes);
    }

    /** The wrap that an answer holds. */
    WrappedDek wrap(WrappedDek.Builder wrap, @Nullable SdkBytes blob) {
        byte[] bytes = required(blob, "wrapped key").asByteArrayUnsafe();
        if (bytes.length == 0 || bytes.length > WrappedDek.MAX_BYTES / 2) {
            throw untrusted("it holds a wrapped key of " + bytes.length + " bytes");
        }
        return wrap.build(AwsKeyProvider.ALGORITHM, bytes);
    }

    /**
     * The version to keep in a wrap: for a key the id of its key material, where the answer has it; for an alias the ARN of
     * the key that it points to.
     */
    String version(@Nullable String keyId, @Nullable String keyMaterialId) {
        if (key.isAlias()) {
            return resolved(required(keyId, "key id")).toString();
        }
        requireKey(key, keyId);
        return keyMaterialId == null || keyMaterialId.length() > 128 ? "" : keyMaterialId;
    }

    /** That the key which was asked has answered. */
    void requireKey(AwsKeyArn asked, @Nullable String keyId) {
        if (!required(keyId, "key id").equals(asked.toString())) {
            throw untrusted("another key answered than " + asked);
        }
    }

    /** The key that an alias points to, which is in the account and Region of the alias. */
    private AwsKeyArn resolved(String keyId) {
        AwsKeyArn resolved;
        try {
            resolved = AwsKeyArn.parse(keyId);
        } catch (IllegalArgumentException e) {
            throw untrusted("the key id in it is not the ARN of a key");
        }
        if (resolved.isAlias() || !resolved.sameAccountAndRegion(key)) {
            throw untrusted("the alias points to a key of another account or Region");
        }
        return resolved;
    }

    private <T> T required(@Nullable T value, String what) {
        if (value == null) {
            throw new KekUnreachableException(Failure.of(key.kekId(), "the answer has no " + what)
                    .operatorAction("check that the endpoint is one of AWS KMS; it can be tried again"));
        }
        return value;
    }

    private InvalidWrappedDekException untrusted(String why) {
        return new InvalidWrappedDekException(Failure.of(key.kekId(), "the answer cannot be trusted: " + why)
                .operatorAction("do not use this endpoint until you know why AWS KMS, or who answers for it, does so"));
    }
}
