package io.keywrap.cli;

import io.keywrap.DataException;
import io.keywrap.envelope.EnvelopeHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

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
}
