package io.keywrap.azure;

import io.keywrap.TimeSource;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a key besides the failure of a call.
 *
 * @param finding what was found
 * @param date when a deletion becomes final, where Azure tells
 */
record SecondLook(Finding finding, @Nullable Instant date) {
    /** Nobody was asked, or nobody answered. */
    static final SecondLook NOTHING = of(Finding.NOTHING);

    /** What a failure gives reason to ask for. */
    enum Subject {
        NOTHING,
        /** Enabled, expired, not yet valid. */
        STATE,
        /** Among the deleted keys, which can be recovered. */
        DELETION,
        /** Whether the vault has an address. */
        HOST
    }

    /** What was found. */
    enum Finding {
        NOTHING,
        USABLE,
        DISABLED,
        EXPIRED,
        NOT_YET_VALID,
        SOFT_DELETED,
        /** Not found anywhere, or not for long enough to call it gone. */
        MISSING,
        GONE,
        NO_SUCH_VERSION,
        NO_SUCH_HOST
    }

    static SecondLook of(Finding finding) {
        return new SecondLook(finding, null);
    }

    static SecondLook softDeleted(@Nullable OffsetDateTime purge) {
        return new SecondLook(Finding.SOFT_DELETED, purge == null ? null : purge.toInstant());
    }

    /** The state of a key by its attributes. Azure leaves out what is not set. */
    static SecondLook atKey(
            @Nullable Boolean enabled,
            @Nullable OffsetDateTime notBefore,
            @Nullable OffsetDateTime expires,
            TimeSource time) {
        Instant now = time.now();
        if (Boolean.FALSE.equals(enabled)) {
            return of(Finding.DISABLED);
        }
        if (expires != null && !expires.toInstant().isAfter(now)) {
            return of(Finding.EXPIRED);
        }
        return of(notBefore != null && notBefore.toInstant().isAfter(now) ? Finding.NOT_YET_VALID : Finding.USABLE);
    }
}
