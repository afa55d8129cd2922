package io.keywrap.testkit;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One way to withdraw a KEK, and perhaps the way back: with what follows from it, to be {@link #prove proven} with a monitor.
 *
 * @param by what the owner does, by the name of the emulator's method or constant, or of the cloud's own operation
 * @param name which way
 * @param kek makes the KEK, which works
 * @param withdraw withdraws it
 * @param giveBack gives it back; null if it cannot be
 * @param reason why it is revoked; null of one that is not found
 * @param code what the KMS calls it; null if it has no word for it
 * @param <W> what the KEK is in, such as an emulator
 */
public record Withdrawal<W>(
        String by,
        String name,
        Function<W, KekId> kek,
        Act<W> withdraw,
        @Nullable Act<W> giveBack,
        @Nullable Reason reason,
        @Nullable String code) {
    /** The longest time between canaries of a KEK that was revoked just now, with one call and a turn of the monitor. */
    public static final Duration LONGEST_WAY_BACK = Duration.ofSeconds(36 + 5 + 1);

    private static final Duration FOR_GOOD = Duration.ofMinutes(12);

    /**
     * What somebody does.
     *
     * @param <W> to what
     */
    @FunctionalInterface
    public interface Act<W> {
        /**
         * Does it.
         *
         * @param world where
         * @throws Exception if it cannot be done
         */
        void in(W world) throws Exception;
    }

    /**
     * How long it took.
     *
     * @param noticed until it was noticed
     * @param bound how long that may take
     * @param back until it was noticed that it works again; empty if there is no way back
     */
    public record Proof(Duration noticed, Duration bound, Optional<Duration> back) {}

    /**
     * Which state it comes to.
     *
     * @return {@link KekState#DESTROYED} of one that is deleted, else {@link KekState#REVOKED}
     */
    public KekState state() {
        return reason == Reason.DELETED ? KekState.DESTROYED : KekState.REVOKED;
    }

    /**
     * Does it while the KEK is watched and nobody uses it, and checks that it is noticed in time, with its reason and code; that
     * no lease is given then; and that all is well again soon after the way back, or never without one.
     *
     * @param world what the KEK is in
     * @param keks with the world's KMS and clock
     * @return how long it took
     * @throws AssertionError if anything is not as it should be
     * @throws Exception if the way cannot be gone
     */
    public Proof prove(W world, WatchedKeks keks) throws Exception {
        WatchedKeks.Kek watched = keks.add(kek.apply(world));
        watched.lease();
        keks.run(Duration.ofMinutes(3));
        require(watched.standing().state() == KekState.ACTIVE, "it does not work before: " + watched.standing());
        withdraw.in(world);
        Duration bound = reason == Reason.DENIED
                ? keks.monitor().boundOfDenials()
                : keks.monitor().bound();
        Duration noticed = watched.until(state(), bound);
        requireToldWhy(watched.standing());
        requireRefused(watched);
        Act<W> back = giveBack;
        if (back == null) {
            keks.run(FOR_GOOD);
            require(watched.standing().state() == state(), "it does not stay withdrawn: " + watched.standing());
            requireRefused(watched);
            return new Proof(noticed, bound, Optional.empty());
        }
        back.in(world);
        Duration returned = watched.until(KekState.ACTIVE, LONGEST_WAY_BACK);
        require(watched.standing().cause().isEmpty(), "it is well, and has a cause: " + watched.standing());
        watched.lease();
        return new Proof(noticed, bound, Optional.of(returned));
    }

    private void requireToldWhy(KekStanding standing) {
        KekException cause =
                standing.cause().orElseThrow(() -> new AssertionError("it is withdrawn without a cause: " + standing));
        Reason told = cause instanceof KekRevokedException revoked ? revoked.reason() : null;
        require(told == reason, "the reason is not " + reason + ": " + cause);
        require(cause.rawCode().equals(Optional.ofNullable(code)), "the code is not " + code + ": " + cause.rawCode());
        require(!cause.operatorAction().isBlank(), "nobody is told what to do: " + cause);
    }

    private void requireRefused(WatchedKeks.Kek watched) {
        try {
            watched.lease();
        } catch (KekException e) {
            Reason told = e instanceof KekRevokedException revoked ? revoked.reason() : null;
            require(told == reason, "a lease is not refused for " + reason + ": " + e);
            return;
        }
        throw new AssertionError("a lease is given of a KEK that is withdrawn: " + watched.standing());
    }

    private static void require(boolean so, String otherwise) {
        if (!so) {
            throw new AssertionError(otherwise);
        }
    }

    /**
     * What an owner can do that no way does: each constant of an enum, and each public method of a class that gives nothing.
     *
     * @param ways the ways
     * @param harmless names of what withdraws nothing
     * @param places the classes and enums of what owners can do
     * @return the names that are missing, and those that are called harmless and are not there
     */
    public static List<String> missing(
            Collection<? extends Withdrawal<?>> ways, Set<String> harmless, Class<?>... places) {
        List<String> all = Arrays.stream(places).flatMap(Withdrawal::acts).toList();
        List<String> done = ways.stream().<String>map(Withdrawal::by).toList();
        return Stream.concat(
                        all.stream().filter(name -> !done.contains(name) && !harmless.contains(name)),
                        harmless.stream().filter(name -> !all.contains(name)))
                .sorted()
                .toList();
    }

    private static Stream<String> acts(Class<?> place) {
        return place.isEnum()
                ? Arrays.stream(place.getEnumConstants()).map(one -> ((Enum<?>) one).name())
                : Arrays.stream(place.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()))
                        .filter(method -> method.getReturnType() == void.class)
                        .map(Method::getName)
                        .distinct();
    }

    /**
     * Which way.
     *
     * @return such as {@code disable: by its owner}
     */
    @Override
    public String toString() {
        return by + ": " + name;
    }
}
