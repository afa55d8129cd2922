package io.keywrap.onboarding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is to have what. */
class VendorAccessTest {
    @Test
    void rolesAddUpByPrincipal() {
        VendorAccess access = VendorAccess.of(PolicyRole.BACKUP, "a")
                .and(PolicyRole.RESTORE, "a")
                .and(PolicyRole.MONITOR, "b");

        assertThat(access.operationsByPrincipal())
                .containsEntry("a", Set.of(KekOperation.WRAP, KekOperation.GENERATE, KekOperation.UNWRAP))
                .containsEntry("b", Set.of(KekOperation.UNWRAP, KekOperation.STATUS));
        assertThat(access.roles()).containsExactly(PolicyRole.BACKUP, PolicyRole.RESTORE, PolicyRole.MONITOR);
        assertThat(access.principals(PolicyRole.REWRAP)).isEmpty();
    }

    @Test
    void statusIsAddedToEveryRoleAndKeptByLaterOnes() {
        VendorAccess access = VendorAccess.of(PolicyRole.BACKUP, "a")
                .withStatus()
                .and(PolicyRole.RESTORE, "b")
                .inForm(name -> name + "!");

        assertThat(access.operations(PolicyRole.BACKUP))
                .containsExactly(KekOperation.WRAP, KekOperation.GENERATE, KekOperation.STATUS);
        assertThat(access.operationsByPrincipal().keySet()).containsExactly("a!", "b!");
        assertThat(access.operationsByPrincipal().get("b!")).contains(KekOperation.STATUS);
    }

    @Test
    void aRewrapMakesNoDek() {
        assertThat(PolicyRole.REWRAP.operations())
                .containsExactly(KekOperation.WRAP, KekOperation.UNWRAP, KekOperation.REWRAP, KekOperation.STATUS);
    }

    @Test
    void nothingThatWasGivenChanges() {
        VendorAccess first = VendorAccess.of(PolicyRole.BACKUP, "a");
        first.and(PolicyRole.BACKUP, "b");

        assertThat(first.principals(PolicyRole.BACKUP)).containsExactly("a");
        assertThatThrownBy(() -> first.principals(PolicyRole.BACKUP).add("b"))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> PolicyRole.BACKUP.operations().add(KekOperation.UNWRAP))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aBlankPrincipalIsRefused() {
        assertThatThrownBy(() -> VendorAccess.of(PolicyRole.MONITOR, " "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MONITOR");
    }
}
