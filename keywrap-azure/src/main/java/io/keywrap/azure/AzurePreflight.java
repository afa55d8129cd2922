package io.keywrap.azure;

import com.azure.security.keyvault.keys.models.KeyVaultKey;
import io.keywrap.KekException;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightReport.Line;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What Azure tells of a key besides using it. Regions are not among it: a vault has its region, and its copies in a second one are
 * Azure's matter.
 */
final class AzurePreflight {
    private final AzureKeyUrl key;
    private final WrapAlgorithm algorithm;

    AzurePreflight(AzureKeyUrl key, WrapAlgorithm algorithm) {
        this.key = key;
        this.algorithm = algorithm;
    }

    /** The lines; {@code refusal} is what the state is refused with, {@code permitted} whether key_ops allow what is needed. */
    List<Line> lines(KeyVaultKey told, Optional<KekException> refusal, boolean permitted) {
        List<Line> lines = new ArrayList<>();
        lines.add(type(told, permitted));
        lines.add(refusal.map(why -> Line.fail(PreflightCheck.KEY_STATE, why))
                .orElseGet(() -> state(told.getProperties().getExpiresOn())));
        lines.add(rotation(told.getProperties().getCreatedOn()));
        return lines;
    }

    private Line type(KeyVaultKey told, boolean permitted) {
        if (!algorithm.fits(told.getKeyType())) {
            return Line.fail(
                    PreflightCheck.KEY_TYPE,
                    "not a key to wrap with by " + algorithm.inWraps() + ": " + told.getKeyType(),
                    "ask the customer for an RSA key of 2,048 to 4,096 bits, or name it among the aesKeys(…) if it is an AES"
                            + " key");
        }
        if (!permitted) {
            return Line.fail(
                    PreflightCheck.KEY_TYPE,
                    "the key does not allow wrapKey and unwrapKey",
                    "ask the customer to permit both among the key's operations (key_ops)");
        }
        return Line.pass(PreflightCheck.KEY_TYPE, told.getKeyType() + ", " + algorithm.inWraps());
    }

    private static Line state(@Nullable OffsetDateTime expires) {
        return expires == null
                ? Line.pass(PreflightCheck.KEY_STATE, "enabled")
                : Line.warn(
                        PreflightCheck.KEY_STATE,
                        "enabled, and expires on " + expires.toInstant().truncatedTo(ChronoUnit.SECONDS),
                        "have the customer rotate the key before: from then on nothing can be wrapped with this version");
    }

    /** Whether there is a rotation policy is told to who may ask for it, which no role of keywrap may. */
    private Line rotation(@Nullable OffsetDateTime made) {
        if (key.version().isPresent()) {
            return Line.warn(
                    PreflightCheck.ROTATION,
                    "not followed: the KEK names one version of the key",
                    "leave the version out of the KEK");
        }
        return Line.warn(
                PreflightCheck.ROTATION,
                "not told; this version was made "
                        + (made == null
                                ? "at a time that is not told"
                                : "on " + made.toInstant().truncatedTo(ChronoUnit.SECONDS)),
                "ask the customer whether the key has a rotation policy; versions from before have to stay enabled");
    }
}
