package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the one file of the command, and what of it a run without a cloud needs. */
class JarIT {
    /** Whoever adds a large dependency should see it here. */
    private static final long MAX_JAR_BYTES = 56_000_000;

    @TempDir
    Path folder;

    private static String text(String entry) throws Exception {
        try (JarFile jar = new JarFile(JarProcess.JAR.toFile())) {
            return new String(jar.getInputStream(jar.getJarEntry(entry)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theHttpClientOfTheJdkIsTheOnlyOne() throws Exception {
        try (JarFile jar = new JarFile(JarProcess.JAR.toFile())) {
            List<String> names = jar.stream().map(JarEntry::getName).toList();
            assertThat(names)
                    .contains("software/amazon/awssdk/http/urlconnection/UrlConnectionHttpClient.class")
                    .noneMatch(name -> name.startsWith("io/netty/"))
                    .noneMatch(name -> name.startsWith("org/apache/"))
                    .noneMatch(name -> name.startsWith("software/amazon/awssdk/http/apache"))
                    .noneMatch(name -> name.startsWith("software/amazon/awssdk/http/nio/"));
        }
        assertThat(text("META-INF/services/software.amazon.awssdk.http.SdkHttpService")
                        .lines()
                        .filter(line -> line.contains("awssdk")))
                .containsExactly("software.amazon.awssdk.http.urlconnection.UrlConnectionSdkHttpService");
    }

    @Test
    void theLicencesAndNoticesOfWhatIsInsideAreThere() throws Exception {
        assertThat(text("META-INF/LICENSE")).contains("Apache License");
        assertThat(text("META-INF/LICENSE.txt")).contains("Apache License");
        assertThat(text("META-INF/NOTICE.txt")).contains("AWS SDK for Java");
        assertThat(text("META-INF/NOTICE")).contains("Jackson");
        assertThat(text("META-INF/LICENSE.md")).contains("Bouncy Castle", "Permission is hereby granted");
        assertThat(text("META-INF/licenses/azure-sdk.txt")).contains("Microsoft", "Permission is hereby granted");
        // Its jar has it under the name of the AWS SDK's, of which one alone gets into this jar.
        assertThat(text("META-INF/licenses/slf4j-api.txt")).contains("QOS.ch", "Permission is hereby granted");
        assertThat(text("META-INF/licenses/google.txt"))
                .contains(
                        "protobuf-java", "google-auth-library", "api-common, gax, ", "Redistributions in binary form");
        assertThat(text("META-INF/licenses/threetenbp.txt"))
                .contains("Stephen Colebourne", "Redistributions in binary");
        assertThat(text("META-INF/licenses/logback.txt"))
                .contains("logback-core", "QOS.ch", "Eclipse Public License v2.0", "https://github.com/qos-ch/logback");
        assertThat(text("META-INF/licenses/progressbar.txt")).contains("Tongfei Chen", "Permission is hereby granted");
        assertThat(text("META-INF/licenses/jline.txt")).contains("jline-native", "Redistributions in binary form");
        assertThat(text("META-INF/licenses/postgresql.txt"))
                .contains("PostgreSQL Global Development Group", "OnGres", "Redistributions in binary form");
        assertThat(text("META-INF/licenses/sqlite-jdbc.txt")).contains("Taro L. Saito", "David Crawshaw");
        assertThat(text("META-INF/licenses/netty.txt")).contains("The Netty Project", "Tomcat Native");
    }

    @Test
    void noTextIsThereTwice() throws Exception {
        List<String> texts = new ArrayList<>();
        try (JarFile jar = new JarFile(JarProcess.JAR.toFile())) {
            assertThat(jar.stream().map(JarEntry::getName)).doesNotHaveDuplicates();
            for (JarEntry entry : jar.stream().toList()) {
                if (entry.getName().matches("META-INF/(licenses?/.*[^/]|.*(LICENSE|NOTICE|COPYING)[^/]*)")) {
                    texts.add(text(entry.getName()).replaceAll("\\s+", " "));
                }
            }
        }
        assertThat(texts).hasSizeGreaterThan(7).doesNotHaveDuplicates();
    }

    @Test
    void grpcComesWithoutWhatTheJdkHasItself() throws Exception {
        try (JarFile jar = new JarFile(JarProcess.JAR.toFile())) {
            assertThat(jar.stream().map(JarEntry::getName))
                    .contains("io/grpc/netty/shaded/io/grpc/netty/NettyServerBuilder.class")
                    .noneMatch(name -> name.startsWith("META-INF/native/"))
                    .noneMatch(name -> name.startsWith("io/grpc/xds/"))
                    .noneMatch(name -> name.startsWith("org/conscrypt/"))
                    .noneMatch(name -> name.endsWith(".proto"));
        }
        assertThat(text("META-INF/services/io.grpc.ServerProvider")).contains("NettyServerProvider");
        assertThat(Files.size(JarProcess.JAR)).isLessThan(MAX_JAR_BYTES);
    }

    @Test
    void grpcHasTheTlsOfTheJdk() throws Exception {
        Path source = Files.writeString(folder.resolve("Tls.java"), """
                import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
                public class Tls {
                    public static void main(String[] args) throws Exception {
                        var tls = GrpcSslContexts.forClient().build();
                        System.out.print(tls.getClass().getSimpleName() + tls.applicationProtocolNegotiator().protocols());
                    }
                }
                """);
        JarProcess.Result result = JarProcess.run(
                JarProcess.inFolder(
                        folder, List.of(JarProcess.JAVA, "-cp", JarProcess.JAR.toString(), source.toString())),
                new byte[0]);
        assertThat(result.out()).as(result.err()).endsWith("JdkSslClientContext[h2]");
    }

    @Test
    void aRunWithoutACloudMakesNoClientOfOne() throws Exception {
        TestRun.withKeychain(folder);
        Path loaded = folder.resolve("loaded");
        ProcessBuilder builder = JarProcess.inFolder(
                folder,
                List.of(
                        JarProcess.JAVA,
                        "-Xlog:class+load:file=" + loaded,
                        "-jar",
                        JarProcess.JAR.toString(),
                        "keychain",
                        "show",
                        "--store",
                        "store",
                        "--id",
                        TestRun.KEYCHAIN));
        builder.environment().put("KEYWRAP_KEYSTORES", "main=main.p12");
        builder.environment().put("KEYWRAP_KEYSTORE_PASSWORD", TestRun.PASSWORD);

        AwsProcess.assertDone(JarProcess.run(builder, new byte[0]));

        assertThat(Files.readString(loaded))
                .contains("io.keywrap.aws.AwsKms ")
                .contains("io.keywrap.gcp.GcpKms ")
                .doesNotContain("awssdk.services.kms.DefaultKms", "awssdk.http.urlconnection")
                .doesNotContain("kms.v1.KeyManagementServiceSettings", " io.grpc.")
                .doesNotContain("com.azure.", "com.microsoft.aad.", "reactor.core.");
        try (var lines = Files.lines(loaded)) {
            assertThat(lines.filter(line -> line.contains(" software.amazon.awssdk.")))
                    .hasSizeLessThan(30);
        }
    }
}
