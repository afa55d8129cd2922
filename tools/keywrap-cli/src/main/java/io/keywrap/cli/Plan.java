package io.keywrap.cli;

import io.keywrap.EncryptionContext;
import io.keywrap.cli.Transfer.Direction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What is moved where: one object or a tree, checked as far as it can be before any key is used. */
interface Plan {
    /** How many bytes will be read; {@link Progress#UNKNOWN} if the source does not say. */
    long bytes();

    /** What is left out, by relative paths; empty unless that was allowed. */
    List<Path> skipped();

    /** Refuses a context that this plan cannot be run with. */
    void check(EncryptionContext context);

    /** Refuses targets that would replace what data cannot be read without. */
    void check(Kept kept, Direction direction) throws IOException;

    /**
     * Moves everything.
     *
     * @param transfer does it and counts
     * @param context the object context that all objects share
     * @throws IOException if a file fails that is the only one, or a folder cannot be made
     * @throws TreeException if files of a tree fail
     */
    void run(Transfer transfer, EncryptionContext context) throws IOException;
}
