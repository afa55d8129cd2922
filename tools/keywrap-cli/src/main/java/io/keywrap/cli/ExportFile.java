package io.keywrap.cli;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.DataException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.recovery.Finding;
import io.keywrap.recovery.StoreRecovery;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files that {@code store export} has written, by what their headers claim. */
final class ExportFile {
    private static final String KEYCHAIN_ID = "keywrap-store-export";

    private ExportFile() {}

    /** Refuses to replace a file that is not an older export: whatever it is, it was not meant. */
    static void requireReplaceable(Path out) throws IOException {
        if (Files.exists(out) && !isExport(out)) {
            throw new UsageException("OUT is there, and is no export of a store: " + out
                    + "; to do: choose another OUT, or remove it first");
        }
    }

    /** Refuses what is no export, before any key is used. */
    static void require(Path in) throws IOException {
        String keychainId = using(in, () -> keychainOf(in));
        if (!keychainId.equals(KEYCHAIN_ID)) {
            throw new ExportException(in + " is an envelope of keychain '" + keychainId
                    + "', and no export of a store; to do: name a file that 'store export' has written");
        }
    }

    /** Holds a store against an export. What is found counts only once the export is known to be genuine. */
    static long compare(StoreRecovery recovery, Path in, StoreReport report) throws IOException {
        List<Finding> found = new ArrayList<>();
        long exported = using(in, () -> recovery.compareWith(in, found::add)).examined();
        found.forEach(report::add);
        return exported;
    }

    /** Reads an export. What is said of envelopes that are damaged is said of exports. */
    static <T> T using(Path in, Reading<T> reading) throws IOException {
        try {
            return reading.run();
        } catch (MalformedEnvelopeException | TruncatedEnvelopeException | AuthenticationFailedException e) {
            String message = String.valueOf(e.getMessage());
            if (message.startsWith(in.toString())) {
                throw e; // It speaks of an export already.
            }
            throw new ExportException(
                    in + " is no whole and genuine export: " + message.split("; to do: ", 2)[0]
                            + "; to do: take another export",
                    e);
        }
    }

    private static boolean isExport(Path file) throws IOException {
        try {
            return keychainOf(file).equals(KEYCHAIN_ID);
        } catch (DataException e) {
            return false;
        }
    }

    private static String keychainOf(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return EnvelopeHeader.read(in).keychainId();
        }
    }

    /** Something that reads an export. */
    interface Reading<T> {
        T run() throws IOException;
    }
}
