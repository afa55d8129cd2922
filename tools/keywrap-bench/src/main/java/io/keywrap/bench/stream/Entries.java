package io.keywrap.bench.stream;

import static io.keywrap.bench.stream.Entry.Mode.FILE;
import static io.keywrap.bench.stream.Entry.Mode.FOOTPRINT;
import static io.keywrap.bench.stream.Entry.Mode.FRESH;
import static io.keywrap.bench.stream.Entry.Mode.MEMORY;
import static io.keywrap.bench.stream.Entry.Mode.RANDOM;
import static io.keywrap.bench.stream.Jce.ACCP;
import static io.keywrap.bench.stream.Jce.ACCP_FOUND;
import static io.keywrap.bench.stream.Jce.NONE;
import static io.keywrap.bench.stream.Jce.SUN_JCE;

import io.keywrap.bench.stream.Entry.Kind;
import io.keywrap.bench.stream.Entry.Mode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** All rows of the tables. */
final class Entries {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    private final List<Entry> all = new ArrayList<>();

    private Entries() {}

    static List<Entry> all() {
        Entries entries = new Entries();
        entries.keywrap();
        entries.tink();
        entries.aws();
        entries.others();
        return entries.all;
    }

    /** The one with an id. */
    static Entry of(String id) {
        for (Entry entry : all()) {
            if (entry.id().equals(id)) {
                return entry;
            }
        }
        throw new IllegalArgumentException("no contestant is called " + id);
    }

    private void keywrap() {
        String small = "keywrap, 64 KiB segments";
        String large = "keywrap, 256 KiB segments";
        add(new Entry(Kind.KEYWRAP, small, 64 * KIB, SUN_JCE, 1, EnumSet.allOf(Mode.class)));
        add(new Entry(Kind.KEYWRAP, small, 64 * KIB, SUN_JCE, 2, EnumSet.of(MEMORY, FILE, FRESH, FOOTPRINT)));
        add(new Entry(Kind.KEYWRAP, small, 64 * KIB, ACCP, 1, EnumSet.of(MEMORY, FILE, RANDOM)));
        add(new Entry(Kind.KEYWRAP, small, 64 * KIB, ACCP, 2, EnumSet.of(MEMORY, FILE)));
        String found = small + ", left to find ACCP";
        add(new Entry(Kind.KEYWRAP, found, 64 * KIB, ACCP_FOUND, 1, EnumSet.of(MEMORY)));
        add(new Entry(Kind.KEYWRAP, found, 64 * KIB, ACCP_FOUND, 2, EnumSet.of(FRESH)));
        add(new Entry(Kind.KEYWRAP, large, 256 * KIB, SUN_JCE, 1, EnumSet.of(MEMORY, RANDOM)));
        add(new Entry(Kind.KEYWRAP, large, 256 * KIB, SUN_JCE, 2, EnumSet.of(MEMORY, FILE)));
        add(new Entry(Kind.KEYWRAP, large, 256 * KIB, ACCP, 1, EnumSet.of(MEMORY)));
        add(new Entry(Kind.KEYWRAP, large, 256 * KIB, ACCP, 2, EnumSet.of(MEMORY, FILE)));
    }

