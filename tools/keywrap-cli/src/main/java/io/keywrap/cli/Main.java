package io.keywrap.cli;

/** Where the JVM starts. */
final class Main {
    private Main() {}

    /**
     * Runs the command and ends the JVM with its exit code.
     *
     * @param arguments the arguments of the command line
     */
    public static void main(String[] arguments) {
        System.exit(new CommandTree(Host.ofProcess()).run(arguments));
    }
}
