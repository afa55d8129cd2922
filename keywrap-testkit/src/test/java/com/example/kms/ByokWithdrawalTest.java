package com.example.kms;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekRevokedException.Reason;
import io.keywrap.testkit.CurrentProvider;
import io.keywrap.testkit.ManualTime;
import io.keywrap.testkit.WatchedKeks;
import io.keywrap.testkit.Withdrawal;
import io.keywrap.testkit.Withdrawal.Act;
import io.keywrap.testkit.Withdrawal.Proof;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way to withdraw an uploaded key, as a monitor notices it that watches slots among other KEKs; and the way back. */
class ByokWithdrawalTest {
    static Stream<Withdrawal<SlotKms.Slot>> ways() {
        return Stream.of(
                way("revoke", Reason.DISABLED, "REVOKED", SlotKms.Slot::disable, SlotKms.Slot::enable),
                way("drop", Reason.DELETED, "DROPPED", SlotKms.Slot::delete, null));
    }

    private static Withdrawal<SlotKms.Slot> way(
            String by, Reason reason, String code, Act<SlotKms.Slot> withdraw, @Nullable Act<SlotKms.Slot> giveBack) {
        return new Withdrawal<>(by, "by its owner", SlotKms.Slot::id, withdraw, giveBack, reason, code);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void isNoticedInTimeAndSoIsTheWayBack(Withdrawal<SlotKms.Slot> way) throws Exception {
        ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-25T08:00:00Z"));
        try (SlotKms kms = new SlotKms(time);
                WatchedKeks keks = new WatchedKeks(
                        time,
                        options -> options.register(CurrentProvider.factory(
                                "byok", id -> kms.factory().create(id))))) {
            Proof proof = way.prove(kms.createKek(), keks);
            assertThat(proof.noticed()).isPositive().isLessThanOrEqualTo(proof.bound());
        }
    }
}
