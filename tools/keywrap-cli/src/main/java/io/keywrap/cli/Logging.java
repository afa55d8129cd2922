package io.keywrap.cli;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What logback.xml leaves open until the command line is read. */
final class Logging {
    /** Held here, since the JDK forgets the level of a logger that nobody holds. */
    private static final List<Logger> GOOGLE = List.of(Logger.getLogger("io.grpc"), Logger.getLogger("com.google"));

    private Logging() {}

    /** Must be called before anything is logged: the configuration is read once. */
    static void show(boolean verbose, boolean json) {
        // With JSON standard error holds one object and nothing else.
        System.setProperty("keywrap.log.level", json ? "OFF" : verbose ? "DEBUG" : "WARN");
        // What becomes of KEKs the command tells in its own words.
        System.setProperty("keywrap.log.keks", verbose && !json ? "DEBUG" : "OFF");
        // Below WARN the SDK of AWS logs what it signs, and with it a session token, and gRPC each frame.
        System.setProperty("keywrap.log.clients", json ? "OFF" : "WARN");
        // The SDK of Azure logs as errors what it throws, which the command tells in its own words.
        System.setProperty("keywrap.log.azure", verbose && !json ? "WARN" : "OFF");
        // What Google's libraries log, they log by the JDK, which writes to standard error by itself.
        GOOGLE.forEach(logger -> logger.setLevel(json ? Level.OFF : Level.WARNING));
        System.setProperty("keywrap.log.trace", verbose ? "%ex" : "%nopex");
    }
}
