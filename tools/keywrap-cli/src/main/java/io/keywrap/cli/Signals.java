package io.keywrap.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a command end by itself, with its own exit code, when the process is told to end by SIGINT or SIGTERM, until this is
 * closed. By reflection, since a JVM need not have such a class; without it the signals end the process as they always do.
 */
final class Signals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    /** What each signal did before. */
    private final Map<Object, Object> before = new ConcurrentHashMap<>();

    private final CountDownLatch end = new CountDownLatch(1);

    private final Runnable told;

    private Signals(Runnable told) {
        this.told = told;
    }

    /** The signals end nothing from now on, but are waited for. */
    static Signals caught() {
        return catching(new Signals(() -> {}));
    }

    /** The first signal has work end by itself; the next one ends the process as it always does. */
    static Signals caught(Runnable end) {
        AtomicReference<@Nullable Signals> signals = new AtomicReference<>();
        Signals once = new Signals(() -> {
            end.run();
            Signals caught = signals.get();
            if (caught != null) {
                caught.close();
            }
        });
        signals.set(once);
        return catching(once);
    }

    private static Signals catching(Signals signals) {
        try {
            for (String name : List.of("INT", "TERM")) {
                Object signal = signal().getConstructor(String.class).newInstance(name);
                signals.before.put(signal, handle(signal, handler(signals::end)));
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("this JVM tells of no signals", e);
        }
        return signals;
    }

    /** Does what a signal does. */
    void end() {
        end.countDown();
        told.run();
    }

    /** Waits for a signal, and tells whether there was one. */
    boolean await(long millis) throws InterruptedException {
        return end.await(millis, TimeUnit.MILLISECONDS);
    }

    private static Class<?> signal() throws ClassNotFoundException {
        return Class.forName("sun.misc.Signal");
    }

    private static Object handler(Runnable end) throws ClassNotFoundException {
        InvocationHandler told = (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
                end.run();
                return null;
            }
            return method.invoke(end, arguments); // equals, hashCode and toString
        };
        Class<?> type = Class.forName("sun.misc.SignalHandler");
        return Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {type}, told);
    }

    private static Object handle(Object signal, Object handler) throws ReflectiveOperationException {
        Method handle = signal().getMethod("handle", signal(), Class.forName("sun.misc.SignalHandler"));
        return handle.invoke(null, signal, handler);
    }

    /** The signals do again what they did before. */
    @Override
    public void close() {
        before.forEach((signal, handler) -> {
            try {
                handle(signal, handler);
            } catch (ReflectiveOperationException | RuntimeException e) {
                LOG.debug("a signal keeps its handler", e);
            }
        });
    }
}
