package io.keywrap.cli;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.EncryptionContext;
import io.keywrap.KekNotFoundException;
import io.keywrap.KeywrapException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** What a demonstration does to one envelope of a tree, and what must come of it. */
final class DemoAttacks {
    private final Demo demo;
    private final DemoKeys keys;
    private final Keychain keychain;

    DemoAttacks(Demo demo, DemoKeys keys, Keychain keychain) {
        this.demo = demo;
        this.keys = keys;
        this.keychain = keychain;
    }

    void run(Path envelope, Path folder) throws IOException {
        Files.createDirectories(folder);
        Path copy = folder.resolve("envelope.kwrp");
        Path target = folder.resolve("plaintext");
        EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
        EncryptionContext right = EnvelopeCipher.inspect(envelope).header().objectContext();
        EncryptionContext wrong = EncryptionContext.of(TreePlan.PATH_KEY, "some/other file");
        EnvelopeCipher stranger = EnvelopeCipher.using(keys.keychain("tenant-43"));

        Files.copy(envelope, copy);
        flipLastByte(copy);
        refused("one byte flipped", AuthenticationFailedException.class, () -> cipher.decrypt(copy, target, right));
        Files.copy(envelope, copy, StandardCopyOption.REPLACE_EXISTING);
        cutInHalf(copy);
        refused("cut in half", TruncatedEnvelopeException.class, () -> cipher.decrypt(copy, target, right));
        refused(
                "another file's place",
                AuthenticationFailedException.class,
                () -> cipher.decrypt(envelope, target, wrong));
        refused(
                "another keychain",
                AuthenticationFailedException.class,
                () -> stranger.decrypt(envelope, target, right));
        keys.withdrawCustomerKek();
        refused("KEK withdrawn", KekNotFoundException.class, () -> cipher.decrypt(envelope, target, right));
        Demo.expect(!Files.exists(target), "a file was written by a call that failed");
        demo.say("   None of these wrote a file.");
    }

    private void refused(String name, Class<? extends KeywrapException> expected, Attack attack) throws IOException {
        try {
            attack.run();
        } catch (KeywrapException e) {
            Demo.expect(expected.isInstance(e), "'" + name + "' gave " + e);
            demo.say("   " + name + ": " + Failures.kind(e));
            demo.say("      " + Failures.message(e));
            demo.note(name, e);
            return;
        }
        Demo.expect(false, "'" + name + "' was not noticed");
    }

    /** An attempt that must fail. */
    private interface Attack {
        void run() throws IOException;
    }

    private static void flipLastByte(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            channel.read(last, channel.size() - 1);
            last.put(0, (byte) (last.get(0) ^ 1)).flip();
            channel.write(last, channel.size() - 1);
        }
    }

    private static void cutInHalf(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
    }
}
