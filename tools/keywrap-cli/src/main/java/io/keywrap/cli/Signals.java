package io.keywrap.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a command end by itself, with its own exit code, when the process is told to end by SIGINT or SIGTERM, until this is
 * closed. By reflection, since a JVM need not have such a class; without it the signals end the process as they always do.
 */
final class Signals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    /** What each signal did before. */
    private final Map<Object, Object> before = new HashMap<>();

    private final CountDownLatch end = new CountDownLatch(1);

    private Signals() {}

    /** The signals end nothing from now on, but are waited for. */
    static Signals caught() {
        Signals signals = new Signals();
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
