package io.keywrap.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.KeywrapException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TestTenant;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of an export: whole and genuine, or refused before anything is changed. */
class StoreExportTest {
    private static final EncryptionContext OBJECT =
            EncryptionContext.of("format", "keywrap-store-export").with("version", "1");

    private RecoveryFixture fixture;

    @BeforeEach
    void exportTwoKeychains(@TempDir Path folder) throws IOException {
        fixture = new RecoveryFixture(folder);
        fixture.tenant().keychain("a");
        fixture.tenant().keychain("b");
        fixture.exportNow();
    }

    @Test
    @FormatRule("X1")
    void isAPortableEnvelopeWhosePlaintextIsComposedFromTheGrammar() throws IOException {
        byte[] plaintext = EnvelopeCipher.portable(fixture.tenant().providers(), Set.of(TestTenant.VENDOR))
                .withExpectedKeychain("keywrap-store-export")
                .decrypt(Files.readAllBytes(fixture.export()), OBJECT);

        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(expected);
        out.write("KWSX".getBytes(StandardCharsets.US_ASCII));
        out.writeByte(1);
        for (String id : fixture.tenant().store().list(KeychainFilter.all(), Optional.empty(), 10)) {
            byte[] record = fixture.forge().bytes(id);
            out.writeInt(record.length);
            out.write(record);
        }
        out.writeInt(0);
        out.writeLong(2);
        assertThat(plaintext).isEqualTo(expected.toByteArray());
    }

    @Test
    void holdsNoContextInTheClear() throws IOException {
        byte[] export = Files.readAllBytes(fixture.export());
        assertThat(new String(export, StandardCharsets.ISO_8859_1)).doesNotContain("acme");
    }

    @Nested
    @FormatRule("X2")
    class Refused {
        @Test
        void whereverItIsCut() throws IOException {
            byte[] whole = Files.readAllBytes(fixture.export());
            for (int length = 0; length < whole.length; length += 97) {
                Files.write(fixture.export(), Arrays.copyOf(whole, length));
                assertRefused(TruncatedEnvelopeException.class);
            }
        }

        @Test
        void whereAByteIsChanged() throws IOException {
            byte[] whole = Files.readAllBytes(fixture.export());
            for (int place = 0; place < whole.length; place += 53) {
                byte[] changed = whole.clone();
                changed[place] ^= 0x20;
                Files.write(fixture.export(), changed);
                assertRefused(KeywrapException.class);
            }
        }

        @Test
        void whereSomethingFollows() throws IOException {
            Files.write(fixture.export(), new byte[1], StandardOpenOption.APPEND);
            assertRefused(MalformedEnvelopeException.class);
        }

        @Test
        void underAnotherKek() throws IOException {
            fixture.lose();
            TestTenant tenant = fixture.tenant();
            StoreRecovery attackers = StoreRecovery.of(
                    tenant.store(), tenant.providers(), KeychainSeal.wrappedBy(TestTenant.OTHER_CUSTOMER));
            attackers.exportTo(fixture.export());
            assertRefused(AuthenticationFailedException.class);
        }

        @Test
        void asTheEnvelopeOfAKeychain() throws IOException {
            Keychain keychain = fixture.tenant()
                    .keychains()
                    .create("c", spec -> spec.control(TestTenant.VENDOR).portable());
            Files.write(fixture.export(), EnvelopeCipher.using(keychain).encrypt(new byte[100], OBJECT));
            assertRefused(MalformedEnvelopeException.class);
        }
    }

    @Test
    @FormatRule("X2")
    void ofManySegmentsChangesNothingWhereItsEndIsDamaged() throws IOException {
        for (int i = 0; i < 150; i++) {
            fixture.tenant().keychain("k" + i);
        }
        fixture.exportNow();
        byte[] whole = Files.readAllBytes(fixture.export());
        assertThat(whole.length).as("more than a segment").isGreaterThan(70_000);
        whole[whole.length - 1] ^= 1;
        Files.write(fixture.export(), whole);
        fixture.lose();
        assertThatExceptionOfType(AuthenticationFailedException.class)
                .isThrownBy(() -> fixture.recovery().importFrom(fixture.export(), fixture.findings::add));
        assertThat(fixture.findings).isEmpty();
        assertThat(fixture.tenant().store().list(KeychainFilter.all(), Optional.empty(), 10))
                .isEmpty();
    }

    @Nested
    @FormatRule("X3")
    class MalformedInside {
        private final byte[] head = {'K', 'W', 'S', 'X', 1};

