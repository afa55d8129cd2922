package io.keywrap.emulators;

import java.util.Optional;

/**
 * What a KMS key is made with: by default a symmetric key of the emulator's own account and Region, which its account may
 * use.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param account the owner, 12 digits; empty for the emulator's own
 * @param region the Region; empty for the emulator's own
 * @param usage the {@code KeyUsage}
 * @param spec the {@code KeySpec}; only {@code SYMMETRIC_DEFAULT} encrypts here
 * @param origin the {@code Origin}, such as {@code AWS_KMS}, {@code EXTERNAL} or {@code EXTERNAL_KEY_STORE}
 * @param multiRegion whether it is a multi-Region primary, with an id that begins with {@code mrk-}
 * @param description any text
 * @param policy the key policy; empty for the one that gives the owner's account every right
 */
public record AwsKeySpec(
        Optional<String> account,
        Optional<String> region,
        String usage,
        String spec,
        String origin,
        boolean multiRegion,
        String description,
        Optional<String> policy) {

    /**
     * A symmetric key for encryption, in one Region.
     *
     * @return the default
     */
    public static AwsKeySpec symmetric() {
        return new AwsKeySpec(
                Optional.empty(),
                Optional.empty(),
                "ENCRYPT_DECRYPT",
                "SYMMETRIC_DEFAULT",
                "AWS_KMS",
                false,
                "",
                Optional.empty());
    }

    /**
     * The same in another account.
     *
     * @param id 12 digits
     * @return the changed spec
     */
    public AwsKeySpec inAccount(String id) {
        return new AwsKeySpec(Optional.of(id), region, usage, spec, origin, multiRegion, description, policy);
    }

    /**
     * The same in another Region.
     *
     * @param name such as {@code eu-central-1}
     * @return the changed spec
     */
    public AwsKeySpec inRegion(String name) {
        return new AwsKeySpec(account, Optional.of(name), usage, spec, origin, multiRegion, description, policy);
    }

    /**
     * The same as a multi-Region primary.
     *
     * @return the changed spec
     */
    public AwsKeySpec asMultiRegion() {
        return new AwsKeySpec(account, region, usage, spec, origin, true, description, policy);
    }

    /**
     * The same for another use, which makes encryption fail with {@code InvalidKeyUsageException}.
     *
     * @param keyUsage such as {@code SIGN_VERIFY}
     * @return the changed spec
     */
    public AwsKeySpec withUsage(String keyUsage) {
        return new AwsKeySpec(account, region, keyUsage, spec, origin, multiRegion, description, policy);
    }

    /**
     * The same of another kind, which makes encryption fail with {@code InvalidKeyUsageException}.
     *
     * @param keySpec such as {@code RSA_2048}
     * @return the changed spec
     */
    public AwsKeySpec withSpec(String keySpec) {
        return new AwsKeySpec(account, region, usage, keySpec, origin, multiRegion, description, policy);
    }

    /**
     * The same with key material from elsewhere.
     *
     * @param keyOrigin such as {@code EXTERNAL_KEY_STORE}
     * @return the changed spec
     */
    public AwsKeySpec withOrigin(String keyOrigin) {
        return new AwsKeySpec(account, region, usage, spec, keyOrigin, multiRegion, description, policy);
    }

    /**
     * The same with a description.
     *
     * @param text any text
     * @return the changed spec
     */
    public AwsKeySpec describedAs(String text) {
        return new AwsKeySpec(account, region, usage, spec, origin, multiRegion, text, policy);
    }

    /**
     * The same with a key policy.
     *
     * @param json the policy document
     * @return the changed spec
     */
    public AwsKeySpec withPolicy(String json) {
        return new AwsKeySpec(account, region, usage, spec, origin, multiRegion, description, Optional.of(json));
    }
}
