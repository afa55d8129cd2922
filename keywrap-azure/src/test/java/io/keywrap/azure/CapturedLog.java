package io.keywrap.azure;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** All that is logged meanwhile, at every level, stack traces included. */
final class CapturedLog {
    private CapturedLog() {}

    static String of(Runnable action) {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.setContext(root.getLoggerContext());
        events.start();
        root.addAppender(events);
        root.setLevel(Level.TRACE);
        try {
            action.run();
        } finally {
            root.setLevel(before);
            root.detachAppender(events);
        }
        return List.copyOf(events.list).stream()
                .map(event -> event.getFormattedMessage() + ThrowableProxyUtil.asString(event.getThrowableProxy()))
                .collect(Collectors.joining("\n"));
    }
}
