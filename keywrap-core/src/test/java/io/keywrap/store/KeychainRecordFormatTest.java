package io.keywrap.store;

import static io.keywrap.Grammar.ascii;
import static io.keywrap.Grammar.concat;
import static io.keywrap.Grammar.counting;
import static io.keywrap.Grammar.sized;
import static io.keywrap.Grammar.text;
import static io.keywrap.Grammar.u16;
import static io.keywrap.Grammar.u64;
import static io.keywrap.Grammar.u8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.KekId;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keychain records, byte for byte as docs/format.md lays them out. */
class KeychainRecordFormatTest {
    private static final byte[] ID = counting(0x40, 16);
    private static final byte[] OTHER_ID = counting(0x60, 16);
    private static final byte[] CHECK = counting(0x80, 32);
    private static final byte[] SEAL = counting(0xC0, 48);
    private static final byte[] DEK = dek(ID, 0, 0, wrap(ID));
    private static final byte[] DESTROYED = dek(OTHER_ID, 1, 2);

    @Nested
    class Layout {
        @Test
        void isComposedFromTheGrammar() {
            byte[] expected = record(fields());
            DekEntry first = new DekEntry(
                    DekId.of(ID),
                    Usage.ENVELOPES,
                    State.PRIMARY,
                    Instant.ofEpochMilli(2000),
                    HexFormat.of().formatHex(CHECK),
                    List.of(new Wrap(Role.CONTROL, WrappedDek.parse(wrap(ID)))));
            DekEntry second = new DekEntry(
                    DekId.of(OTHER_ID),
                    Usage.OUTSIDE,
                    State.DESTROYED,
                    Instant.ofEpochMilli(2000),
                    HexFormat.of().formatHex(CHECK),
                    List.of());
            KeychainRecord record = KeychainRecord.builder("tenant-42", Instant.ofEpochMilli(1000))
                    .portable(true)
                    .keyManagement(KeyManagement.VENDOR)
                    .migratable(true)
                    .keyContext(EncryptionContext.of("tenant", "acme"))
                    .recipients(List.of(
                            new Recipient(Role.CONTROL, KekId.of("keystore:main#k")),
                            new Recipient(Role.REPLICA, KekId.of("keystore:main#r")),
                            new Recipient(
                                    Role.RETAINED,
                                    KekId.of("keystore:main#o"),
                                    Optional.of(Instant.ofEpochMilli(3000)))))
                    .writeQuorum(1)
                    .deks(List.of(first, second))
                    .sealKey(WrappedDek.parse(wrap(OTHER_ID)))
                    .build(body -> SEAL);

            assertThat(record.toBytes()).isEqualTo(expected);
            assertThat(KeychainRecord.parse(expected).toBytes()).isEqualTo(expected);
            assertThat(KeychainRecord.parse(expected).deks()).containsExactly(first, second);
        }

        @Test
        void ofTheSealIsOverEverythingBeforeIt() {
            byte[] whole = record(fields());
            byte[] before = Arrays.copyOf(whole, whole.length - 48);
            assertThat(KeychainRecord.parse(whole).isSealedBy(body -> Arrays.equals(body, before) ? SEAL : new byte[0]))
                    .isTrue();
            assertThat(KeychainRecord.parse(whole).isSealedBy(body -> new byte[48]))
                    .isFalse();
        }
    }

    @Nested
    class Refused {
        @Test
        @FormatRule("K1")
        void anotherMagic() {
            assertRefused("magic", ascii("KWRP"));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 2, 255})
        @FormatRule("K1")
        void anotherVersion(int version) {
            Map<String, byte[]> fields = fields();
            fields.replace("version", u8(version));
            assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                    .isThrownBy(() -> KeychainRecord.parse(record(fields)))
                    .withMessageContaining("version " + version)
                    .withMessageContaining("use a newer release");
        }

