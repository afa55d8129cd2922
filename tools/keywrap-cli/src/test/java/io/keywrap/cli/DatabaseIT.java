package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged command with its own drivers, and a real PostgreSQL server that wants a password. */
class DatabaseIT {
    private static final String SECRET = "hush-hush";

    @TempDir
    Path folder;

    private EmbeddedPostgres server;
    private String url;

    @BeforeEach
    void start() throws Exception {
        new TestRun(folder).withKek();
        Path data = folder.resolve("postgres");
        server = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setDataDirectory(data)
                .start();
        Path access = data.resolve("pg_hba.conf");
        Files.writeString(access, "host all keeper all scram-sha-256\n" + Files.readString(access));
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_reload_conf()");
            statement.execute("CREATE ROLE keeper LOGIN PASSWORD '" + SECRET + "'");
            statement.execute("CREATE SCHEMA keeper AUTHORIZATION keeper");
        }
        url = "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres";
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private ProcessBuilder keywrap(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--store", url, "--store-user", "keeper"));
        ProcessBuilder builder = JarProcess.command(folder, all.toArray(String[]::new));
        builder.environment().put("KEYWRAP_KEYSTORES", "main=main.p12");
        builder.environment().put("KEYWRAP_KEYSTORE_PASSWORD", TestRun.PASSWORD);
        return builder;
    }

    private static String must(ProcessBuilder builder) throws Exception {
        JarProcess.Result result = JarProcess.run(builder, new byte[0]);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out() + result.err()).doesNotContain(SECRET);
        return result.out();
    }

    private String withFile(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--store-password-file", "store-password.txt"));
        return must(keywrap(all.toArray(String[]::new)));
    }

    @Test
    void keepsKeychainsThere() throws Exception {
        Files.writeString(folder.resolve("store-password.txt"), SECRET + "\nmore\n");
        Files.writeString(folder.resolve("in"), "hello");

        withFile("keychain", "create", "--id", "tenant-42", "--kek", "keystore:main#kek");
        withFile("encrypt", "--keychain", "tenant-42", "in", "out");
        withFile("keychain", "rotate", "--id", "tenant-42");
        withFile("decrypt", "--keychain", "tenant-42", "out", "back");
        ProcessBuilder list = keywrap("keychain", "list");
        list.environment().put("KEYWRAP_STORE_PASSWORD", SECRET);

        assertThat(must(list)).isEqualTo("tenant-42\n");
        assertThat(folder.resolve("back")).hasContent("hello");
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT revision FROM keeper.keywrap_keychain")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getLong(1)).isEqualTo(2);
        }
    }

    @Test
    void aWrongPasswordIsToldWithoutIt() throws Exception {
        ProcessBuilder list = keywrap("keychain", "list", "-v");
        list.environment().put("KEYWRAP_STORE_PASSWORD", "wrong-" + SECRET);

        JarProcess.Result result = JarProcess.run(list, new byte[0]);

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.err())
                .contains("the database of the store cannot be reached (SQLSTATE 28P01)", "user and password")
                .doesNotContain(SECRET);
    }
}
