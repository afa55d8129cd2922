package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pairs, their limits, and the one encoding that they have. */
class EncryptionContextTest {
    private static final String SECRETIVE = "a value that stays out of messages";

    @Nested
    class Pairs {
        @Test
        void areSortedByUtf8BytesAndNotByUtf16Units() {
            // U+FF61 is EF BD A1 in UTF-8 and sorts before U+10400, F0 90 90 80; its UTF-16 unit FF61 is above D801.
            Map<String, String> pairs = Map.of("\uD801\uDC00", "1", "\uFF61", "2", "a", "3");
            assertThat(EncryptionContext.of(pairs).asMap().keySet()).containsExactly("a", "\uFF61", "\uD801\uDC00");
        }

        @Test
        void giveOneEncodingInWhateverOrderTheyCome() {
            Map<String, String> there = new LinkedHashMap<>();
            Map<String, String> back = new LinkedHashMap<>();
            for (int i = 0; i < 20; i++) {
                there.put("k" + i, "v" + i);
                back.put("k" + (19 - i), "v" + (19 - i));
            }
            EncryptionContext one = EncryptionContext.of(there);
            EncryptionContext two = EncryptionContext.of(back);
            assertThat(one.toBytes()).isEqualTo(two.toBytes());
            assertThat(one).isEqualTo(two).hasSameHashCodeAs(two);
        }

        @Test
        void areHashedAllOfThem() {
            EncryptionContext one = EncryptionContext.of("a", "1");
            int hash = one.hashCode();
            assertThat(one.hashCode()).isEqualTo(hash);
            assertThat(hash).isNotEqualTo(EncryptionContext.of("a", "2").hashCode());
            assertThat(hash).isNotEqualTo(one.with("b", "1").hashCode());
        }

        @Test
        void areMissingInTheEmptyContextAlone() {
            assertThat(EncryptionContext.empty().isEmpty()).isTrue();
            assertThat(EncryptionContext.of("a", "").isEmpty()).isFalse();
        }

        @Test
        void areOneMoreAfterWith() {
            EncryptionContext one = EncryptionContext.of("a", "1");
            assertThat(one.with("b", "2").asMap()).isEqualTo(Map.of("a", "1", "b", "2"));
            assertThat(one.asMap()).hasSize(1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> one.with("a", SECRETIVE))
                    .withMessageContaining("'a'")
                    .withMessageNotContaining(SECRETIVE);
        }

        @Test
        void cannotBeChangedFromOutside() {
            Map<String, String> pairs = new HashMap<>(Map.of("a", "1"));
            EncryptionContext context = EncryptionContext.of(pairs);
            pairs.put("b", "2");
            context.toBytes()[3] ^= 1;
            assertThat(context).isEqualTo(EncryptionContext.of("a", "1"));
            assertThat(context.asMap()).isUnmodifiable();
        }

        @Test
        void containEveryPairOfASubset() {
            EncryptionContext whole = EncryptionContext.of("a", "1").with("b", "2");
            assertThat(whole.contains(EncryptionContext.empty())).isTrue();
            assertThat(whole.contains(EncryptionContext.of("b", "2"))).isTrue();
            assertThat(whole.contains(whole)).isTrue();
            assertThat(whole.contains(EncryptionContext.of("b", "1"))).isFalse();
            assertThat(whole.contains(EncryptionContext.of("c", "2"))).isFalse();
            assertThat(EncryptionContext.of("b", "2").contains(whole)).isFalse();
        }

        @Test
        void showTheirKeysAndNeverTheirValues() {
            assertThat(EncryptionContext.of("tenant", SECRETIVE)).hasToString("EncryptionContext[tenant]");
        }
    }

