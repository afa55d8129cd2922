package io.keywrap.bench.report;

import java.util.Arrays;

/** What is asked of all contestants, in the order of the page. */
enum Question {
    MEMORY_ENCRYPT(
            "memory-encrypt",
            "Encrypt, memory to sink",
            "A warm JVM encrypts bytes in memory, and the ciphertext goes nowhere: how fast without any I/O?"),
    MEMORY_DECRYPT(
            "memory-decrypt",
            "Decrypt, memory to sink",
            "A warm JVM decrypts bytes in memory, and the plaintext goes nowhere: how fast without any I/O?"),
    FILE_ENCRYPT(
            "file-encrypt",
            "Encrypt, file to file, warm",
            "A warm JVM encrypts one file to another; the plain copy is what the files alone cost."),
    FILE_DECRYPT(
            "file-decrypt",
            "Decrypt, file to file, warm",
            "A warm JVM decrypts one file to another; the plain copy is what the files alone cost."),
    FRESH_ENCRYPT(
            "fresh-encrypt",
            "Encrypt in a fresh JVM",
            "How fast is the first file that a new JVM encrypts, while nothing of it is compiled yet?"),
    FRESH_DECRYPT(
            "fresh-decrypt",
            "Decrypt in a fresh JVM",
            "How fast is the first file that a new JVM decrypts, while nothing of it is compiled yet?"),
    SHELL_ENCRYPT_1(
            "shell-encrypt-1GiB",
            "Encrypt 1 GiB from a shell",
            "How long does the whole process take, start of the JVM included? cp shows what the files alone cost."),
    SHELL_DECRYPT_1(
            "shell-decrypt-1GiB",
            "Decrypt 1 GiB from a shell",
            "How long does the whole process take, start of the JVM included? cp shows what the files alone cost."),
    SHELL_ENCRYPT_8("shell-encrypt-8GiB", "Encrypt 8 GiB from a shell", "The same with eight times as much."),
    SHELL_DECRYPT_8("shell-decrypt-8GiB", "Decrypt 8 GiB from a shell", "The same with eight times as much."),
    SHELL_START(
            "shell-start",
            "Start from a shell",
            "How long do processes take that have hardly anything to do?",
            "1 byte"),
    RANDOM_READ(
            "random-read",
            "Random reads",
            "How long does it take to read 64 KiB at a random place of a large encrypted file?"),
    RANDOM_READ_BYTES(
            "random-read-bytes",
            "Bytes of random reads",
            "How many bytes of the encrypted file are read for 64 KiB at a random place?"),
    SMALL_ENCRYPT(
            "small-encrypt", "Encrypt a record of 1 KiB", "How long does one record take, in a warm JVM?", "held"),
    SMALL_DECRYPT(
            "small-decrypt", "Decrypt a record of 1 KiB", "How long does one record take, in a warm JVM?", "held"),
    SMALL_GARBAGE(
            "small-garbage",
            "Garbage of a record of 1 KiB",
            "How many bytes are allocated for one record, the result included?",
            "held"),
    PEAK_RSS(
            "peak-rss",
            "Memory of the process",
            "How much memory does the process have at most, with the heap that the JVM chooses?"),
    SMALLEST_HEAP("smallest-heap", "Smallest heap", "With how little heap does it still work?"),
    ENDURANCE(
            "endurance",
            "Endurance",
            "Does throughput stay as it is from the first byte to the last, in 64 MiB of heap? One value each second."),
    ENDURANCE_HEAP("endurance-heap", "Heap over time", "How much heap is in use meanwhile, garbage included?");

    private final String key;
    private final String title;
    private final String sentence;
    private final String reference;

    Question(String key, String title, String sentence) {
        this(key, title, sentence, "");
    }

    Question(String key, String title, String sentence, String reference) {
        this.key = key;
        this.title = title;
        this.sentence = sentence;
        this.reference = reference;
    }

    /**
     * Finds a question.
     *
     * @throws IllegalArgumentException if there is none of this key
     */
    static Question of(String key) {
        return Arrays.stream(values())
                .filter(question -> question.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no question \"" + key + "\""));
    }

    /** Its name in files. */
    String key() {
        return key;
    }

    String title() {
        return title;
    }

    String sentence() {
        return sentence;
    }

    /** What the names of those contestants of keywrap contain that others are held against. */
    String reference() {
        return reference;
    }

    boolean isOverTime() {
        return this == ENDURANCE || this == ENDURANCE_HEAP;
    }
}
