package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotRefusedException.Reason;
import io.keywrap.store.StoreNotes.Note;
import java.nio.file.Path;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A product with one slot, and what each test of its states asks. */
abstract class SlotsFixture {
    @TempDir
    Path folder;

    Product product;
    final Dek dek = Dek.random(DekId.random());

    @BeforeEach
    void open() {
        product = new Product(folder);
    }

    @AfterEach
    void close() {
        dek.close();
        product.close();
    }

    void assertRefused(Reason reason, ThrowingCallable call) {
        Optional<Note> before = product.notes.note(Slots.noteOf(SLOT));
        assertThatThrownBy(call).isInstanceOfSatisfying(SlotRefusedException.class, refusal -> {
            assertThat(refusal.reason()).isEqualTo(reason);
            assertThat(refusal.kekId()).contains(ByokKms.kekId(SLOT));
            assertThat(refusal.operatorAction()).isNotBlank();
            assertThat(refusal.retryable()).isEqualTo(reason == Reason.CONFLICT);
        });
        assertThat(product.notes.note(Slots.noteOf(SLOT))).as("what is stored").isEqualTo(before);
    }

    String states() {
        StringBuilder states = new StringBuilder();
        product.slots
                .status(SLOT)
                .orElseThrow()
                .versions()
                .forEach(version -> states.append(version.number())
                        .append(' ')
                        .append(version.state())
                        .append("; "));
        return states.toString();
    }

    void assertOpens(WrappedDek wrapped) {
        try (Dek back = product.unwrap(wrapped)) {
            assertThat(back.checkValue()).isEqualTo(dek.checkValue());
        }
    }
}
