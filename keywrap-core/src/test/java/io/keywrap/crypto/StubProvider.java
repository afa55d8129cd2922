package io.keywrap.crypto;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A crypto provider like one of a FIPS module: it makes the IVs that it encrypts with, and refuses those of others. What it
 * does is SunJCE's and SUN's, except for the flaws that it is given.
 */
public final class StubProvider extends Provider {
    private static final long serialVersionUID = 1L;

    /** What can be wrong with a provider. */
    public enum Flaw {
        DECRYPTS_WRONGLY,
        ACCEPTS_WRONG_TAGS,
        IGNORES_ASSOCIATED_DATA,
        REPEATS_IVS,
        COUNTS_IVS_IN_EACH_CIPHER,
        LONG_IVS,
        ENCRYPTS_NOTHING,
        KEEPS_ITS_KEY,
        SKIPS_KEYS_OF_ZEROS,
        WRONG_HMAC,
        ONE_HMAC_FOR_ALL_KEYS,
        WRONG_DIGEST,
        CONSTANT_RANDOM,
        EMPTY_RANDOM,
        NO_RANDOM,
        NO_HMAC,
        THROWS,
        LACKS_NATIVE_CODE,
        WANTS_ROOM_FOR_TAG,
        TAKES_IVS
    }

    private final transient Set<Flaw> flaws;
    private final AtomicInteger engines = new AtomicInteger();
    private final AtomicInteger keys = new AtomicInteger();
    private final AtomicInteger draws = new AtomicInteger();
    private final transient Seen seen = new Seen();

    /** A provider of this name. */
    public StubProvider(String name, Flaw... flaws) {
        this(name, () -> {}, flaws);
    }

    /** A good provider that takes IVs, until it is broken: then nothing begins any more. */
    public static StubProvider thatBreaks(BooleanSupplier broken) {
        return new StubProvider(
                "Broken",
                () -> {
                    if (broken.getAsBoolean()) {
                        throw new IllegalStateException("the module is in an error state");
                    }
                },
                Flaw.TAKES_IVS);
    }

    /** A provider that does something whenever a cipher begins. */
    StubProvider(String name, Runnable atInit, Flaw... flaws) {
        super(name, "1", "for tests");
        this.flaws = EnumSet.noneOf(Flaw.class);
        this.flaws.addAll(Set.of(flaws));
        Runnable counted = () -> {
            keys.incrementAndGet();
            atInit.run();
        };
        offer("Cipher", Suite.AES_GCM, () -> new StubEngines.Gcm(this.flaws, counted));
        offer("MessageDigest", Suite.SHA_256, () -> new StubEngines.Digest(has(Flaw.WRONG_DIGEST)));
        if (!has(Flaw.NO_HMAC)) {
            offer("Mac", Suite.HMAC_SHA_384, () -> new StubEngines.Hmac("HmacSHA384", this.flaws, counted, seen));
            offer("Mac", "HmacSHA256", () -> new StubEngines.Hmac("HmacSHA256", this.flaws, counted, seen));
        }
        if (!has(Flaw.NO_RANDOM)) {
            offer("SecureRandom", "DEFAULT", () -> new StubEngines.Random(this.flaws, draws));
        }
    }

    /** The very objects that its MACs were given as keys, and gave as tags, for who wants to know whether they are wiped. */
    static final class Seen {
        final List<Key> keys = new ArrayList<>();
        final List<byte[]> tags = new ArrayList<>();
    }

    Seen seen() {
        return seen;
    }

    private boolean has(Flaw flaw) {
        return flaws.contains(flaw);
    }

    /** How many ciphers, MACs, digests and random sources it was asked for. */
    public int engines() {
        return engines.get();
    }

    /** How often a cipher or MAC of it was given a key. */
    public int keyings() {
        return keys.get();
    }

    /** How often it was asked for random bytes. */
    public int draws() {
        return draws.get();
    }

    private void offer(String type, String algorithm, Supplier<Object> engine) {
        putService(new Service(this, type, algorithm, getClass().getName(), null, null) {
            @Override
            public Object newInstance(Object parameter) {
                engines.incrementAndGet();
                return engine.get();
            }
        });
    }

    static AssertionError impossible(GeneralSecurityException e) {
        return new AssertionError("the JDK has it", e);
    }
}
