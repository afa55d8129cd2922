package io.keywrap.bench.stream;

import io.keywrap.store.KeychainStore;
import java.security.GeneralSecurityException;
import java.util.Set;

/**
 * A row of the tables. Made without lambdas and formats, which a fresh JVM would pay for.
 *
 * @param kind who takes part
 * @param name under which name
 * @param bytes of a segment, frame or buffer
 * @param jce who does AES-GCM
 * @param threads how many work
 * @param modes in what it takes part
 */
record Entry(Kind kind, String name, int bytes, Jce jce, int threads, Set<Mode> modes) {
    /** Names this entry alone. */
    String id() {
        return String.join(", ", name, jce.label(), Integer.toString(threads));
    }

    /** By what the length of its objects is divided where a JVM is warm: the slow ones would take minutes. */
    int share() {
        return kind.group().startsWith("AWS") ? 4 : 1;
    }

    /** Sets it up. */
    Contestant contestant(KeychainStore store) throws GeneralSecurityException {
        return switch (kind) {
            case KEYWRAP -> new Keywrap(store, bytes, threads);
            case TINK_STREAM -> new TinkStreaming(bytes, false);
            case TINK_CHANNEL -> new TinkStreaming(bytes, true);
            case AWS_DEFAULTS_IN -> AwsEncryptionSdk.ofDefaults(true);
            case AWS_DEFAULTS_OUT -> AwsEncryptionSdk.ofDefaults(false);
            case AWS_UNSIGNED_IN -> AwsEncryptionSdk.unsigned(bytes, true);
            case AWS_UNSIGNED_OUT -> AwsEncryptionSdk.unsigned(bytes, false);
            case JDK -> new JdkStreams();
            case BARE -> new BareLoop(bytes);
            case COPY -> new PlainCopy(bytes, threads);
        };
    }

    /** What is measured. */
    enum Mode {
        /** From memory to a sink that touches nothing, warm. */
        MEMORY,
        /** From file to file, warm. */
        FILE,
        /** From file to file, the first of a JVM. */
        FRESH,
        /** Reads at random. */
        RANDOM,
        /** How much memory it takes. */
        FOOTPRINT
    }

    /** Who takes part, and in which flavour. */
    enum Kind {
        KEYWRAP("keywrap"),
        TINK_STREAM("Tink"),
        TINK_CHANNEL("Tink"),
        AWS_DEFAULTS_IN("AWS Encryption SDK, defaults"),
        AWS_DEFAULTS_OUT("AWS Encryption SDK, defaults"),
        AWS_UNSIGNED_IN("AWS Encryption SDK"),
        AWS_UNSIGNED_OUT("AWS Encryption SDK"),
        JDK("JDK"),
        BARE("bare loop"),
        COPY("plain copy");

        private final String group;

        Kind(String group) {
            this.group = group;
        }

        /** Those of one group are one peer, of which the best counts. */
        String group() {
            return group;
        }
    }
}
