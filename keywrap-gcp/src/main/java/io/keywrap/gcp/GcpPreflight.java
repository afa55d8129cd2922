package io.keywrap.gcp;

import com.google.cloud.kms.v1.CryptoKey;
import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState;
import io.keywrap.KekException;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.provider.KekEvent.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What Google tells of a key besides using it. */
final class GcpPreflight {
    /** Such as europe-west1; what is not of this form is more than one region. */
    private static final Pattern ONE_REGION = Pattern.compile("[a-z]+(?:-[a-z]+)+\\d+");

    private static final long SECONDS_OF_A_DAY = 86_400;

    private GcpPreflight() {}

    /** Google's name for a permission; empty for what it has no method for. */
    static Optional<String> permission(Operation operation) {
        return switch (operation) {
            case WRAP -> Optional.of("cloudkms.cryptoKeyVersions.useToEncrypt");
            case UNWRAP -> Optional.of("cloudkms.cryptoKeyVersions.useToDecrypt");
            case GENERATE, REWRAP, STATUS -> Optional.empty();
        };
    }

    /** The lines; {@code refusal} is what the state of the primary version is refused with. */
    static List<Line> lines(GcpKeyName key, CryptoKey answer, Optional<KekException> refusal) {
        List<Line> lines = new ArrayList<>();
        String type = answer.getPurpose() + ", "
                + answer.getVersionTemplate().getProtectionLevel().name();
        if (answer.getPurpose() != CryptoKeyPurpose.ENCRYPT_DECRYPT) {
            lines.add(Line.fail(
                    PreflightCheck.KEY_TYPE,
                    "not a key to wrap with: " + type,
                    "ask the customer for a key with the purpose ENCRYPT_DECRYPT (symmetric); the purpose of a key cannot be"
                            + " changed"));
            return lines;
        }
        lines.add(Line.pass(PreflightCheck.KEY_TYPE, type));
        lines.add(refusal.map(why -> Line.fail(PreflightCheck.KEY_STATE, why)).orElseGet(() -> state(answer)));
        lines.add(rotation(answer));
        lines.add(Line.pass(
                PreflightCheck.MULTI_REGION,
                ONE_REGION.matcher(key.location()).matches()
                        ? "a key of one region"
                        : "a key of the location " + key.location() + ", which is more than one region"));
        return lines;
    }

    private static Line state(CryptoKey answer) {
        if (!answer.hasPrimary()) {
            return Line.fail(
                    PreflightCheck.KEY_STATE,
                    "the key has no primary version",
                    "ask the customer to make a version and set it as the primary one");
        }
        CryptoKeyVersionState state = answer.getPrimary().getState();
        return state == CryptoKeyVersionState.ENABLED
                ? Line.pass(PreflightCheck.KEY_STATE, "the primary version is enabled")
                : Line.fail(
                        PreflightCheck.KEY_STATE,
                        "the primary version is in a state that is not known",
                        "ask the customer whether it is enabled; use a newer keywrap");
    }

    private static Line rotation(CryptoKey answer) {
        return answer.hasRotationPeriod()
                ? Line.pass(
                        PreflightCheck.ROTATION,
                        "on, every " + answer.getRotationPeriod().getSeconds() / SECONDS_OF_A_DAY + " days")
                : Line.warn(
                        PreflightCheck.ROTATION,
                        "off",
                        "advise the customer to set a rotation period; versions from before have to stay enabled");
    }
}
