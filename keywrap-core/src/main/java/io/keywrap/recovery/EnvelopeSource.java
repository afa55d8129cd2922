package io.keywrap.recovery;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** An envelope somewhere: a file, an object in a bucket, a record in an archive. */
public interface EnvelopeSource {
    /**
     * What the operator knows it by.
     *
     * @return its name
     */
    String name();

    /**
     * Opens it at its beginning. At most 64 KiB and a few bytes are read of it.
     *
     * @return a stream, which is closed after use
     * @throws IOException if it cannot be read
     */
    InputStream open() throws IOException;

    /**
     * An envelope in a file.
     *
     * @param file the file
     * @return the envelope, named by its path
     */
    static EnvelopeSource of(Path file) {
        return new EnvelopeSource() {
            @Override
            public String name() {
                return file.toString();
            }

            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file);
            }
        };
    }
}
