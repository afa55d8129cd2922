package io.keywrap.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** All commands, and how each is run: parsed, executed, its failure reported, its exit code given. */
final class CommandTree {
    private static final int HELP_COLUMNS = 100;

    private final Host host;
    private final ResultStream results;
    private final KeywrapCommand root;
    private final CommandLine commands;
    private boolean reported;

    CommandTree(Host host) {
        this.results = new ResultStream(host.out());
        this.host = host.withOut(results);
        this.root = new KeywrapCommand(this.host);
        this.commands = new CommandLine(root);
    }

    /**
     * Adds the command that the first argument names, or all of them if it names none: to build them all takes a tenth of
     * a second.
     */
    private void addCommands(String[] arguments) {
        Map<String, Supplier<CommandLine>> all = all();
        String first = arguments.length == 0 ? "" : arguments[0];
        all.keySet().retainAll(all.containsKey(first) ? Set.of(first) : Set.copyOf(all.keySet()));
        all.forEach((name, command) -> commands.addSubcommand(name, command.get()));
        dress(commands);
        commands.getCommandSpec().usageMessage().exitCodeList(ExitCode.table());
        configure();
    }

    private Map<String, Supplier<CommandLine>> all() {
        Map<String, Supplier<CommandLine>> all = new LinkedHashMap<>();
        all.put("demo", () -> new CommandLine(new DemoCommand(root)));
        all.put(
                "keystore",
                () -> new CommandLine(new KeystoreCommand()).addSubcommand("create", new KeystoreCreateCommand(root)));
        all.put("kek", this::kek);
        all.put("drill", () -> new CommandLine(new DrillCommand(root)));
        all.put("keychain", this::keychain);
        all.put("rewrap", () -> new CommandLine(new RewrapCommand(root)));
        all.put(
                "store",
                () -> new CommandLine(new StoreCommand())
                        .addSubcommand("check", new StoreCheckCommand(root))
                        .addSubcommand("export", new StoreExportCommand(root))
                        .addSubcommand("import", new StoreImportCommand(root))
                        .addSubcommand("rebuild", new StoreRebuildCommand(root)));
        all.put(
                "azure-cert",
                () -> new CommandLine(new AzureCertCommand())
                        .addSubcommand("create", new AzureCertCreateCommand(root))
                        .addSubcommand("show", new AzureCertShowCommand(root))
                        .addSubcommand("renew", new AzureCertRenewCommand(root)));
        all.put("byok", this::byok);
        all.put("encrypt", () -> new CommandLine(new EncryptCommand(root)));
        all.put("decrypt", () -> new CommandLine(new DecryptCommand(root)));
        all.put("rewrap-file", () -> new CommandLine(new RewrapFileCommand(root)));
        all.put("inspect", () -> new CommandLine(new InspectCommand(root)));
        all.put(
                "emulator",
                () -> new CommandLine(new EmulatorCommand())
                        .addSubcommand("aws", new EmulatorAwsCommand(root))
                        .addSubcommand("gcp", new EmulatorGcpCommand(root))
                        .addSubcommand("azure", new EmulatorAzureCommand(root)));
        return all;
    }

    private CommandLine byok() {
        return new CommandLine(new ByokCommand())
                .addSubcommand("transport-key", new ByokTransportKeyCommand(root))
                .addSubcommand("import", new ByokImportCommand(root))
                .addSubcommand("activate", new ByokActivateCommand(root))
                .addSubcommand("archive", new ByokArchiveCommand(root))
                .addSubcommand("revoke", new ByokRevokeCommand(root))
                .addSubcommand("drop", new ByokDropCommand(root))
                .addSubcommand("list", new ByokListCommand(root))
                .addSubcommand("rewrap", new ByokRewrapCommand(root))
                .addSubcommand("status", new ByokStatusCommand(root));
    }

    private CommandLine kek() {
        return new CommandLine(new KekCommand())
                .addSubcommand("explain", new KekExplainCommand(root))
                .addSubcommand("check", new KekCheckCommand(root))
                .addSubcommand("list", new KekListCommand(root))
                .addSubcommand(
                        "policy",
                        new CommandLine(new KekPolicyCommand())
                                .addSubcommand("aws", new KekPolicyAwsCommand(root))
                                .addSubcommand("gcp", new KekPolicyGcpCommand(root))
                                .addSubcommand("azure", new KekPolicyAzureCommand(root)))
                .addSubcommand("status", new KekStatusCommand(root))
                .addSubcommand("watch", new KekWatchCommand(root))
                .addSubcommand("dependents", new KekDependentsCommand(root));
    }