        @Test
        @FormatRule("K2")
        void cutAnywhereOrFollowed() {
            byte[] whole = record(fields());
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatIllegalArgumentException()
                        .as("cut to %d", length)
                        .isThrownBy(() -> KeychainRecord.parse(cut));
            }
            assertThatIllegalArgumentException().isThrownBy(() -> KeychainRecord.parse(concat(whole, u8(0))));
        }

        @Test
        @FormatRule("K3")
        void moreThanTheLimits() {
            byte[] recipients = u8(17);
            for (int i = 0; i < 17; i++) {
                recipients = concat(recipients, recipient(0, "keystore:main#k" + i, 0));
            }
            assertRefused("recipients", recipients);
            assertRefused("recipients", u8(255));
            assertRefused("recipients", u8(0));
            assertRefused("deks", u16(0));
            assertRefused("deks", u16(0xFFFF));
            byte[] wraps = new byte[0];
            for (int i = 0; i < 17; i++) {
                wraps = concat(wraps, u8(0), sized(wrap(ID)));
            }
            assertRefused("deks", concat(u16(1), dekHead(ID, 0, 0), u8(17), wraps));
            assertThatIllegalArgumentException().isThrownBy(() -> KeychainRecord.parse(new byte[16 * 1024 * 1024 + 1]));
        }

        @Test
        @FormatRule("K3")
        void aCountThatClaimsMoreThanIsThereCostsNothing() {
            Map<String, byte[]> fields = fields();
            fields.put("deks", u16(0xFFFF));
            fields.remove("seal key");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeychainRecord.parse(record(fields)))
                    .withMessageContaining("DEK");
        }

        @ParameterizedTest
        @CsvSource({"2, 0", "0, 3", "255, 0", "0, 255"})
        @FormatRule("K4")
        void unknownUsagesAndStates(int usage, int state) {
            assertRefused("deks", concat(u16(1), dek(ID, usage, state, wrap(ID))));
        }

        @Test
        @FormatRule("K4")
        void unknownRolesAndFlags() {
            assertRefused("portable", u8(2));
            assertRefused("key management", u8(2));
            assertRefused("migratable", u8(2));
            assertRefused("recipients", concat(u8(1), recipient(3, "keystore:main#k", 0)));
            assertRefused("deks", concat(u16(1), dekHead(ID, 0, 0), u8(1), u8(3), sized(wrap(ID))));
        }

        @Test
        @FormatRule("K5")
        void whatStandsTwice() {
            byte[] recipient = recipient(0, "keystore:main#k", 0);
            assertRefused("recipients", concat(u8(2), recipient, recipient));
            assertRefused("deks", concat(u16(2), DEK, dek(ID, 0, 1, wrap(ID))));
            assertRefused("deks", concat(u16(2), DEK, dek(OTHER_ID, 0, 0, wrap(OTHER_ID))));
        }

        @Test
        @FormatRule("K5")
        void revisionZeroAndOver63Bits() {
            assertRefused("revision", u64(0));
            assertRefused("revision", u64(-1));
            assertRefused("creation", u64(-1));
        }

        @Test
        @FormatRule("K5")
        void writeQuorumsThatLackAControlKekOrWantMoreThanThereAre() {
            assertRefused("write quorum", u8(3));
            assertRefused("write quorum", u8(17));
            Map<String, byte[]> fields = fields();
            fields.replace(
                    "recipients",
                    concat(u8(2), recipient(0, "keystore:main#k", 0), recipient(0, "keystore:main#l", 0)));
            assertThatIllegalArgumentException().isThrownBy(() -> KeychainRecord.parse(record(fields)));
        }

        @Test
        @FormatRule("K5")
        void timesOfOtherRolesThanRetainedAndOver63Bits() {
            assertRefused("recipients", concat(u8(1), recipient(0, "keystore:main#k", 3000)));
            assertRefused("recipients", concat(u8(1), recipient(1, "keystore:main#k", 3000)));
            assertRefused(
                    "recipients",
                    concat(u8(2), recipient(0, "keystore:main#k", 0), recipient(2, "keystore:main#l", -1)));
        }

        @Test
        @FormatRule("K6")
        void wrapsThatDoNotFitTheirDek() {
            assertRefused("deks", concat(u16(1), dek(ID, 0, 0, wrap(OTHER_ID))));
            assertRefused("deks", concat(u16(1), dek(ID, 0, 0)));
            assertRefused("deks", concat(u16(1), dek(ID, 0, 1)));
            assertRefused("deks", concat(u16(1), dek(ID, 0, 2, wrap(ID))));
        }

        @Test
        @FormatRule({"C5", "W2"})
        void partsThatBreakTheirOwnRules() {
            assertRefused("keychain id", text(""));
            assertRefused("keychain id", text("a\u0007"));
            assertRefused("key context", sized(concat(u16(1), text("kw:dek"), text("x"))));
            assertRefused("seal key", sized(u8(2)));
        }

        private void assertRefused(String field, byte[] value) {
            Map<String, byte[]> fields = fields();
            fields.replace(field, value);
            assertThatIllegalArgumentException().isThrownBy(() -> KeychainRecord.parse(record(fields)));
        }
    }

    /** The fields of a record that is accepted, to be changed one at a time. */
    private static Map<String, byte[]> fields() {
        Map<String, byte[]> fields = new LinkedHashMap<>();
        fields.put("magic", ascii("KWKC"));
        fields.put("version", u8(1));
        fields.put("keychain id", text("tenant-42"));
        fields.put("revision", u64(1));
        fields.put("creation", u64(1000));
        fields.put("portable", u8(1));
        fields.put("key management", u8(0));
        fields.put("migratable", u8(1));
        fields.put("key context", sized(concat(u16(1), text("tenant"), text("acme"))));
        fields.put(
                "recipients",
                concat(
                        u8(3),
                        recipient(0, "keystore:main#k", 0),
                        recipient(1, "keystore:main#r", 0),
                        recipient(2, "keystore:main#o", 3000)));
        fields.put("write quorum", u8(1));
        fields.put("deks", concat(u16(2), DEK, DESTROYED));
        fields.put("seal key", sized(wrap(OTHER_ID)));
        fields.put("seal", SEAL);
        return fields;
    }

    private static byte[] record(Map<String, byte[]> fields) {
        return concat(fields.values().toArray(byte[][]::new));
    }

    private static byte[] recipient(int role, String kekId, long until) {
        return concat(u8(role), text(kekId), u64(until));
    }

    private static byte[] dek(byte[] id, int usage, int state, byte[]... wraps) {
        byte[] dek = concat(dekHead(id, usage, state), u8(wraps.length));
        for (byte[] wrap : wraps) {
            dek = concat(dek, u8(0), sized(wrap));
        }
        return dek;
    }

    private static byte[] dekHead(byte[] id, int usage, int state) {
        return concat(id, u8(usage), u8(state), u64(2000), CHECK);
    }

    private static byte[] wrap(byte[] id) {
        return concat(u8(1), id, text("keystore:main#k"), text(""), text("A"), sized(u8(7)));
    }
}
