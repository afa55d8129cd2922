package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.provider.KeyProviders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide to databases is true: its Java runs, and its tables of the schema have every column. */
class DatabaseDocsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Pattern BLOCK =
            Pattern.compile("^```java jdbc\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern TABLE =
            Pattern.compile("^`(keywrap_\\w+)`: .*?\\| --- .*?\\R(.*?)\\R\\R", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern COLUMN = Pattern.compile("^\\| `(\\w+)` \\|", Pattern.MULTILINE);
    private static final String IMPORTS = Stream.of(
                    "io.keywrap",
                    "io.keywrap.jdbc",
                    "io.keywrap.keychain",
                    "io.keywrap.provider",
                    "io.keywrap.store",
                    "java.time",
                    "java.util",
                    "javax.sql")
            .map(name -> "import " + name + ".*; ")
            .collect(Collectors.joining());

    @TempDir
    Path folder;

    private static String page() throws IOException {
        return Files.readString(ROOT.resolve("docs/guides/database-store.md"));
    }

    @Test
    void itsJavaCompilesAndRuns() throws Exception {
        List<String> blocks =
                BLOCK.matcher(page()).results().map(block -> block.group(1)).toList();
        assertThat(blocks).hasSize(2);
        compile(String.join("\n", blocks));
        URL[] path = {folder.toUri().toURL()};
        try (Database database = Database.of(Dialect.SQLITE, folder);
                Products products = Products.in(folder);
                URLClassLoader loader = new URLClassLoader(path, DatabaseDocsTest.class.getClassLoader())) {
            loader.loadClass("Example")
                    .getMethod("run", DataSource.class, KeyProviders.class, KekId.class, KekId.class)
                    .invoke(null, database.source, products.providers, Products.VENDOR, Products.CUSTOMER);
            assertThat(database.open().load("tenant-42/crm")).isPresent();
        }
    }

    @Test
    void itsTablesHaveEveryColumn() throws Exception {
        String page = page();
        try (Database database = Database.of(Dialect.SQLITE, folder)) {
            database.open();
            TreeSet<String> documented = new TreeSet<>();
            TABLE.matcher(page)
                    .results()
                    .forEach(table -> COLUMN.matcher(table.group(2))
                            .results()
                            .forEach(column -> documented.add(table.group(1) + "." + column.group(1))));
            String real = database.text("SELECT group_concat(t.name || '.' || c.name) FROM sqlite_master t,"
                    + " pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name LIKE 'keywrap_%'");
            assertThat(documented).isEqualTo(new TreeSet<>(List.of(real.split(","))));
        }
    }

    private void compile(String blocks) throws IOException {
        Path file = Files.writeString(
                folder.resolve("Example.java"),
                IMPORTS + "public class Example { public static void run(DataSource dataSource, KeyProviders providers,"
                        + " KekId vendorKek, KekId customerKek) {\n" + blocks + "\n} }");
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String path = System.getProperty("java.class.path");
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", folder.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s", messages).isZero();
    }
}
