package io.keywrap.emulators;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** An error as KMS answers it: its code, its HTTP status, and the text if it has one. One factory for each that is made. */
final class KmsFailure extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String code;
    private final int status;

    KmsFailure(int status, String code, @Nullable String text) {
        super(text, null, false, false);
        this.code = code;
        this.status = status;
    }

    String code() {
        return code;
    }

    int status() {
        return status;
    }

    private static KmsFailure of(String code, @Nullable String text) {
        return new KmsFailure(400, code, text);
    }

    // States

    static KmsFailure disabled(String arn) {
        return of("DisabledException", arn + " is disabled.");
    }

    static KmsFailure disabledPendingDeletion(String arn) {
        return of("DisabledException", arn + " is pending deletion.");
    }

    /** {@code what} completes "the key is …". */
    static KmsFailure invalidState(String arn, String what) {
        return of("KMSInvalidStateException", arn + " is " + what + ".");
    }

    static KmsFailure externalKey(AwsExternalKeyFailure failure) {
        return of("KMSInvalidStateException", failure.text());
    }

    // Keys

    static KmsFailure noSuchKey(String arn) {
        return of("NotFoundException", "Key '" + arn + "' does not exist");
    }

    static KmsFailure noSuchAlias(String arn) {
        return of("NotFoundException", "Alias " + arn + " is not found.");
    }

    static KmsFailure noSuchGrant() {
        return of("NotFoundException", "Grant ID not found");
    }

    static KmsFailure otherRegion(String region) {
        return of("NotFoundException", "Invalid arn " + region);
    }

    static KmsFailure aliasExists(String arn) {
        return of("AlreadyExistsException", "An alias with the name " + arn + " already exists");
    }

    static KmsFailure replicaExists(String arn) {
        return of("AlreadyExistsException", arn + " already exists");
    }

    static KmsFailure unsupported(String text) {
        return of("UnsupportedOperationException", text);
    }

    static KmsFailure tooManyRotations() {
        return of("LimitExceededException", "The key has been rotated on demand the maximum number of times");
    }

    // Use

    static KmsFailure incorrectKey() {
        return of(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this operation.");
    }

    /** Without any text, as KMS does it: it says neither what is wrong nor where. */
    static KmsFailure invalidCiphertext() {
        return of("InvalidCiphertextException", null);
    }

    static KmsFailure wrongUsage(String arn, String has, String operation) {
        return of(
                "InvalidKeyUsageException",
                arn + " key usage is " + has + " which is not valid for " + operation + ".");
    }

    static KmsFailure dryRun() {
        return of("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
    }

    // Access

    /** The same words whether the key is not there or its owner does not want the caller. */
    static KmsFailure hidden(Caller caller, String action) {
        return of(
                "AccessDeniedException",
                refusal(caller, action) + "on this resource because the resource does not exist in this Region, no"
                        + " resource-based policies allow access, or a resource-based policy explicitly denies access");
    }

    static KmsFailure noIdentityPolicy(Caller caller, String action, String resource) {
        return of(
                "AccessDeniedException",
                refusal(caller, action) + "on resource: " + resource + " because no identity-based policy allows the "
                        + action + " action");
    }

    static KmsFailure identityDeny(Caller caller, String action, String resource) {
        return of(
                "AccessDeniedException",
                refusal(caller, action) + "on resource: " + resource + " with an explicit deny in an identity-based"
                        + " policy");
    }

    private static String refusal(Caller caller, String action) {
        return "User: " + caller.arn() + " is not authorized to perform: " + action + " ";
    }

    // Requests

    static KmsFailure validation(String text) {
        return of("ValidationException", text);
    }

    static KmsFailure constraint(String field, String constraint) {
        return validation("1 validation error detected: Value at '" + memberName(field)
                + "' failed to satisfy constraint: Member must " + constraint);
    }

    static KmsFailure missing(String field) {
        return validation("1 validation error detected: Value null at '" + memberName(field)
                + "' failed to satisfy constraint: Member must not be null");
    }

    static KmsFailure invalidArn(String text) {
        return of("InvalidArnException", text);
    }

    static KmsFailure invalidAlias(String text) {
        return of("InvalidAliasNameException", text);
    }

    static KmsFailure malformedPolicy(String text) {
        return of("MalformedPolicyDocumentException", text);
    }

    static KmsFailure serialization(String text) {
        return of("SerializationException", text);
    }

    static KmsFailure unknownOperation(String operation) {
        return of("UnknownOperationException", "This emulator has no operation " + operation);
    }

    // Credentials

    static KmsFailure missingToken() {
        return of("MissingAuthenticationTokenException", "Request is missing Authentication Token");
    }

    static KmsFailure incompleteSignature() {
        return of("IncompleteSignatureException", "Authorization header requires 'Credential' parameter.");
    }

    static KmsFailure wrongService() {
        return of("InvalidSignatureException", "Credential should be scoped to correct service: 'kms'.");
    }

    static KmsFailure unrecognizedClient() {
        return of("UnrecognizedClientException", "The security token included in the request is invalid.");
    }

    static KmsFailure expiredToken() {
        return of("ExpiredTokenException", "The security token included in the request is expired");
    }

    static KmsFailure internal() {
        return new KmsFailure(500, "KMSInternalException", null);
    }

    private static String memberName(String field) {
        return Character.toLowerCase(field.charAt(0)) + field.substring(1);
    }
}
