package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.KeychainDestroyedException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.keychain.Openers.Opener;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is known of an erasure when the store's answer to it is lost. */
class LostErasureTest extends RecipientsFixture {
    private static final Optional<String> NOBODY = Optional.empty();
    private static final String NOT_KNOWN = "\"byThisCall\": \"not known whether by this call,";

    private Keychain keychain;

    @BeforeEach
    void create() {
        keychain = keychain(spec -> spec.control(A));
        use(keychain);
    }

    private final StoreUnavailableException lost = new StoreUnavailableException("the answer was lost", null);

    private void fail() {
        throw lost;
    }

    @Test
    void givesTheEvidenceIfTheChangeWasMade() {
        store.afterReplace = this::fail;
        Erasure erasure = keychain.destroy(Optional.of("ticket 4711"));
        assertThat(erasure.whole()).isTrue();
        assertThat(erasure.deks()).hasSize(2);
        assertThat(erasure.requestedBy()).contains("ticket 4711");
        assertThat(erasure.before().openers()).anyMatch(Opener::canOpen);
        assertThat(erasure.after().openers()).noneMatch(Opener::canOpen);
        assertThat(erasure.revision()).isEqualTo(store.load(ID).orElseThrow().revision());
    }

    @Test
    void givesThatOfOneDekToo() {
        DekId dekId = keychain.record().deks().get(0).id();
        store.afterReplace = this::fail;
        assertThat(keychain.destroyDek(dekId, NOBODY).deks()).containsExactly(dekId);
    }

    @Test
    void isAnOutageIfTheChangeWasNotMade() {
        store.beforeReplace = this::fail;
        assertThatThrownBy(() -> keychain.destroy(NOBODY)).isSameAs(lost);
        assertThat(keychain.destroy(NOBODY).whole()).isTrue();
    }

    @Test
    void isAnOutageIfNobodyCanTell() {
        store.afterReplace = () -> {
            store.afterLoad = this::fail;
            fail();
        };
        assertThatThrownBy(() -> keychain.destroy(NOBODY)).isSameAs(lost);
        assertThatExceptionOfType(KeychainDestroyedException.class).isThrownBy(() -> keychain.destroy(NOBODY));
    }

    @Test
    void saysThatItIsNotKnownWhoseChangeItWas() {
        store.afterReplace = this::fail;
        assertThat(keychain.destroy(NOBODY).toJson()).contains(NOT_KNOWN);
    }

    @Test
    void isNotClaimedForThisCallWhereAnotherMayHaveDoneTheSame() {
        Keychain other = process().open(ID);
        store.beforeReplace = () -> {
            assertThat(other.destroy(NOBODY).toJson()).contains("confirmed by the store");
            fail();
        };
        assertThat(keychain.destroy(NOBODY).toJson()).contains(NOT_KNOWN);
    }

    @Test
    void isNotKnownWhereOthersHaveWrittenSince() {
        DekId dekId = keychain.record().deks().get(0).id();
        Keychain other = process().open(ID);
        store.afterReplace = () -> {
            other.rotate();
            fail();
        };
        Erasure erasure = keychain.destroyDek(dekId, NOBODY);
        assertThat(erasure.toJson()).contains(NOT_KNOWN);
        assertThat(erasure.deks()).containsExactly(dekId);
    }

    @Test
    void isThatOfOthersWhereTheRecordCannotBeThatOfThisCall() {
        DekId dekId = keychain.record().deks().get(0).id();
        Keychain other = process().open(ID);
        store.beforeReplace = () -> {
            other.destroy(NOBODY);
            fail();
        };
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> keychain.destroyDek(dekId, NOBODY));
    }

    @Test
    void isAnOutageWhereOthersHaveOnlyDoneAPart() {
        DekId dekId = keychain.record().deks().get(0).id();
        Keychain other = process().open(ID);
        store.beforeReplace = () -> {
            other.destroyDek(dekId, NOBODY);
            fail();
        };
        assertThatThrownBy(() -> keychain.destroy(NOBODY)).isSameAs(lost);
    }

    /** Evidence of what was not destroyed would be the worst of all answers. */
    @Test
    void isAnOutageWhereOthersHaveWrittenSomethingElseSince() {
        DekId dekId = keychain.record().deks().get(0).id();
        for (Runnable erasure :
                List.<Runnable>of(() -> keychain.destroy(NOBODY), () -> keychain.destroyDek(dekId, NOBODY))) {
            Keychain other = process().open(ID);
            store.beforeReplace = () -> {
                other.rotate();
                other.rotate();
                fail();
            };
            assertThatThrownBy(erasure::run).isSameAs(lost);
            open(keychain, use(keychain));
        }
    }
}