    @Nested
    class Limits {
        @ParameterizedTest
        @ValueSource(strings = {"", "kw:", "kw:dek", "kw:other"})
        void refuseEmptyAndReservedKeys(String key) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.of(key, SECRETIVE))
                    .withMessageNotContaining(SECRETIVE);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.empty().with(key, SECRETIVE));
        }

        @Test
        void countKeysInUtf8Bytes() {
            String longest = "é".repeat(EncryptionContext.MAX_KEY_BYTES / 2);
            assertThat(EncryptionContext.of(longest, "").asMap()).containsKey(longest);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.of(longest + "a", SECRETIVE))
                    .withMessageContaining("257")
                    .withMessageNotContaining(SECRETIVE);
        }

        @Test
        void countTheWholeEncoding() {
            String longest = "v".repeat(EncryptionContext.MAX_BYTES - 2 - 4 - 1);
            EncryptionContext largest = EncryptionContext.of("k", longest);
            assertThat(largest.toBytes()).hasSize(EncryptionContext.MAX_BYTES);
            assertThat(EncryptionContext.parse(largest.toBytes())).isEqualTo(largest);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.of("k", longest + "v"))
                    .withMessageContaining("8193")
                    .withMessageNotContaining("vvv");
        }

        @Test
        void ofAKeyContextCountKeywrapsOwnPairs() {
            DekId dekId = DekId.random();
            int own = EncryptionContext.ofDek("t", dekId, EncryptionContext.empty())
                    .toBytes()
                    .length;
            int left = EncryptionContext.MAX_KEY_CONTEXT_BYTES - own - 4 - 1;
            EncryptionContext largest = EncryptionContext.of("k", "v".repeat(left));
            assertThat(EncryptionContext.ofDek("t", dekId, largest).toBytes())
                    .hasSize(EncryptionContext.MAX_KEY_CONTEXT_BYTES);
            EncryptionContext over = EncryptionContext.of("k", "v".repeat(left + 1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.ofDek("t", dekId, over))
                    .withMessageContaining("2049")
                    .withMessageNotContaining("vvv");
        }

        @ParameterizedTest
        @ValueSource(strings = {"\uD800", "\uDC00", "a\uD800b", "\uDC00\uD800"})
        void refuseUnpairedSurrogatesWithoutQuotingThem(String broken) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.of("k", SECRETIVE + broken))
                    .withMessageContaining("surrogate")
                    .withMessageNotContaining(SECRETIVE);
            assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.of(broken, ""));
        }
    }

    @Nested
    class KeyContext {
        private final DekId dekId = DekId.random();
        private final EncryptionContext tenant = EncryptionContext.of("tenant", "acme");

        @Test
        void ofADekNamesKeychainAndDek() {
            assertThat(EncryptionContext.ofDek("t", dekId, tenant).asMap())
                    .isEqualTo(Map.of("kw:keychain", "t", "kw:dek", dekId.hex(), "tenant", "acme"));
        }

        @Test
        void ofASealKeyIsNeverThatOfADek() {
            EncryptionContext seal = EncryptionContext.ofSealKey("t", dekId);
            assertThat(seal.asMap()).isEqualTo(Map.of("kw:keychain", "t", "kw:seal", dekId.hex()));
            assertThat(seal).isNotEqualTo(EncryptionContext.ofDek("t", dekId, EncryptionContext.empty()));
        }

        @Test
        void ofASlotNamesSlotAndKeyAndForWhatItIs() {
            assertThat(EncryptionContext.ofSlotSeal("s", dekId).asMap())
                    .isEqualTo(Map.of("kw:slot", "s", "kw:seal", dekId.hex()));
            assertThat(EncryptionContext.ofSlotSecret("s", dekId).asMap())
                    .isEqualTo(Map.of("kw:slot", "s", "kw:secret", dekId.hex()));
        }

        @Test
        void isToldFromAUsersPairs() {
            for (EncryptionContext own : List.of(
                    EncryptionContext.ofDek("t", dekId, tenant),
                    EncryptionContext.ofDek("t", dekId, EncryptionContext.of("zebra", "")),
                    EncryptionContext.ofSealKey("t", dekId),
                    EncryptionContext.ofSlotSecret("s", dekId))) {
                assertThat(own.hasReservedPairs()).isTrue();
            }
            // What sorts just before and just behind the prefix.
            for (EncryptionContext users : List.of(
                    EncryptionContext.empty(),
                    tenant,
                    EncryptionContext.of("kw", ""),
                    EncryptionContext.of("kw9", ""),
                    EncryptionContext.of("kw;", ""),
                    EncryptionContext.of("a", ""))) {
                assertThat(users.hasReservedPairs()).isFalse();
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a\nb", "a\u0000", "\u0085", "\uD800"})
        void refusesWhatIsNoKeychainId(String keychainId) {
            assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.ofDek(keychainId, dekId, tenant));
        }

        @Test
        void cannotBeReadBackAsAUsersPairs() {
            byte[] encoded = EncryptionContext.ofDek("t", dekId, tenant).toBytes();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.parse(encoded))
                    .withMessageContaining("reserved")
                    .withMessageNotContaining("acme");
        }
    }

    @Nested
    class Parsing {
        @Test
        void givesBackEveryContextByteForByte() {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            for (int i = 0; i < 500; i++) {
                EncryptionContext context = randomContext(random);
                EncryptionContext read = EncryptionContext.parse(context.toBytes());
                assertThat(read).as("seed %d, round %d", seed, i).isEqualTo(context);
                assertThat(read.asMap()).isEqualTo(context.asMap());
            }
        }

        @Test
        void acceptsNoSecondEncodingOfAnything() {
            byte[] encoded = EncryptionContext.of("a", "1").with("é", "x").toBytes();
            for (int i = 0; i < encoded.length; i++) {
                for (int change = 1; change < 256; change++) {
                    byte[] changed = encoded.clone();
                    changed[i] ^= (byte) change;
                    try {
                        assertThat(EncryptionContext.parse(changed).toBytes()).isEqualTo(changed);
                    } catch (IllegalArgumentException refused) {
                        assertThat(refused).isNotNull();
                    }
                }
            }
        }

        @Test
        void refusesWhatIsCutOrTooLong() {
            byte[] encoded = EncryptionContext.of("a", "1").with("b", "2").toBytes();
            for (int length = 0; length < encoded.length; length++) {
                byte[] cut = Arrays.copyOf(encoded, length);
                assertThatIllegalArgumentException().isThrownBy(() -> EncryptionContext.parse(cut));
            }
            byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.parse(longer))
                    .withMessageContaining("1 bytes too many");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.parse(new byte[EncryptionContext.MAX_BYTES + 1]))
                    .withMessageContaining("at most 8192");
        }

        @Test
        void refusesUnsortedAndRepeatedKeys() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.parse(encode("b", "", "a", "")))
                    .withMessageContaining("not in order");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EncryptionContext.parse(encode("a", "1", "a", "2")))
                    .withMessageContaining("stands twice");
            assertThat(EncryptionContext.parse(encode("a", "", "b", "")).asMap())
                    .hasSize(2);
        }

        private byte[] encode(String... keysAndValues) {
            ByteBuffer out = ByteBuffer.allocate(256).putShort((short) (keysAndValues.length / 2));
            for (String text : keysAndValues) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                out.putShort((short) bytes.length).put(bytes);
            }
            return Arrays.copyOf(out.array(), out.position());
        }

        private EncryptionContext randomContext(Random random) {
            Map<String, String> pairs = new HashMap<>();
            int count = random.nextInt(8);
            for (int i = 0; i < count; i++) {
                pairs.put(randomText(random, 1), randomText(random, 0));
            }
            return EncryptionContext.of(pairs);
        }

        private String randomText(Random random, int least) {
            int length = least + random.nextInt(20);
            return random.ints(0, Character.MAX_CODE_POINT + 1)
                    .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                    .limit(length)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }
    }
}