    private CommandLine keychain() {
        return new CommandLine(new KeychainCommand())
                .addSubcommand("create", new KeychainCreateCommand(root))
                .addSubcommand("list", new KeychainListCommand(root))
                .addSubcommand("show", new KeychainShowCommand(root))
                .addSubcommand("rotate", new KeychainRotateCommand(root))
                .addSubcommand("rotate-all", new KeychainRotateAllCommand(root))
                .addSubcommand("migrate", new KeychainMigrateCommand(root))
                .addSubcommand("recipients", new KeychainRecipientsCommand(root))
                .addSubcommand("repair", new KeychainRepairCommand(root))
                .addSubcommand("openers", new KeychainOpenersCommand(root))
                .addSubcommand("destroy", new KeychainDestroyCommand(root));
    }

    /** Help and version on every level. */
    private static void dress(CommandLine command) {
        command.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new Version());
        command.getSubcommands().values().forEach(CommandTree::dress);
    }

    /** Reaches only the commands that are there. */
    private void configure() {
        commands.setOut(new PrintWriter(host.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(host.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setUsageHelpWidth(HELP_COLUMNS)
                .setExpandAtFiles(false)
                .setAllowOptionsAsOptionParameters(false)
                .setOverwrittenOptionsAllowed(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(this::misused)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command))
                .setExecutionStrategy(this::execute);
    }

    /** Runs the command that the arguments name, and gives its exit code. */
    int run(String... arguments) {
        // Before anything is parsed: what reads an argument may be the first to have a logger.
        Logging.show(isGiven(arguments, "-v", "--verbose"), isGiven(arguments, "--json"));
        try {
            addCommands(arguments);
            int exitCode = commands.execute(arguments);
            return reported ? exitCode : checkResults(exitCode);
        } finally {
            host.err().flush();
        }
    }

    /** A result that nobody got is none. */
    private int checkResults(int exitCode) {
        commands.getOut().flush();
        return results.failure()
                .map(e -> failed(new IOException(lost() + Failures.message(e), e), commands))
                .orElse(exitCode);
    }

    /** Who reads that the result is lost must not do the work again. */
    private String lost() {
        String what = "standard output cannot be written: ";
        return root.done()
                .map(done -> done + "; this is done, and only the result is lost: " + what)
                .orElse(what);
    }

    private int execute(ParseResult parsed) {
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        try {
            root.checkKeyStoreOptions();
        } catch (UsageException e) {
            throw new ParameterException(last(parsed), String.valueOf(e.getMessage()), e);
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static CommandLine last(ParseResult parsed) {
        List<CommandLine> levels = parsed.asCommandLineList();
        return levels.get(levels.size() - 1);
    }

    private int misused(ParameterException failure, String[] arguments) {
        ParameterException told = failure.getCommandLine().getCommand() instanceof KekExplainCommand
                ? KekExplainCommand.withoutWhatWasPasted(failure)
                : failure;
        return report(told, failure.getCommandLine(), new Failures(host, isGiven(arguments, "--json"), false));
    }

    /** Whether an option stands on the command line, under one of its names. No other option takes it for its value. */
    private static boolean isGiven(String[] arguments, String... names) {
        List<String> options = Arrays.asList(arguments);
        int end = options.indexOf("--");
        return !Collections.disjoint(end < 0 ? options : options.subList(0, end), List.of(names));
    }

    private int failed(Exception failure, CommandLine command) {
        return report(failure, command, new Failures(host, root.json(), root.verbose()));
    }

    private int report(Exception failure, CommandLine command, Failures failures) {
        reported = true;
        int exitCode = failures.report(failure);
        if (exitCode == ExitCode.USAGE && !failures.json()) {
            host.err().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        }
        return exitCode;
    }

    /** The release, as the manifest of the jar says it. */
    private static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String release = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "keywrap " + Objects.requireNonNullElse(release, "(development)") + ", Java " + Runtime.version()
            };
        }
    }
}
