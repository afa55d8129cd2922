package io.keywrap.emulators;

/**
 * Somebody who signs requests. The emulator tells principals apart by the access key id in the {@code Authorization}
 * header; it does not verify signatures, so the secret serves clients that insist on one.
 *
 * @param arn such as {@code arn:aws:iam::111122223333:role/backup}
 * @param accessKeyId the id to sign with
 * @param secretAccessKey worthless outside of the emulator
 */
public record AwsPrincipal(String arn, String accessKeyId, String secretAccessKey) {

    /**
     * Who it is, without the secret.
     *
     * @return the ARN and the access key id
     */
    @Override
    public String toString() {
        return "AwsPrincipal[" + arn + ", " + accessKeyId + "]";
    }
}
