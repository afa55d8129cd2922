package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The record of a keychain: what it keeps, its rules, and the one encoding that it has. */
class KeychainRecordTest {
    private static final KeychainRecord RECORD = Records.builder("tenant-42")
            .portable(true)
            .keyManagement(KeyManagement.VENDOR)
            .migratable(true)
            .recipients(List.of(
                    new Recipient(Role.CONTROL, Records.KEK),
                    new Recipient(Role.RETAINED, KekId.of("keystore:main#old"))))
            .deks(List.of(
                    Records.dek(Usage.ENVELOPES, State.DESTROYED),
                    Records.dek(Usage.ENVELOPES, State.DECRYPT_ONLY),
                    Records.dek(Usage.ENVELOPES, State.PRIMARY),
                    Records.dek(Usage.OUTSIDE, State.PRIMARY)))
            .build(Records.SEALER);

    @Nested
    class Kept {
        @Test
        void isReadBackWhole() {
            KeychainRecord read = KeychainRecord.parse(RECORD.toBytes());
            assertThat(read.toBytes()).isEqualTo(RECORD.toBytes());
            assertThat(read.keychainId()).isEqualTo("tenant-42");
            assertThat(read.revision()).isEqualTo(1);
            assertThat(read.createdAt()).isEqualTo(Records.MADE);
            assertThat(read.portable()).isTrue();
            assertThat(read.keyManagement()).isEqualTo(KeyManagement.VENDOR);
            assertThat(read.migratable()).isTrue();
            assertThat(read.keyContext()).isEqualTo(EncryptionContext.of("tenant", "acme"));
            assertThat(read.recipients()).isEqualTo(RECORD.recipients());
            assertThat(read.deks()).isEqualTo(RECORD.deks());
            assertThat(read.sealKey()).isEqualTo(RECORD.sealKey());
            assertThat(read.primary(Usage.ENVELOPES)).contains(RECORD.deks().get(2));
            assertThat(read.primary(Usage.OUTSIDE)).contains(RECORD.deks().get(3));
            assertThat(read.dek(RECORD.deks().get(1).id()))
                    .contains(RECORD.deks().get(1));
            assertThat(read.dek(DekId.random())).isEmpty();
        }

        @Test
        void carriesTheSealOfItsSealerAlone() {
            assertThat(RECORD.isSealedBy(Records.SEALER)).isTrue();
            assertThat(RECORD.isSealedBy(body -> new byte[KeychainRecord.SEAL_BYTES]))
                    .isFalse();
            assertThat(RECORD.isSealedBy(body -> new byte[0])).isFalse();
        }

        @Test
        void isFollowedByTheNextRevisionWithTheSameContent() {
            KeychainRecord next = Records.next(RECORD);
            assertThat(next.revision()).isEqualTo(2);
            assertThat(next.deks()).isEqualTo(RECORD.deks());
            assertThat(next.recipients()).isEqualTo(RECORD.recipients());
            assertThat(next.portable()).isTrue();
            assertThat(next.keyManagement()).isEqualTo(KeyManagement.VENDOR);
            assertThat(next.migratable()).isTrue();
            assertThat(next.keyContext()).isEqualTo(RECORD.keyContext());
            assertThat(next.sealKey()).isEqualTo(RECORD.sealKey());
            assertThat(next.createdAt()).isEqualTo(RECORD.createdAt());
        }

        @Test
        void showsNoContextValue() {
            assertThat(RECORD).hasToString("KeychainRecord[tenant-42, revision 1, 4 DEKs]");
        }
    }

