package com.example.backup;

import com.example.backup.Worker.Vendor;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.onboarding.KeyReference;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.testkit.ManualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Two tenants and some nights of the service, told step by step. Acme holds a key in AWS from the first day; Globex begins with
 * the vendor's. The clock is moved by hand, so that hours pass at once.
 */
final class Story implements AutoCloseable {
    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-02T22:00:00Z"));
    private final Cloud cloud = new Cloud(time);
    private final Path folder;
    private final Consumer<String> out;
    private final BackupService service;
    private final Map<String, Path> files;
    private int step;

    Story(Path folder, Consumer<String> out) throws IOException {
        this.folder = folder;
        this.out = out;
        this.service = new BackupService(
                folder.resolve("backups"),
                new Vendor(cloud.newVendorKey(), FileKeychainStore.open(folder.resolve("keychains")), cloud, time),
                notice -> tell("! " + notice));
        this.files = Map.of(
                "acme", Files.writeString(folder.resolve("acme.csv"), "id,name\n1,Wile E. Coyote\n"),
                "globex", Files.writeString(folder.resolve("globex.csv"), "id,name\n1,Hank Scorpio\n"));
    }

    /**
     * Tells the story in a folder that is removed afterwards.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("backup-service");
        try (Story story = new Story(folder, Story::print)) {
            story.tellAll();
        } finally {
            remove(folder);
        }
    }

    private static void print(String line) {
        System.out.println(line);
    }

    void tellAll() throws IOException {
        String arn = acmeComesWithAKeyOfTheirOwn();
        globexLeavesTheKeyToTheVendor();
        everybodyIsBackedUpAndRestored();
        keysAreRotated(arn);
        acmeTakesTheKeyAway(arn);
        acmeGivesTheKeyBack(arn);
        globexMovesToAKeyOfTheirOwn();
        acmeReadsTheLog(arn);
        tell("The end.");
    }

    private String acmeComesWithAKeyOfTheirOwn() {
        begin("Acme comes with a key of their own");
        KeyReference elsewhere = service.read(cloud.newKey("us-east-1"));
        tell("Acme pastes a key in the wrong place. It looks like " + elsewhere.looksLike() + ".");
        tell("They are told: please " + elsewhere.pasteInstead().orElseThrow() + ".");
        String arn = cloud.newKey("eu-west-1");
        KekId kek = service.read("  \"" + arn + "\"\n").required();
        tell("Acme pastes another, with quotes and spaces: it is " + kek + ".");
        List<String> problems = service.onboard("acme", kek, Cloud.TENANTS);
        tell("The check finds " + problems.size() + " things in the way, first of " + problems.get(0) + ".");
        String diff = cloud.allow(arn, service.policy("acme", kek));
        tell("Acme reads the policy, "
                + diff.lines().filter(line -> line.startsWith("+")).count()
                + " new lines for four roles and this tenant alone, and puts it on the key.");
        tell("The check of each role finds "
                + service.onboard("acme", kek, Cloud.TENANTS).size() + " things in the way.");
        watchUntil(kek, "ACTIVE");
        tell("Acme is on board. Their page says: " + service.state(kek) + ".");
        return arn;
    }

    private void globexLeavesTheKeyToTheVendor() {
        begin("Globex leaves the key to the vendor for now");
        service.onboardManaged("globex");
        tell("Who can open the backups of Globex: " + openers("globex") + ".");
    }

    private void everybodyIsBackedUpAndRestored() throws IOException {
        begin("The first night");
        night("monday");
        tell("A restore gives back what was there: " + restored("acme", "monday") + ", " + restored("globex", "monday")
                + ".");
    }

    private void keysAreRotated(String arn) throws IOException {
        begin("Keys are rotated");
        cloud.rotate(arn);
        tell(
                "Acme rotates the key in AWS. Every backup has a data key of its own, so the next is under the new version.");
        night("tuesday");
        tell("Old and new can be read: " + restored("acme", "monday") + ", " + restored("acme", "tuesday") + ".");
    }

    private void acmeTakesTheKeyAway(String arn) throws IOException {
        begin("Acme takes the key away");
        KekId kek = KekId.of("aws-kms://" + arn);
        cloud.disable(arn);
        Instant click = time.now();
        watchUntil(kek, "REVOKED");
        tell("Noticed after " + Duration.between(click, time.now()).toSeconds() + " seconds, of "
                + service.bound().toSeconds() + " at most. Their page says: " + service.state(kek) + ".");
        night("wednesday");
        try {
            restored("acme", "monday");
            throw new IllegalStateException("a restore without the key");
        } catch (KekException e) {
            tell("A restore for Acme: " + cause(e) + ".");
        }
    }

    private void acmeGivesTheKeyBack(String arn) throws IOException {
        begin("Acme gives the key back");
        KekId kek = KekId.of("aws-kms://" + arn);
        cloud.enable(arn);
        watchUntil(kek, "ACTIVE");
        tell("Nothing was restarted. Their page says: " + service.state(kek) + ".");
        night("thursday");
        tell("Nothing is lost: " + restored("acme", "monday") + ", " + restored("acme", "thursday") + ".");
    }

    private void globexMovesToAKeyOfTheirOwn() throws IOException {
        begin("Globex moves to a key of their own");
        String arn = cloud.newKey("eu-west-1");
        KekId kek = service.read(arn).required();
        cloud.allow(arn, service.policy("globex", kek));
        tell("The check of each role finds "
                + service.problems("globex", kek, Cloud.TENANTS).size() + " things in the way.");
        tell("Moved, without touching a backup: "
                + service.migrate("globex", kek).count(Outcome.MOVED) + " data keys.");
        tell("Who can open the backups of Globex: " + openers("globex") + ".");
        night("friday");
        tell("Old and new can be read: " + restored("globex", "monday") + ", " + restored("globex", "friday") + ".");
    }

    private void acmeReadsTheLog(String arn) {
        begin("Acme reads the log of their key");
        for (PolicyRole role : PolicyRole.values()) {
            List<CloudTrailEvent> uses = cloud.log(arn).stream()
                    .filter(event -> event.principalArn().equals(Optional.of(cloud.name(role))))
                    .filter(event -> "acme".equals(event.encryptionContext().get("kw:keychain")))
                    .toList();
            tell(cloud.name(role) + ": "
                    + (uses.isEmpty()
                            ? "nothing but the check"
                            : told(uses.get(uses.size() - 1)) + ", " + uses.size() + " lines")
                    + ".");
        }
    }

    private static String told(CloudTrailEvent event) {
        return event.eventName() + " for tenant " + event.encryptionContext().get("tenant") + ", data key "
                + event.encryptionContext().get("kw:dek");
    }

    private void night(String name) throws IOException {
        time.advance(Duration.ofHours(1));
        service.backUpAll(name, files).forEach((tenant, end) -> tell(name + ", " + tenant + ": " + end + "."));
        service.step();
    }

    private String restored(String tenant, String night) throws IOException {
        Path target = folder.resolve(tenant + "-" + night + ".restored");
        service.restore(tenant, night, target);
        if (Files.mismatch(files.get(tenant), target) != -1) {
            throw new IllegalStateException(target + " is not what was backed up");
        }
        return tenant + "'s of " + night;
    }

    /** Lets the monitor work, a second at a time. */
    private void watchUntil(KekId kek, String state) {
        Instant most = time.now().plus(Duration.ofMinutes(15));
        service.step();
        while (!service.state(kek).equals(state) && time.now().isBefore(most)) {
            time.advance(Duration.ofSeconds(1));
            service.step();
        }
    }

    private String openers(String tenant) {
        return String.join(
                ", ",
                service.openers(tenant).openers().stream()
                        .map(opener -> opener.owner() + " as " + opener.role()
                                + opener.until().map(until -> " until " + until).orElse(""))
                        .toList());
    }

    /** The first part of the message, without the key and what to do. */
    private static String cause(KekException e) {
        return String.valueOf(e.getMessage()).split(";", 2)[0];
    }

    private void begin(String title) {
        out.accept("");
        out.accept(++step + ". " + title);
    }

    private void tell(String line) {
        out.accept("   " + line);
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    @Override
    public void close() {
        service.close();
        cloud.close();
    }
}
