package io.keywrap.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A {@link DoomedWriter} that is killed with SIGKILL at a random point of its life. */
final class KilledProcess {
    private static final int SIGKILLED = 128 + 9;
    private static final long BACKSTOP_SECONDS = 60;

    private final Process process;
    private final Path errors;
    private final Kill kill;
    private final ScheduledExecutorService clock;
    private volatile boolean hung;

    private KilledProcess(Process process, Path errors, Kill kill, ScheduledExecutorService clock) {
        this.process = process;
        this.errors = errors;
        this.kill = kill;
        this.clock = clock;
    }

    static KilledProcess start(Path folder, String name, SplittableRandom random, ScheduledExecutorService clock)
            throws IOException {
        Path errors = Files.createTempFile(folder, "errors", ".txt");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DoomedWriter.class.getName(),
                        folder.toString(),
                        name,
                        Long.toString(random.nextLong())))
                .redirectError(errors.toFile())
                .start();
        return new KilledProcess(process, errors, Kill.random(random), clock);
    }

    /** Reads what it tells, kills it when it is time, and reads the rest. */
    String run() throws Exception {
        clock.schedule(this::giveUp, BACKSTOP_SECONDS, TimeUnit.SECONDS);
        if (kill.when == When.AFTER_START) {
            clock.schedule(this::kill, kill.count, TimeUnit.MICROSECONDS);
        }
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        byte[] buffer = new byte[1024];
        int lines = 0;
        try (InputStream in = process.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++) {
                    told.write(buffer[i]);
                    lines += buffer[i] == '\n' ? 1 : 0;
                    heed(told.size(), lines, buffer[i]);
                }
            }
        }
        assertThat(process.waitFor()).as(Files.readString(errors)).isEqualTo(SIGKILLED);
        assertThat(hung).as("did nothing for %d s; %s", BACKSTOP_SECONDS, kill).isFalse();
        return told.toString(StandardCharsets.UTF_8);
    }

    private void heed(int bytes, int lines, byte last) {
        if (kill.when == When.AFTER_READY && last == '\n' && lines == 1) {
            clock.schedule(this::kill, kill.count, TimeUnit.MICROSECONDS);
        }
        if ((kill.when == When.AT_BYTE && bytes == kill.count) || (kill.when == When.AT_LINE && lines == kill.count)) {
            kill();
        }
    }

    /** Not by {@link Process#destroyForcibly()}, which closes the stream with what was told and not read yet. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    private void giveUp() {
        hung = process.isAlive();
        kill();
    }

    private enum When {
        AFTER_START,
        AFTER_READY,
        AT_LINE,
        AT_BYTE
    }

    /** When to kill: after microseconds, or once so many lines or bytes were told. */
    private record Kill(When when, int count) {
        static Kill random(SplittableRandom random) {
            int kind = random.nextInt(10);
            if (kind == 0) {
                return new Kill(When.AFTER_START, random.nextInt(1_500_000));
            }
            if (kind < 6) {
                return new Kill(When.AFTER_READY, random.nextInt(400_000));
            }
            return kind < 8
                    ? new Kill(When.AT_LINE, random.nextInt(1, 250))
                    : new Kill(When.AT_BYTE, random.nextInt(1, 80_000));
        }
    }
}
