package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** 200,000 keychains in a database, and a JVM of 64 MiB that works with them. */
@Tag("endurance")
class KeychainsInADatabaseEnduranceTest {
    private static final int COUNT = 200_000;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void areFoundByIndexes(Dialect dialect) throws Exception {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyKeychains.class.getName(),
                        url(dialect),
                        Integer.toString(COUNT)))
                .redirectErrorStream(true)
                .start();
        try (BufferedReader lines = process.inputReader()) {
            lines.lines().forEach(System.out::println);
        }
        assertThat(process.waitFor()).isZero();
    }

    private String url(Dialect dialect) {
        if (dialect == Dialect.SQLITE) {
            return "jdbc:sqlite:" + folder.resolve("keychains.db");
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(((PGSimpleDataSource) Database.postgres()).getUrl());
        source.setCurrentSchema(Database.newSchema());
        return source.getUrl();
    }
}
