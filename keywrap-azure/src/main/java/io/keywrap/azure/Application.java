package io.keywrap.azure;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An application in Microsoft Entra.
 *
 * @param tenantId the tenant that it is registered in, a UUID in lower case
 * @param clientId its own id, a UUID in lower case
 */
record Application(String tenantId, String clientId) {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** An id in its one form. */
    static String requireUuid(String what, String id) {
        String lower = id.toLowerCase(Locale.ROOT);
        if (!UUID.matcher(lower).matches()) {
            throw new IllegalArgumentException("the " + what
                    + " is a UUID, such as 66666666-6666-4666-8666-666666666666, as the Azure portal shows it");
        }
        return lower;
    }

    /** For messages: neither id is a secret. */
    @Override
    public String toString() {
        return clientId + " in tenant " + tenantId;
    }
}
