package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.EncryptionContext;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The texts of policies, against files that are read by people. */
class AwsKeyPolicyTest {
    private static final AwsKeyArn KEY =
            AwsKeyArn.parse("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    private static final AwsKeyArn ALIAS = AwsKeyArn.parse("arn:aws:kms:eu-west-1:111122223333:alias/kek");
    private static final String VENDOR = "arn:aws:iam::444455556666:role/";
    private static final EncryptionContext ACME = EncryptionContext.of("tenant", "acme");
    private static final VendorAccess ALL = VendorAccess.of(PolicyRole.BACKUP, VENDOR + "backup")
            .and(PolicyRole.RESTORE, VENDOR + "restore")
            .and(PolicyRole.REWRAP, VENDOR + "rewrap")
            .and(PolicyRole.MONITOR, VENDOR + "monitor");

    static String golden(String name) throws IOException {
        try (InputStream in = AwsKeyPolicyTest.class.getResourceAsStream("/policies/" + name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static AwsKeyPolicy of(PolicyRole role) {
        return AwsKeyPolicy.of(KEY, VendorAccess.of(role, VENDOR + PolicyStatements.lowerCase(role)), ACME);
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void everyRoleIsAsItWasVetted(PolicyRole role) throws IOException {
        String name = PolicyStatements.lowerCase(role);
        assertThat(of(role).statements()).isEqualTo(golden(name + ".json"));
        assertThat(of(role).grants().values()).containsExactly(golden(name + "-grant.json"));
        assertThat(of(role).vendorPolicies().values()).containsExactly(golden(name + "-vendor.json"));
    }

    @Test
    void mergedAndItsDifferenceAreAsTheyWereVetted() throws IOException {
        AwsKeyPolicy.Merged merged = AwsKeyPolicy.of(KEY, ALL, ACME).mergedInto(golden("existing.json"));

        assertThat(merged.document()).isEqualTo(golden("merged.json"));
        assertThat(merged.diff()).isEqualTo(golden("merged.diff"));
    }

    @Nested
    class Merging {
        private final AwsKeyPolicy policy = AwsKeyPolicy.of(KEY, ALL, ACME);

        @Test
        void twiceIsOnce() throws IOException {
            AwsKeyPolicy.Merged once = policy.mergedInto(golden("existing.json"));

            assertThat(policy.mergedInto(once.document()).diff()).isEmpty();
            assertThat(policy.mergedInto(once.document()).document()).isEqualTo(once.document());
        }

        @Test
        void aChangedStatementGivesWayAtItsPlaceAndNothingElseMoves() throws IOException {
            String before = policy.mergedInto(golden("existing.json")).document();
            AwsKeyPolicy.Merged after = AwsKeyPolicy.of(
                            KEY, VendorAccess.of(PolicyRole.RESTORE, VENDOR + "other"), ACME)
                    .mergedInto(before);

            assertThat(after.diff().lines().filter(line -> line.matches("[-+] .*")))
                    .containsExactly("-          \"" + VENDOR + "restore\"", "+          \"" + VENDOR + "other\"");
        }

        @Test
        void whatIsNotUnderstoodIsKept() {
            String existing =
                    "{\"Future\":[1.50,true,null,{}],\"Statement\":{\"Sid\":\"x\",\"Effect\":\"Deny\",\"New\":\"\\u00e9\"}}";

            String document = policy.mergedInto(existing).document();

            assertThat(document.replaceAll("\\s+", ""))
                    .startsWith(
                            "{\"Future\":[1.50,true,null,{}],\"Statement\":[{\"Sid\":\"x\",\"Effect\":\"Deny\",\"New\":\"\\u00e9\"},{");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "no",
                    "[]",
                    "\"s\"",
                    "{}",
                    "{\"Statement\":[1]}",
                    "{\"Statement\":[{]}",
                    "null",
                    "{\"Statement\":[]} {\"Statement\":[{\"Sid\":\"lost\"}]}",
                    "{\"Statement\":[]},{\"Statement\":[{\"Sid\":\"lost\"}]}",
                    "{\"Statement\":[]}],[{\"Statement\":[{\"Sid\":\"lost\"}]}",
                    "{\"Statement\":[{\"Sid\":\"lost\"}],\"Statement\":[]}",
                    "{\"Statement\":[{\"Sid\":\"lost\",\"Sid\":\"kept\"}]}",
                    "{\"Statement\":[]}]}",
                    "{\"Statement\":[]}]",
                    "{/* \" */\"Statement\":[]}",
                    "{\"Statement\":[],\"Id\":\"\\u202\u0463\"}",
                    "{\"Statement\":[],\"Id\":\"\\u20",
                    "{\"Statement\":[],\"deep\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}"
                })
        void whatIsNoPolicyIsRefused(String existing) {
            assertThatThrownBy(() -> policy.mergedInto(existing))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("policy");
        }

        @Test
        void codesOfCharactersAreKept() {
            String existing = "{\"Statement\":[],\"Id\":\"\\u00Fc\\\\u\\u2028\"}";
            assertThat(policy.mergedInto(existing).document()).contains("\\u00fc\\\\u\\u2028");
        }

        @Test
        void bracketsAndColonsOfTextsAreNoneOfItsForm() {
            String existing = "{\"Statement\":[],\"Id\":\"" + "[{:/\\\"".repeat(20) + "\"}";
            assertThat(policy.mergedInto(existing).document()).contains("[{:/\\\"".repeat(20));
        }

        static Stream<Arguments> othersWithOurName() {
            String backup =
                    "{\"Sid\":\"KeywrapBackup\",\"Effect\":\"Allow\",\"Action\":\"kms:Encrypt\",\"Resource\":\"*\"";
            String ofOurs = ",\"Principal\":{\"AWS\":\"" + VENDOR + "backup\"}";
            return Stream.of(
                    Arguments.of(
                            "another account",
                            backup + ",\"Principal\":{\"AWS\":[\"" + VENDOR
                                    + "backup\",\"arn:aws:iam::555566667777:role/b\"]}}"),
                    Arguments.of("another account", backup + ",\"Principal\":{\"AWS\":\"555566667777\"}}"),
                    Arguments.of(
                            "another key context",
                            backup + ofOurs
                                    + ",\"Condition\":{\"StringEquals\":{\"kms:EncryptionContext:tenant\":\"globex\"}}}"),
                    Arguments.of("allows nothing", (backup + ofOurs + "}").replace("Allow", "Deny")),
                    Arguments.of("twice", backup + ofOurs + "}," + backup + ofOurs + "}"));
        }

        @ParameterizedTest
        @MethodSource("othersWithOurName")
        void nobodyIsLockedOutBecauseOfASid(String why, String statements) {
            assertThatThrownBy(() -> policy.mergedInto("{\"Statement\":[" + statements + "]}"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("KeywrapBackup")
                    .hasMessageContaining(why)
                    .message()
                    .doesNotContain("globex");
        }

        @Test
        void aRoleThatIsThereNoMoreGivesWay() {
            String gone =
                    "{\"Sid\":\"KeywrapBackup\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"AROADBQP57FF2AEXAMPLE\"}}";

            assertThat(policy.mergedInto("{\"Statement\":" + gone + "}").document())
                    .doesNotContain("AROA")
                    .containsOnlyOnce("\"KeywrapBackup\"");
        }

        @Test
        void aPolicyOfThousandsOfLinesHasADifferenceToo() {
            String before = "a\n" + "=\n".repeat(3_000) + "b\n";
            String diff =
                    UnifiedDiff.of("1", before, "2", before.replace('a', 'c').replace('b', 'd'));

            assertThat(diff).contains("@@ -1,3002 +1,3002 @@").hasLineCount(3 + 2 * 3_002);
        }

        @Test
        void onlyAsMuchAsAwsTakes() {
            String full = "{\"Statement\":[{\"Sid\":\"" + "x".repeat(AwsKeyPolicy.MAX_CHARACTERS - 500) + "\"}]}";
            assertThatThrownBy(() -> policy.mergedInto(full)).hasMessageContaining("more than 32768 characters");
            assertThatThrownBy(() -> policy.mergedInto("x".repeat(100_000))).hasMessageContaining("at most 32768");
        }
    }

    @Test
    void theOrderOfWhatWasGivenDoesNotMatter() {
        VendorAccess turned = VendorAccess.of(PolicyRole.MONITOR, VENDOR + "monitor")
                .and(PolicyRole.REWRAP, VENDOR + "rewrap")
                .and(PolicyRole.RESTORE, VENDOR + "restore")
                .and(PolicyRole.BACKUP, VENDOR + "backup");
        EncryptionContext pairs = EncryptionContext.of(Map.of("b", "1", "a", "2"));

        assertThat(AwsKeyPolicy.of(KEY, turned, pairs).statements())
                .isEqualTo(AwsKeyPolicy.of(KEY, ALL, pairs).statements());
    }

    @Test
    void statusIsNeverInAStatementWithAContext() {
        String statements = AwsKeyPolicy.of(
                        KEY,
                        VendorAccess.of(PolicyRole.BACKUP, VENDOR + "backup").withStatus(),
                        ACME)
                .statements();

        assertThat(statements).contains("KeywrapBackupStatus");
        assertThat(statements.substring(statements.indexOf("KeywrapBackupStatus")))
                .contains("kms:DescribeKey")
                .doesNotContain("Condition");
    }

    @Test
    void anAliasAllowsItsPairAndHasNoGrant() {
        AwsKeyPolicy policy = AwsKeyPolicy.of(ALIAS, ALL, ACME);

        assertThat(policy.statements()).contains("\"kw:alias\"");
        assertThat(policy.vendorPolicies().get(VENDOR + "backup"))
                .contains("\"arn:aws:kms:eu-west-1:111122223333:key/*\"");
        assertThatThrownBy(policy::grants).hasMessageContaining("by its own ARN");
        assertThatThrownBy(() -> policy.policyCommands("before", "after")).hasMessageContaining("by its own ARN");
    }

    @Test
    void accountsAreWrittenAsTheirRootAndHaveNoPolicyOfTheirOwn() {
        AwsKeyPolicy policy = AwsKeyPolicy.of(KEY, VendorAccess.of(PolicyRole.BACKUP, "444455556666"), ACME);

        assertThat(policy.statements()).contains("\"arn:aws:iam::444455556666:root\"");
        assertThat(policy.vendorPolicies()).isEmpty();
    }

    @Test
    void commandsNameKeyRegionAndFiles() {
        AwsKeyPolicy policy = of(PolicyRole.MONITOR);

        assertThat(policy.policyCommands("a b.json", "c.json"))
                .containsExactly(
                        "aws kms get-key-policy --region eu-west-1 --key-id " + KEY
                                + " --policy-name default --query Policy --output text > 'a b.json'",
                        "aws kms put-key-policy --region eu-west-1 --key-id " + KEY
                                + " --policy-name default --policy 'file://c.json'");
        assertThat(policy.grantCommands())
                .singleElement()
                .asString()
                .startsWith("aws kms create-grant --region eu-west-1 --cli-input-json '{\"KeyId\":\"" + KEY + "\",");
        assertThat(policy.words()).hasSize(6).anyMatch(step -> step.contains("eu-west-1"));
    }

    @Test
    void aQuoteInTheContextStaysInsideOfTheShellsQuotes() {
        AwsKeyPolicy policy = AwsKeyPolicy.of(
                KEY, VendorAccess.of(PolicyRole.BACKUP, VENDOR + "b"), EncryptionContext.of("tenant", "o'hara\"\\"));

        assertThat(policy.grantCommands().get(0)).contains("\"tenant\":\"o'\\''hara\\\"\\\\\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "backup",
                "arn:aws:iam::444455556666:role/*",
                "arn:aws:iam::444455556666:group/g",
                "arn:aws:sts::444455556666:assumed-role/backup/session",
                "arn:aws-cn:iam::444455556666:role/backup",
                "44445555666",
                "arn:aws:iam::444455556666:role/a b"
            })
    void whatIsNoPrincipalOfThisPartitionIsRefused(String principal) {
        assertThatThrownBy(() -> AwsKeyPolicy.of(KEY, VendorAccess.of(PolicyRole.BACKUP, principal), ACME))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(principal);
    }

    @Test
    void contextsThatAConditionCannotTellAreRefusedWithoutTheirValues() {
        assertThatThrownBy(
                        () -> AwsKeyPolicy.of(KEY, ALL, EncryptionContext.of(Map.of("Tenant", "a", "tenant", "hush"))))
                .hasMessageContaining("upper and lower case")
                .message()
                .doesNotContain("hush");
        assertThatThrownBy(() -> AwsKeyPolicy.of(KEY, ALL, EncryptionContext.of("tenant", "${aws:username}")))
                .hasMessageContaining("'tenant'")
                .message()
                .doesNotContain("username");
        assertThatThrownBy(() -> AwsKeyPolicy.of(KEY, ALL, EncryptionContext.of("${aws:username}", "acme")))
                .hasMessageContaining("variable");
        assertThatThrownBy(() -> AwsKeyPolicy.of(KEY, ALL, EncryptionContext.of("KW:dek", "acme")))
                .hasMessageContaining("upper and lower case");
    }
}
