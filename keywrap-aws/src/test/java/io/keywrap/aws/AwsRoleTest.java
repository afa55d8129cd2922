package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AwsRoleTest {
    private static final AwsRole ROLE = AwsRole.of("arn:aws:iam::111122223333:role/backup/keywrap");

    @Test
    void keepsWhatItIsGiven() {
        AwsRole all = ROLE.externalId("tenant-42").sessionName("restore");
        assertThat(all.arn()).isEqualTo("arn:aws:iam::111122223333:role/backup/keywrap");
        assertThat(all.account()).isEqualTo("111122223333");
        assertThat(all.externalId()).contains("tenant-42");
        assertThat(all.sessionName()).isEqualTo("restore");
        assertThat(ROLE.externalId()).isEmpty();
        assertThat(ROLE.sessionName()).isEqualTo("keywrap");
    }

    @Test
    void doesNotPrintItsExternalId() {
        assertThat(ROLE.externalId("tenant-42")).asString().contains(ROLE.arn()).doesNotContain("tenant-42");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "backup",
                "arn:aws:iam::1111:role/x",
                "arn:aws:iam::111122223333:user/x",
                "arn:aws:iam::111122223333:role/x y"
            })
    void isTheArnOfARole(String arn) {
        assertThatIllegalArgumentException().isThrownBy(() -> AwsRole.of(arn));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "a b", "a\n"})
    void refusesWhatStsRefuses(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ROLE.externalId(text))
                .withMessageNotContaining("a b");
        assertThatIllegalArgumentException().isThrownBy(() -> ROLE.sessionName(text));
    }

    @Test
    void isOneForEachAccount() {
        AwsKms.Builder builder = AwsKms.builder().assumeRole(ROLE);
        assertThatIllegalArgumentException().isThrownBy(() -> builder.assumeRole(ROLE.sessionName("other")));
    }
}