    private void tink() {
        String large = "Tink AES256_GCM_HKDF_1MB";
        String small = "Tink AES256_GCM_HKDF_4KB";
        EnumSet<Mode> streams = EnumSet.of(MEMORY, FILE, FRESH, FOOTPRINT);
        EnumSet<Mode> channels = EnumSet.of(MEMORY, FILE, FRESH, RANDOM);
        EnumSet<Mode> more = EnumSet.of(MEMORY, FILE);
        add(new Entry(Kind.TINK_STREAM, large + ", stream", MIB, SUN_JCE, 1, streams));
        add(new Entry(Kind.TINK_STREAM, small + ", stream", 4 * KIB, SUN_JCE, 1, streams));
        add(new Entry(Kind.TINK_CHANNEL, large + ", channel", MIB, SUN_JCE, 1, channels));
        add(new Entry(Kind.TINK_CHANNEL, small + ", channel", 4 * KIB, SUN_JCE, 1, channels));
        add(new Entry(Kind.TINK_STREAM, large + ", stream", MIB, ACCP, 1, EnumSet.of(MEMORY)));
        add(new Entry(Kind.TINK_STREAM, small + ", stream", 4 * KIB, ACCP, 1, EnumSet.of(MEMORY)));
        add(new Entry(Kind.TINK_CHANNEL, large + ", channel", MIB, ACCP, 1, EnumSet.of(MEMORY, FILE, RANDOM)));
        add(new Entry(Kind.TINK_CHANNEL, small + ", channel", 4 * KIB, ACCP, 1, more));
    }

    private void aws() {
        String defaults = "AWS Encryption SDK, defaults";
        String tuned = "AWS Encryption SDK, unsigned, 64 KiB frames";
        // Input streams are its better way to encrypt, output streams to decrypt.
        EnumSet<Mode> most = EnumSet.of(MEMORY, FILE, FRESH);
        EnumSet<Mode> every = EnumSet.of(MEMORY, FILE, FRESH, FOOTPRINT);
        add(new Entry(Kind.AWS_DEFAULTS_IN, defaults + ", input stream", 4 * KIB, SUN_JCE, 1, most));
        add(new Entry(Kind.AWS_DEFAULTS_OUT, defaults + ", output stream", 4 * KIB, SUN_JCE, 1, every));
        add(new Entry(Kind.AWS_UNSIGNED_IN, tuned + ", input stream", 64 * KIB, SUN_JCE, 1, most));
        add(new Entry(Kind.AWS_UNSIGNED_OUT, tuned + ", output stream", 64 * KIB, SUN_JCE, 1, every));
        add(new Entry(Kind.AWS_UNSIGNED_IN, tuned + ", input stream", 64 * KIB, ACCP, 1, EnumSet.of(MEMORY)));
        add(new Entry(Kind.AWS_UNSIGNED_OUT, tuned + ", output stream", 64 * KIB, ACCP, 1, EnumSet.of(MEMORY)));
    }

    private void others() {
        EnumSet<Mode> files = EnumSet.of(FILE, FRESH);
        String loop = "bare loop, 64 KiB segments";
        String jdk = "JDK cipher streams, AES-GCM";
        add(new Entry(Kind.JDK, jdk, 64 * KIB, SUN_JCE, 1, EnumSet.of(MEMORY, FILE, FRESH, FOOTPRINT)));
        add(new Entry(Kind.BARE, loop, 64 * KIB, SUN_JCE, 1, EnumSet.of(MEMORY, FILE, FRESH, FOOTPRINT)));
        add(new Entry(Kind.BARE, loop, 64 * KIB, ACCP, 1, EnumSet.of(MEMORY, FILE, FRESH)));
        add(new Entry(Kind.BARE, "bare loop, 256 KiB segments", 256 * KIB, SUN_JCE, 1, EnumSet.of(MEMORY)));
        add(new Entry(Kind.BARE, "bare loop, 256 KiB segments", 256 * KIB, ACCP, 1, EnumSet.of(MEMORY)));
        add(new Entry(Kind.COPY, "plain copy, 64 KiB buffer", 64 * KIB, NONE, 1, EnumSet.of(MEMORY, FILE, FRESH)));
        add(new Entry(Kind.COPY, "plain copy, 256 KiB buffer", 256 * KIB, NONE, 1, files));
        add(new Entry(Kind.COPY, "plain copy, 1 MiB buffer", MIB, NONE, 1, files));
        add(new Entry(Kind.COPY, "plain copy, by two threads", 256 * KIB, NONE, 2, EnumSet.of(FILE)));
    }

    private void add(Entry entry) {
        all.add(entry);
    }
}
