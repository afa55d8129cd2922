package io.keywrap.emulators;

import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.PreconditionFailure.Violation;
import com.google.rpc.Status;
import java.io.Serial;

/** An error as Cloud KMS answers it: a {@code google.rpc.Status}. One factory for each that is made. */
final class GcpFailure extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Status status;

    GcpFailure(Status status) {
        super(status.getMessage(), null, false, false);
        this.status = status;
    }

    Status status() {
        return status;
    }

    String code() {
        return nameOf(status);
    }

    static String nameOf(Status status) {
        Code code = Code.forNumber(status.getCode());
        return code == null ? Integer.toString(status.getCode()) : code.name();
    }

    static Status status(Code code, String text, Message... details) {
        Status.Builder status = Status.newBuilder().setCode(code.getNumber()).setMessage(text);
        for (Message detail : details) {
            status.addDetails(Any.pack(detail));
        }
        return status.build();
    }

    private static GcpFailure of(Code code, String text, Message... details) {
        return new GcpFailure(status(code, text, details));
    }

    /** Not an answer of Cloud KMS: a defect here, which is better seen than taken for a lost connection. */
    static GcpFailure internal(RuntimeException defect) {
        return of(Code.INTERNAL, "The emulator has failed: " + defect.getClass().getSimpleName());
    }

    static GcpFailure unimplemented(String text) {
        return of(Code.UNIMPLEMENTED, text);
    }

    // States

    static GcpFailure notEnabled(StoredVersion version) {
        return of(
                Code.FAILED_PRECONDITION,
                version.name + " is not enabled, current state is: " + version.state() + ".",
                PreconditionFailure.newBuilder().addViolations(stateOf(version)).build());
    }

    static GcpFailure externalKey(StoredVersion version, GcpExternalKeyFailure failure) {
        return of(
                Code.FAILED_PRECONDITION,
                failure.text(),
                PreconditionFailure.newBuilder()
                        .addViolations(stateOf(version))
                        .addViolations(violation(failure.domain(), version.name, failure.text()))
                        .build());
    }

    static GcpFailure wrongState(StoredVersion version, String operation) {
        return of(
                Code.FAILED_PRECONDITION,
                version.name + " cannot be " + operation + ", current state is: " + version.state() + ".");
    }

    private static Violation stateOf(StoredVersion version) {
        return violation("KEY_" + version.state(), version.name, "The key version is " + version.state() + ".");
    }

    private static Violation violation(String type, String subject, String description) {
        return Violation.newBuilder()
                .setType(type)
                .setSubject(subject)
                .setDescription(description)
                .build();
    }

    // Keys

    static GcpFailure notFound(String kind, String name) {
        return of(Code.NOT_FOUND, kind + " " + name + " not found.");
    }

    static GcpFailure exists(String kind, String name) {
        return of(Code.ALREADY_EXISTS, kind + " " + name + " already exists.");
    }

    static GcpFailure noPrimary(StoredKey key) {
        return of(Code.FAILED_PRECONDITION, "CryptoKey " + key.name + " has no primary CryptoKeyVersion.");
    }

    static GcpFailure wrongPurpose(StoredKey key, String operation) {
        return wrongPurpose(key.name, key.purpose, operation);
    }

    static GcpFailure wrongPurpose(String name, CryptoKeyPurpose purpose, String operation) {
        return of(
                Code.FAILED_PRECONDITION,
                "CryptoKey " + name + " has purpose " + purpose + ", which does not allow " + operation + ".");
    }

    // Access

    /** The same words whether the resource is not there or the caller may not use it. */
    static GcpFailure denied(String permission, String resource) {
        return of(
                Code.PERMISSION_DENIED,
                "Permission '" + permission + "' denied on resource '" + GcpNames.shown(resource)
                        + "' (or it may not exist).");
    }

    static GcpFailure conflict(String text) {
        return of(Code.ABORTED, text);
    }

    // Use

    static GcpFailure wrongKey() {
        return invalidArgument("Decryption failed: verify that 'name' refers to the correct CryptoKey.");
    }

    static GcpFailure invalidCiphertext() {
        return invalidArgument("Decryption failed: the ciphertext is invalid.");
    }

    static GcpFailure wrongChecksum(String field) {
        return invalidArgument(
                "The checksum in field " + field + "_crc32c did not match the data in field " + field + ".");
    }

    static GcpFailure invalidArgument(String text) {
        return of(Code.INVALID_ARGUMENT, text);
    }

    static GcpFailure badName(String name) {
        return invalidArgument("Resource name [" + GcpNames.shown(name)
                + "] does not match any of the formats that are possible here.");
    }
}
