package io.keywrap.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The classes of the command as the JVM keeps them in memory, which halves the start of each of the hundreds of processes
 * that the tests start. Made once; the classes are those of a call that AWS refuses.
 */
final class SharedClasses {
    private SharedClasses() {}

    /** What makes a JVM with {@code options} use the archive, which stays in the folder of the build; nothing if none was made. */
    static List<String> options(List<String> options) {
        try {
            Path folder = Files.createDirectories(JarProcess.JAR.resolveSibling("shared-classes"));
            Path call = folder.resolve("call");
            refusedCall(folder, options, call);
            Path archive = folder.resolve("keywrap.jsa");
            Files.deleteIfExists(archive);
            List<String> dump = new ArrayList<>(options);
            dump.addAll(List.of(
                    "-Xshare:dump",
                    "-XX:SharedClassListFile=" + call,
                    "-XX:SharedArchiveFile=" + archive,
                    "-Xlog:disable",
                    "-cp",
                    JarProcess.JAR.toString()));
            JarProcess.run(JarProcess.inFolder(folder, dump), new byte[0]);
            return Files.exists(archive) ? List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void refusedCall(Path folder, List<String> options, Path list)
            throws IOException, InterruptedException {
        HttpServer aws = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        aws.createContext("/", exchange -> {
            byte[] refusal = "{\"__type\":\"NotFoundException\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(400, refusal.length);
            exchange.getResponseBody().write(refusal);
            exchange.close();
        });
        aws.start();
        try {
            ProcessBuilder builder = JarProcess.inFolder(
                    folder,
                    command(
                            options,
                            List.of("-XX:DumpLoadedClassList=" + list),
                            "kek",
                            "status",
                            "aws-kms://arn:aws:kms:us-east-1:111122223333:key/58357fb7-d42c-41e5-9558-ff48b4443b74"));
            builder.environment().put("AWS_ACCESS_KEY_ID", "refused");
            builder.environment().put("AWS_SECRET_ACCESS_KEY", "refused");
            builder.environment()
                    .put(
                            "AWS_ENDPOINT_URL_KMS",
                            "http://127.0.0.1:" + aws.getAddress().getPort());
            JarProcess.run(builder, new byte[0]);
        } finally {
            aws.stop(0);
        }
    }

    private static List<String> command(List<String> options, List<String> more, String... arguments) {
        List<String> all = new ArrayList<>(options);
        all.addAll(more);
        all.addAll(List.of("-Xlog:disable", "-jar", JarProcess.JAR.toString()));
        all.addAll(List.of(arguments));
        return all;
    }
}
