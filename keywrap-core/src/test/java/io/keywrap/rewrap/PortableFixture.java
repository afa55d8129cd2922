package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A portable keychain of a customer whose old KEK is to go, real KEKs, and an envelope in a folder of its own. */
abstract class PortableFixture {
    static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a.csv");
    static final KekId OLD = TestTenant.CUSTOMER;
    static final KekId NEW = TestTenant.OTHER_CUSTOMER;
    static final byte[] DATA = random(200_000);

    @TempDir
    Path folder;

    TestTenant tenant;
    Keychain keychain;
    Path work;
    Path envelope;
    byte[] before;

    @BeforeEach
    void setUp() throws IOException {
        tenant = TestTenant.in(folder);
        keychain = tenant.keychain("tenant-42", spec -> spec.portable().keyContext("tenant", "acme"));
        work = Files.createDirectory(folder.resolve("work"));
        envelope = write("a.csv.kwrp", DATA);
        before = Files.readAllBytes(envelope);
    }

    static byte[] random(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        return data;
    }

    Path write(String name, byte[] data) throws IOException {
        return Files.write(work.resolve(name), EnvelopeCipher.using(keychain).encrypt(data, CONTEXT));
    }

    /** From the old KEK to others. */
    PortableRewrap to(KekId... recipients) {
        return PortableRewrap.to(tenant.providers(), Set.of(OLD), List.of(recipients));
    }

    /** Another JVM, with nothing in its memory, that has these KEKs alone. */
    byte[] openedWith(byte[] bytes, KekId... allowed) {
        TestTenant elsewhere = TestTenant.in(folder);
        try (var providers = elsewhere.providers()) {
            return EnvelopeCipher.portable(providers, Set.of(allowed)).decrypt(bytes, CONTEXT);
        }
    }

    byte[] openedWith(Path file, KekId... allowed) throws IOException {
        return openedWith(Files.readAllBytes(file), allowed);
    }

    /** Nothing has changed, and nothing is left behind. */
    void requireAsItWas() throws IOException {
        assertThat(envelope).hasBinaryContent(before);
        assertThat(content()).containsExactly("a.csv.kwrp");
    }

    List<String> content() throws IOException {
        try (Stream<Path> files = Files.list(work)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    static EnvelopeHeader header(byte[] bytes) {
        try {
            return EnvelopeHeader.read(new ByteArrayInputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<KekId> recipients(byte[] bytes) {
        return header(bytes).recipients().stream().map(WrappedDek::kekId).toList();
    }

    static byte[] payload(byte[] bytes) {
        return Arrays.copyOfRange(bytes, header(bytes).toBytes().length, bytes.length);
    }

    /** What anybody can do to the unbound part of an envelope. */
    static byte[] withRecipients(byte[] bytes, UnaryOperator<List<WrappedDek>> change) {
        EnvelopeHeader header = header(bytes);
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.writeBytes(EnvelopeHeader.builder(header.keychainId(), header.dekId())
                .keyContext(header.keyContext())
                .objectContext(header.objectContext())
                .recipients(change.apply(header.recipients()))
                .build()
                .toBytes());
        changed.writeBytes(payload(bytes));
        return changed.toByteArray();
    }

    /** A key of somebody's own, wrapped under a KEK that he may use, under the id of the true one. */
    WrappedDek planted(KekId kekId) {
        EnvelopeHeader header = header(before);
        EncryptionContext context = EncryptionContext.ofDek(header.keychainId(), header.dekId(), header.keyContext());
        var generated = tenant.providers()
                .provider(kekId)
                .generate(header.dekId(), context, tenant.providers().foregroundDeadline());
        generated.dek().close();
        return generated.wrapped();
    }

    static WrappedDek flipped(WrappedDek wrap) {
        byte[] bytes = wrap.wrappedBytes();
        bytes[bytes.length - 1] ^= 1;
        return WrappedDek.builder(wrap.dekId(), wrap.kekId()).build(wrap.algorithm(), bytes);
    }
}
