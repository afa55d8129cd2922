package io.keywrap.tink;

import java.time.Duration;

/**
 * How much one DEK encrypts. AES-GCM with random IVs of 96 bits is good for 2^32 messages under one key (NIST SP 800-38D,
 * 8.3), and gets weaker with the number of blocks as well: after 64 GiB, 2^32 blocks, an attacker's advantage is below 2^-60.
 *
 * @param messages how many messages
 * @param age how long after it was made
 */
record DekLimits(long messages, Duration age) {
    static final long MOST_MESSAGES = 1L << 32;
    static final long DEFAULT_MESSAGES = 1L << 20;
    static final long MOST_BYTES = 1L << 36;
    static final Duration LEAST_AGE = Duration.ofMinutes(1);
    static final Duration DEFAULT_AGE = Duration.ofHours(24);
    static final Duration MOST_AGE = Duration.ofDays(90);
}
