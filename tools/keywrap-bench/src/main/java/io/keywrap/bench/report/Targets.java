package io.keywrap.bench.report;

import static io.keywrap.bench.report.Contestants.AWS;
import static io.keywrap.bench.report.Contestants.KEYWRAP;
import static io.keywrap.bench.report.Contestants.PEERS;
import static io.keywrap.bench.report.Contestants.TINK;
import static io.keywrap.bench.report.Contestants.group;

import java.util.ArrayList;
import java.util.List;

/**
 * What keywrap is meant to reach, beside the others.
 *
 * @param title in words, what the targets are for
 * @param targets the targets
 */
record Targets(String title, List<Target> targets) {
    private static final Contestants BARE = group("bare loop");
    private static final Contestants COPY = group("plain copy");
    private static final Contestants HELD = KEYWRAP.named("held");
    /** What every JDK brings. */
    private static final String OWN = "SunJCE";

    static List<Targets> all() {
        return List.of(
                new Targets("Warm, memory to sink, one thread", memory()),
                new Targets("Warm, file to file, two threads", file()),
                new Targets("The first file of a fresh JVM, without an extra provider", fresh()),
                new Targets("Whole processes from a shell, start of the JVM included", shell()),
                new Targets("Records of 1 KiB, while a lease of the DEK is held", small()),
                new Targets(
                        "Random reads of 64 KiB",
                        List.of(Target.of(
                                "Tink's seekable channel, median",
                                Question.RANDOM_READ,
                                KEYWRAP.named("median$"),
                                TINK.named("median$"),
                                0))),
                new Targets(
                        "A long run in 64 MiB of heap: the last tenth by the first, without the first two seconds",
                        List.of(Target.of("the first tenth", Question.ENDURANCE, KEYWRAP, KEYWRAP, 0.9))));
    }

    private static List<Target> memory() {
        Contestants ours = KEYWRAP.threads(1);
        List<Target> targets = new ArrayList<>();
        for (Question question : List.of(Question.MEMORY_ENCRYPT, Question.MEMORY_DECRYPT)) {
            double overTinkFrom25 = question == Question.MEMORY_ENCRYPT ? 0.95 : 1.05;
            targets.add(Target.of("the bare loop, same copies", question, ours, BARE.threads(1), 0.9));
            targets.add(Target.of("the best setting of Tink", question, ours, TINK.threads(1), 1.05)
                    .from25(overTinkFrom25));
            targets.add(Target.of("the AWS Encryption SDK at its best", question, ours, AWS, 2));
            targets.add(Target.of("the AWS Encryption SDK's defaults", question, ours, AWS.named("default"), 10));
        }
        return targets;
    }

    private static List<Target> file() {
        Contestants ours = KEYWRAP.threads(2);
        List<Target> targets = new ArrayList<>();
        for (Question question : List.of(Question.FILE_ENCRYPT, Question.FILE_DECRYPT)) {
            targets.add(Target.of("the fastest peer, same provider", question, ours, PEERS, 1.7));
            targets.add(Target.of("a plain copy by one thread", question, ours, COPY.threads(1), 1.3));
        }
        return targets;
    }

    private static List<Target> fresh() {
        Contestants ours = KEYWRAP.provider(OWN);
        List<Target> targets = new ArrayList<>();
        for (Question question : List.of(Question.FRESH_ENCRYPT, Question.FRESH_DECRYPT)) {
            targets.add(Target.of("Tink's 1 MB template", question, ours, TINK.named("1 ?MB"), 10));
            targets.add(Target.of("the AWS Encryption SDK's defaults", question, ours, AWS.named("default"), 4));
            targets.add(Target.of("the fastest peer", question, ours, PEERS, 1.5));
            targets.add(Target.of("a plain copy", question, ours, COPY, 0.75));
        }
        return targets;
    }

    private static List<Target> shell() {
        List<Target> targets = new ArrayList<>();
        for (Question question : List.of(Question.SHELL_ENCRYPT_1, Question.SHELL_DECRYPT_1)) {
            targets.add(Target.better("age", question, KEYWRAP, group("age")));
            targets.add(Target.better("gpg, the faster way", question, KEYWRAP, group("gpg")));
        }
        for (Question question : List.of(Question.SHELL_ENCRYPT_8, Question.SHELL_DECRYPT_8)) {
            targets.add(Target.of("cp", question, KEYWRAP, group("cp"), 0.8));
        }
        return targets;
    }

    private static List<Target> small() {
        List<Target> targets = new ArrayList<>();
        for (Question question : List.of(Question.SMALL_ENCRYPT, Question.SMALL_DECRYPT)) {
            targets.add(Target.better(
                    "the AWS Encryption SDK with its cache", question, HELD, AWS.named("with its cache")));
            targets.add(Target.of("the bare FLOE operations", question, HELD, BARE.named("FLOE"), 0.8));
        }
        return targets;
    }
}