        @Test
        void withAnotherMagic() throws IOException {
            seal(new byte[] {'K', 'W', 'S', 'Y', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            assertRefused(MalformedEnvelopeException.class);
        }

        @Test
        void withAnotherVersion() throws IOException {
            seal(new byte[] {'K', 'W', 'S', 'X', 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            assertRefused(UnsupportedEnvelopeException.class);
        }

        @Test
        void leavesNoLeaseOpen() throws IOException {
            List<DekLease> leases = new ArrayList<>();
            KeyProviders watched = KeyProviders.builder()
                    .register(Keystores.builder()
                            .pkcs12("main", fixture.tenant().keyStore(), TestTenant::password)
                            .build())
                    .onLease(leases::add)
                    .build();
            for (byte[] plaintext : List.of(new byte[] {'K', 'W', 'S', 'X', 2}, new byte[] {1}, new byte[0])) {
                seal(plaintext);
                StoreRecovery recovery =
                        StoreRecovery.of(fixture.tenant().store(), watched, KeychainSeal.wrappedBy(TestTenant.VENDOR));
                assertThatExceptionOfType(KeywrapException.class)
                        .isThrownBy(() -> recovery.importFrom(fixture.export(), finding -> {}));
            }
            assertThat(leases).hasSize(3).allMatch(DekLease::isClosed);
        }

        @Test
        void withARecordThatClaimsTooMuch() throws IOException {
            seal(concat(head, new byte[] {0x7F, 0, 0, 0}));
            assertRefused(MalformedEnvelopeException.class);
            seal(concat(head, new byte[] {(byte) 0xFF, 0, 0, 0}));
            assertRefused(MalformedEnvelopeException.class);
            seal(concat(head, new byte[] {0, (byte) 0xFF, 0, 0}));
            assertRefused(MalformedEnvelopeException.class);
        }

        @Test
        void withAnotherCountOrATail() throws IOException {
            seal(concat(head, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
            assertRefused(MalformedEnvelopeException.class);
            seal(concat(head, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}));
            assertRefused(MalformedEnvelopeException.class);
            seal(head);
            assertRefused(MalformedEnvelopeException.class);
            seal(new byte[] {'K', 'W'});
            assertRefused(MalformedEnvelopeException.class);
        }

        @Test
        void withARecordThatIsNone() throws IOException {
            seal(concat(head, new byte[] {0, 0, 0, 60}, new byte[60], new byte[12]));
            assertRefused(MalformedEnvelopeException.class);
        }
    }

    @Test
    @FormatRule("X4")
    void aForgedRecordInAGenuineEnvelopeIsRefusedByItsSeal() throws IOException {
        Path backup = fixture.backup("backup");
        KeychainRecord record = fixture.record("a");
        byte[] forged = record.next()
                .recipients(record.recipients())
                .build(body -> new byte[48])
                .toBytes();
        seal(concat(
                new byte[] {'K', 'W', 'S', 'X', 1},
                ByteBuffer.allocate(4).putInt(forged.length).array(),
                forged,
                new byte[11],
                new byte[] {1}));
        byte[] before = record.toBytes();
        fixture.restore(backup);

        fixture.recovery().importFrom(fixture.export(), fixture.findings::add);
        assertThat(fixture.found()).containsExactly("REFUSED a");
        assertThat(fixture.record("a").toBytes()).isEqualTo(before);
        fixture.lose();
        fixture.recovery().importFrom(fixture.export(), fixture.findings::add);
        assertThat(fixture.found()).containsExactly("REFUSED a");
        assertThat(fixture.tenant().store().load("a")).isEmpty();
    }

    /** An export with any plaintext, as only who has the use of the vendor's KEK can make it. */
    private void seal(byte[] plaintext) throws IOException {
        fixture.lose();
        EnvelopeCipher cipher = StoreExport.cipher(fixture.tenant().providers(), TestTenant.VENDOR);
        Files.write(fixture.export(), cipher.encrypt(plaintext, OBJECT));
        fixture.lose();
    }

    private void assertRefused(Class<? extends Exception> type) throws IOException {
        fixture.lose();
        ThrowingCallable work = () -> fixture.recovery().importFrom(fixture.export(), fixture.findings::add);
        assertThatExceptionOfType(type).isThrownBy(work);
        assertThatExceptionOfType(type)
                .isThrownBy(() -> fixture.recovery().compareWith(fixture.export(), finding -> {}));
        assertThat(fixture.findings).isEmpty();
        assertThat(fixture.tenant().store().list(KeychainFilter.all(), Optional.empty(), 10))
                .isEmpty();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
