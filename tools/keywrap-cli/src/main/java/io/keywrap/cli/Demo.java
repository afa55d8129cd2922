package io.keywrap.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.EncryptionContext;
import io.keywrap.cli.Transfer.Direction;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The steps of a demonstration, each told as it is done. */
final class Demo {
    private final KeywrapCommand root;
    private final Tree tree;
    private final DemoKeys keys;
    private final JsonObject result = new JsonObject();
    private final JsonArray refused = new JsonArray();

    Demo(KeywrapCommand root, Tree tree, DemoKeys keys) {
        this.root = root;
        this.tree = tree;
        this.keys = keys;
    }

    /**
     * Runs all steps.
     *
     * @param work a folder for everything that is written
     * @throws ExpectationException if something did not go as it should
     */
    void run(Path work) throws IOException {
        say("keywrap demo: " + Sizes.files(tree.files().size()) + ", " + Sizes.bytes(tree.bytes()) + ", in "
                + tree.root());
        say("It is only read. All else happens in a temporary folder.");
        tree.special().forEach(path -> say("left out: " + Tree.slashed(path)));
        step(1, "Two KEKs (root keys), each in a PKCS#12 key store");
        say("   " + DemoKeys.CUSTOMER + "   the customer's: wraps the data keys");
        say("   " + DemoKeys.VENDOR + "       the vendor's: seals the keychain's record");
        step(2, "A keychain for the customer");
        Keychain keychain = keys.keychain("tenant-42");
        say("   'tenant-42' with its first data key; the store holds that key wrapped, never in the clear");
        EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
        Path encrypted = work.resolve("encrypted");
        Path restored = work.resolve("restored");
        step(3, "Encrypt every file");
        move(Direction.ENCRYPT, cipher, new TreePlan(tree, encrypted));
        step(4, "Restore them elsewhere and compare");
        Tree envelopes = Tree.scan(encrypted);
        move(Direction.DECRYPT, cipher, new TreePlan(envelopes, restored));
        compare(restored);
        Path victim = envelopes.files().get(0);
        step(5, "One large object: " + Sizes.bytes(DemoSpeed.BYTES) + " of generated data");
        result.add("large", new DemoSpeed(this).run(cipher, work.resolve("large.kwrp")));
        step(6, "Attacks and accidents, each on " + Tree.slashed(victim));
        new DemoAttacks(this, keys, keychain).run(encrypted.resolve(victim), work.resolve("attack"));
        end();
    }

    private void move(Direction direction, EnvelopeCipher cipher, TreePlan plan) throws IOException {
        long started = System.nanoTime();
        Progress progress = Progress.of(root, direction.verb());
        Transfer transfer = new Transfer(root.host(), cipher, direction, progress);
        try (progress) {
            plan.run(transfer, EncryptionContext.empty());
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        say("   " + direction.done() + " " + Sizes.files(transfer.files()) + ": " + Sizes.bytes(transfer.bytesIn())
                + " became " + Sizes.bytes(transfer.bytesOut()) + " in " + Sizes.seconds(seconds));
        JsonObject step = new JsonObject();
        step.addProperty("files", transfer.files());
        step.addProperty("bytesRead", transfer.bytesIn());
        step.addProperty("bytesWritten", transfer.bytesOut());
        step.addProperty("seconds", seconds);
        result.add(direction.verb(), step);
    }

    private void compare(Path restored) throws IOException {
        for (Path file : tree.files()) {
            boolean same = Arrays.equals(sha256(tree.root().resolve(file)), sha256(restored.resolve(file)));
            expect(same, "SHA-256 of " + Tree.slashed(file) + " differs after the restore");
        }
        boolean folders = Tree.scan(restored).folders().equals(tree.folders());
        expect(folders, "the restored tree has other folders than the original");
        say("   SHA-256 of every file is that of the original");
        result.addProperty("sha256Same", true);
    }

    private void end() {
        say("");
        say("All as it should be. The temporary folder is removed now.");
        say("");
        say("What to try next:");
        say("   ./keywrap demo ~/Documents                        the same with your own files");
        say("   ./keywrap keystore create main.p12 --alias me     a KEK that stays");
        say(
                "   ./keywrap keychain create --help                  a keychain under it, then: encrypt, decrypt, inspect");
        say("   docs/cli.md                                       all commands, with examples");
        if (root.json()) {
            result.add("refused", refused);
            root.result(result);
        }
    }

    /** Tells a person something; JSON has its own way. */
    void say(String line) {
        if (!root.json()) {
            root.host().print(Host.visible(line));
        }
    }

    /** Notes what an attack gave. */
    void note(String attack, Throwable failure) {
        JsonObject one = new JsonObject();
        one.addProperty("attack", attack);
        one.addProperty("kind", Failures.kind(failure));
        one.addProperty("message", Failures.message(failure));
        one.addProperty("exitCode", ExitCode.of(failure));
        refused.add(one);
    }

    /** Ends the demonstration unless something is as it should be. */
    static void expect(boolean holds, String otherwise) {
        if (!holds) {
            throw new ExpectationException("this should not be: " + otherwise + "; please report it");
        }
    }

    private void step(int number, String title) {
        say("");
        say(number + ". " + title);
    }

    private static byte[] sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
