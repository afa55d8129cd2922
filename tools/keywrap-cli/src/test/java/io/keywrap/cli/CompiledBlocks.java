package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;

/** The Java of a page, compiled against what the tests have on their class path. */
final class CompiledBlocks {
    private CompiledBlocks() {}

    /** Compiles a class with the name Example into a folder, and returns the folder. */
    static Path in(Path classes, String source) throws IOException {
        Path file = Files.writeString(classes.resolve("Example.java"), source);
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(
                        out,
                        out,
                        "-d",
                        classes.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-proc:none",
                        file.toString());
        assertThat(code).as("%s", messages).isZero();
        return classes;
    }
}