    @Nested
    class Damaged {
        @Test
        void isRefusedOrStillHasItsOneEncodingButNeverItsSeal() {
            byte[] whole = RECORD.toBytes();
            int read = 0;
            for (int i = 0; i < whole.length; i++) {
                for (int change = 1; change < 256; change++) {
                    byte[] changed = whole.clone();
                    changed[i] ^= (byte) change;
                    try {
                        KeychainRecord record = KeychainRecord.parse(changed);
                        assertThat(record.toBytes()).isEqualTo(changed);
                        assertThat(record.isSealedBy(Records.SEALER)).isFalse();
                        read++;
                    } catch (IllegalArgumentException | UnsupportedEnvelopeException refused) {
                        assertThat(refused).isNotNull();
                    }
                }
            }
            assertThat(read).isGreaterThan(255 * KeychainRecord.SEAL_BYTES).isLessThan(255 * whole.length);
        }

        @Test
        void isRefusedWhereItIsCutOrLonger() {
            byte[] whole = RECORD.toBytes();
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatIllegalArgumentException().isThrownBy(() -> KeychainRecord.parse(cut));
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeychainRecord.parse(Arrays.copyOf(whole, whole.length + 1)));
        }

        @Test
        void isRefusedOverTheLimitBeforeItIsRead() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeychainRecord.parse(new byte[KeychainRecord.MAX_BYTES + 1]))
                    .withMessageContaining("16777217");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 2, 255})
        void isUnsupportedWhereItsVersionIsAnotherWhateverFollows(int version) {
            byte[] changed = new byte[200];
            System.arraycopy(RECORD.toBytes(), 0, changed, 0, 4);
            changed[4] = (byte) version;
            assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                    .isThrownBy(() -> KeychainRecord.parse(changed))
                    .withMessageContaining("version " + version + ", this release reads 1");
        }

        @Test
        void withARevisionBeyondItsRangeIsRefused() {
            for (long revision : new long[] {0, -1, Long.MIN_VALUE}) {
                byte[] changed = ByteBuffer.wrap(RECORD.toBytes())
                        .putLong(4 + 1 + 2 + 9, revision)
                        .array();
                assertThatIllegalArgumentException().isThrownBy(() -> KeychainRecord.parse(changed));
            }
        }
    }

    @Nested
    class Rules {
        @Test
        void holdForWhatIsBuilt() {
            assertBroken(next -> next.recipients(List.of()), "1 to 16 recipients");
            assertBroken(next -> next.recipients(recipients(17)), "1 to 16 recipients");
            assertBroken(
                    next -> next.recipients(Collections.nCopies(2, new Recipient(Role.CONTROL, Records.KEK))), "twice");
            assertBroken(next -> next.deks(List.of()), "1 to 65,535 DEKs");
            DekEntry one = Records.dek(Usage.ENVELOPES, State.DECRYPT_ONLY);
            assertBroken(next -> next.deks(List.of(one, one)), "stands twice");
            DekEntry primary = Records.dek(Usage.OUTSIDE, State.PRIMARY);
            assertBroken(
                    next -> next.deks(List.of(primary, Records.dek(Usage.OUTSIDE, State.PRIMARY))),
                    "primary for one use");
            assertThat(Records.builder("t")
                            .recipients(recipients(16))
                            .build(Records.SEALER)
                            .recipients())
                    .hasSize(16);
        }

        @Test
        void askForASealKeyAndAWholeSeal() {
            KeychainRecord.Builder unsealed = KeychainRecord.builder("t", Records.MADE)
                    .recipients(recipients(1))
                    .deks(List.of(Records.dek(Usage.ENVELOPES, State.PRIMARY)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> unsealed.build(Records.SEALER))
                    .withMessageContaining("seal key");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Records.builder("t").build(body -> new byte[47]))
                    .withMessageContaining("48 bytes");
        }

        @Test
        void ofADekTieItsWrapsToIt() {
            DekEntry good = Records.dek(Usage.ENVELOPES, State.PRIMARY);
            List<Wrap> foreign = List.of(new Wrap(Role.CONTROL, Records.wrap(DekId.random())));
            assertEntryBroken(good.id(), State.PRIMARY, good.checkValue(), foreign);
            assertEntryBroken(good.id(), State.PRIMARY, good.checkValue(), List.of());
            assertEntryBroken(good.id(), State.DESTROYED, good.checkValue(), good.wraps());
            assertEntryBroken(
                    good.id(),
                    State.PRIMARY,
                    good.checkValue(),
                    Collections.nCopies(17, good.wraps().get(0)));
            assertEntryBroken(good.id(), State.PRIMARY, "5A".repeat(32), good.wraps());
            assertEntryBroken(good.id(), State.PRIMARY, "5a".repeat(31), good.wraps());
            assertEntryBroken(good.id(), State.PRIMARY, "zz".repeat(32), good.wraps());
        }

        @Test
        void keepDatesToTheMillisecond() {
            DekEntry entry = Records.dek(Usage.ENVELOPES, State.PRIMARY);
            Instant precise = Records.MADE.plusNanos(999);
            assertThat(new DekEntry(
                                    entry.id(),
                                    entry.usage(),
                                    entry.state(),
                                    precise,
                                    entry.checkValue(),
                                    entry.wraps())
                            .createdAt())
                    .isEqualTo(Records.MADE);
            assertBroken(
                    next -> next.deks(List.of(new DekEntry(
                            entry.id(),
                            entry.usage(),
                            entry.state(),
                            Instant.EPOCH.minusMillis(1),
                            entry.checkValue(),
                            entry.wraps()))),
                    "1970");
        }

        @Test
        void keepWhatWasMadeIn1970AndNothingEarlier() {
            KeychainRecord first = KeychainRecord.builder("t", Instant.EPOCH)
                    .recipients(List.of(new Recipient(Role.CONTROL, Records.KEK)))
                    .deks(List.of(Records.dek(Usage.ENVELOPES, State.PRIMARY)))
                    .sealKey(Records.wrap(DekId.random()))
                    .build(Records.SEALER);
            KeychainRecord read = KeychainRecord.parse(first.toBytes());
            assertThat(read.createdAt()).isEqualTo(Instant.EPOCH);
            assertThat(read.sealKey()).isEqualTo(first.sealKey());
            assertThat(read.portable() || read.migratable()).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeychainRecord.builder("t", Instant.EPOCH.minusMillis(1))
                            .recipients(first.recipients())
                            .deks(first.deks())
                            .sealKey(first.sealKey())
                            .build(Records.SEALER))
                    .withMessageContaining("1970");
        }

        @Test
        void limitTheWholeEncoding() {
            List<DekEntry> many = IntStream.range(0, 60)
                    .mapToObj(i -> Records.dek(Usage.ENVELOPES, State.DECRYPT_ONLY))
                    .toList();
            assertThat(KeychainRecord.parse(Records.builder("t")
                                    .deks(many)
                                    .build(Records.SEALER)
                                    .toBytes())
                            .deks())
                    .isEqualTo(many);
            DekId id = DekId.random();
            Wrap large =
                    new Wrap(Role.CONTROL, WrappedDek.builder(id, Records.KEK).build("A", new byte[8_000]));
            DekEntry heavy = new DekEntry(
                    id,
                    Usage.ENVELOPES,
                    State.DECRYPT_ONLY,
                    Records.MADE,
                    "5a".repeat(32),
                    Collections.nCopies(16, large));
            assertThat(Records.builder("t")
                            .deks(List.of(heavy))
                            .build(Records.SEALER)
                            .toBytes())
                    .hasSizeGreaterThan(16 * 8_000);
        }

        private void assertEntryBroken(DekId id, State state, String checkValue, List<Wrap> wraps) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new DekEntry(id, Usage.ENVELOPES, state, Records.MADE, checkValue, wraps));
        }

        private void assertBroken(Consumer<KeychainRecord.Builder> change, String why) {
            KeychainRecord.Builder next = RECORD.next();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> {
                        change.accept(next);
                        next.build(Records.SEALER);
                    })
                    .withMessageContaining(why);
        }

        private List<Recipient> recipients(int count) {
            return IntStream.range(0, count)
                    .mapToObj(i -> new Recipient(Role.CONTROL, KekId.of("keystore:main#k" + i)))
                    .toList();
        }
    }
}
