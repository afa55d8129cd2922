package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/**
 * A class of the testkit with one line broken.
 *
 * @param what what is broken, for people
 * @param type the class
 * @param line a piece of its source that occurs once
 * @param broken what stands in its place
 * @param caughtBy the test whose name says it
 */
record Mutant(String what, Class<?> type, String line, String broken, String caughtBy) {
    /**
     * The tests of a suite that fail when it meets this class instead of the right one, compiled into a folder. Only the
     * nested class is run of which a test is to catch it, if it names one.
     */
    Set<String> failuresOf(Class<?> suite, Path folder) throws Exception {
        compile(brokenSource(), folder);
        Class<?> met = new MutantLoader(folder, suite.getClassLoader()).loadClass(suite.getName());
        String nested = caughtBy.substring(0, caughtBy.indexOf('.') + 1);
        return nested.isEmpty() ? failuresOf(met) : failuresOf(selectNestedClass(List.of(met), nestedIn(met, nested)));
    }

    private static Class<?> nestedIn(Class<?> suite, String nameAndDot) {
        return ReflectionSupport.streamNestedClasses(suite, one -> nameAndDot.equals(one.getSimpleName() + "."))
                .findFirst()
                .orElseThrow();
    }

    /** The tests of a suite that fail, by the names of their methods, bare and after that of their nested class. */
    static Set<String> failuresOf(Class<?> suite) {
        return failuresOf(selectClass(suite));
    }

    /** The tests of a suite that are skipped by themselves, by the same names. */
    static Set<String> abortedOf(Class<?> suite) {
        return namesOf(run(selectClass(suite)).aborted());
    }

    private static Set<String> failuresOf(DiscoverySelector tests) {
        return namesOf(run(tests).failed());
    }

    private static Events run(DiscoverySelector tests) {
        return EngineTestKit.engine("junit-jupiter").selectors(tests).execute().testEvents();
    }

    private static Set<String> namesOf(Events tests) {
        return tests.map(event -> event.getTestDescriptor())
                .flatMap(test -> Stream.of("", test.getParent().orElseThrow().getDisplayName() + ".")
                        .map(prefix -> prefix + test.getDisplayName().replaceAll("\\(.*", "")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private String brokenSource() throws IOException {
        Path file = Path.of("src", "main", "java", type.getName().replace('.', '/') + ".java");
        String source = Files.readString(file);
        assertThat(source.split(Pattern.quote(line), -1))
                .as("'%s' occurs once in %s", line, file)
                .hasSize(2);
        return source.replace(line, broken);
    }

    private void compile(String source, Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve(type.getSimpleName() + ".java"), source);
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages, true);
        String path = System.getProperty("java.class.path");
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-d", folder.toString(), "-cp", path, "-proc:none", file.toString());
        assertThat(code).as("%s: %s", what, messages).isZero();
    }

    @Override
    public String toString() {
        return what;
    }

    /** Loads the testkit and its tests anew, so that they meet the broken class; all else is the parent's. */
    private static final class MutantLoader extends ClassLoader {
        private static final String TESTKIT = "io.keywrap.testkit.";

        private final Path broken;

        MutantLoader(Path broken, ClassLoader parent) {
            super(parent);
            this.broken = broken;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(TESTKIT)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            String file = name.replace('.', '/') + ".class";
            try (InputStream in = Files.exists(broken.resolve(file))
                    ? Files.newInputStream(broken.resolve(file))
                    : getParent().getResourceAsStream(file)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
