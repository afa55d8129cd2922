package io.keywrap.cli;

/** What logback.xml leaves open until the command line is read. */
final class Logging {
    private Logging() {}

    /** Must be called before anything is logged: the configuration is read once. */
    static void show(boolean verbose, boolean json) {
        // With JSON standard error holds one object and nothing else.
        System.setProperty("keywrap.log.level", json ? "OFF" : verbose ? "DEBUG" : "WARN");
        // Below WARN the SDK of AWS logs what it signs, and with it a session token.
        System.setProperty("keywrap.log.aws", json ? "OFF" : "WARN");
        // The SDK of Azure logs as errors what it throws, which the command tells in its own words.
        System.setProperty("keywrap.log.azure", verbose && !json ? "WARN" : "OFF");
        System.setProperty("keywrap.log.trace", verbose ? "%ex" : "%nopex");
    }
}
