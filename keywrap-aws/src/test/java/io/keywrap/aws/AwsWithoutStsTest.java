package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekConfigurationException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The SDK's {@code sts} is optional: without it a role cannot be assumed, and all else works. */
class AwsWithoutStsTest {
    private static final String KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    @Test
    void aRoleNeedsItAndTheOperatorIsToldSo() throws Exception {
        assertThat(without("/sts-", WithRole.class))
                .startsWith(KekConfigurationException.class.getName())
                .contains("aws-kms://" + KEY)
                .contains("add what is missing to the class path")
                .contains("software.amazon.awssdk:sts");
    }

    @Test
    void nothingElseNeedsIt() throws Exception {
        assertThat(without("/sts-", WithoutRole.class)).isEqualTo("made");
    }

    @Test
    void withItTheRoleIsFine() throws Exception {
        assertThat(without("/no-such-jar-", WithRole.class)).isEqualTo("made");
    }

    /** What an attempt tells in a JVM whose class path lacks a jar. */
    private static String without(String jar, Class<? extends Supplier<String>> attempt) throws Exception {
        URL[] path = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains(jar))
                .map(AwsWithoutStsTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
            Supplier<?> made = (Supplier<?>)
                    loader.loadClass(attempt.getName()).getConstructor().newInstance();
            return String.valueOf(made.get());
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a provider with a role. */
    public static final class WithRole implements Supplier<String> {
        @Override
        public String get() {
            return made(AwsKms.builder().assumeRole(AwsRole.of("arn:aws:iam::111122223333:role/keywrap")));
        }
    }

    /** Makes a provider without a role. */
    public static final class WithoutRole implements Supplier<String> {
        @Override
        public String get() {
            return made(AwsKms.builder());
        }
    }

    static String made(AwsKms.Builder builder) {
        try {
            builder.build().create(EmulatedKms.kekId(KEY)).close();
            return "made";
        } catch (KekConfigurationException e) {
            return e.toString();
        }
    }
}
