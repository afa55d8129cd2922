package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may use a key: policies of keys and identities, and grants. */
class AwsAccessTest extends AwsTest {
    private static final String VENDOR = "arn:aws:iam::444455556666:role/vendor";
    private static final String OWNER = "{'Effect':'Allow','Principal':{'AWS':'arn:aws:iam::111122223333:root'},"
            + "'Action':'kms:*','Resource':'*'}";
    private static final String HIDDEN = "400 AccessDeniedException: User: " + VENDOR
            + " is not authorized to perform: kms:Decrypt on this resource because the resource does not exist in this"
            + " Region, no resource-based policies allow access, or a resource-based policy explicitly denies access";

    private final String blob = blob();

    private static String policy(String... statements) {
        return "{'Version':'2012-10-17','Statement':[" + String.join(",", statements) + "]}";
    }

    private static String allow(String principal, String actions, String condition) {
        return "{'Sid':'x','Effect':'Allow','Principal':{'AWS':'%s'},'Action':%s,'Resource':'*'%s}"
                .formatted(principal, actions, condition.isEmpty() ? "" : ",'Condition':" + condition);
    }

    private void put(String... statements) {
        Wire.Answer answer = wire.call(
                "PutKeyPolicy",
                "{'KeyId':'%s','PolicyName':'default','Policy':'%s'}"
                        .formatted(key.arn(), policy(statements).replace("'", "\\'")));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private String asVendor(String context) {
        Wire.Answer answer = vendor().call(
                        "Decrypt",
                        "{'KeyId':'%s','CiphertextBlob':'%s','EncryptionContext':%s}"
                                .formatted(key.arn(), blob, context));
        return answer.status() == 200 ? "opens" : answer.error();
    }

    private String asVendor() {
        return asVendor("{'tenant':'acme'}");
    }

    @Nested
    class PolicyOfTheKey {
        @Test
        void givesAndTakesTheRightOfAnotherAccount() {
            assertThat(asVendor()).isEqualTo(HIDDEN);
            put(OWNER, allow(VENDOR, "['kms:Decrypt','kms:GenerateDataKey*']", ""));
            assertThat(asVendor()).isEqualTo("opens");
            assertThat(generate(vendor(), key.arn()).status()).isEqualTo(200);
            assertThat(describe(vendor(), key.arn()).error()).startsWith("400 AccessDeniedException");
            put(OWNER);
            assertThat(asVendor()).isEqualTo(HIDDEN);
        }

        @ParameterizedTest
        @ValueSource(strings = {"*", "444455556666", "arn:aws:iam::444455556666:root", VENDOR})
        void namesPrincipalsInTheseWays(String principal) {
            put(OWNER, allow(principal, "'kms:Decrypt'", ""));
            assertThat(asVendor()).isEqualTo("opens");
        }

        @ParameterizedTest
        @ValueSource(strings = {"111122223333", "arn:aws:iam::444455556666:role/other", "777788889999"})
        void doesNotMeanOthers(String principal) {
            put(OWNER, allow(principal, "'kms:Decrypt'", ""));
            assertThat(asVendor()).isEqualTo(HIDDEN);
        }

        @Test
        void deniesWhateverIsAllowed() {
            put(
                    OWNER,
                    allow(VENDOR, "'kms:*'", ""),
                    allow(VENDOR, "'kms:Decrypt'", "").replace("Allow", "Deny"));
            assertThat(asVendor()).isEqualTo(HIDDEN);
        }

        @Test
        void ofAnotherKeySaysNothingOfThisOne() {
            String statement = allow(VENDOR, "'kms:Decrypt'", "");
            put(
                    OWNER,
                    statement.replace(
                            "'Resource':'*'", "'Resource':'" + aws.createKey().arn() + "'"));
            assertThat(asVendor()).isEqualTo(HIDDEN);
            put(OWNER, statement.replace("'Resource':'*'", "'Resource':['x','" + key.arn() + "']"));
            assertThat(asVendor()).isEqualTo("opens");
        }

        @Test
        void isReadBack() {
            key.policy(policy(OWNER).replace('\'', '"'));
            assertThat(wire.call("GetKeyPolicy", "{'KeyId':'%s'}".formatted(key.arn()))
                            .ok("Policy"))
                    .isEqualTo(policy(OWNER).replace('\'', '"'));
        }

        @Test
        void thatIsNotUnderstoodIsRefused() {
            for (String statement : new String[] {
                "{'Effect':'Allow','NotPrincipal':'*','Action':'kms:*','Resource':'*'}",
                "{'Effect':'Maybe','Principal':'*','Action':'kms:*','Resource':'*'}",
                allow("*", "'kms:*'", "{'NumericEquals':{'kms:CallerAccount':'1'}}"),
                allow("*", "'kms:*'", "{'StringEquals':{'kms:Nonsense':'1'}}"),
                allow("*", "'kms:*'", "'text'"),
                "{'Effect':'Allow','Action':'kms:*','Resource':'*'}",
                "{'Effect':'Allow','Principal':'*','Action':'kms:*'}",
                "7"
            }) {
                assertThatThrownBy(() -> key.policy(policy(statement).replace('\'', '"')))
                        .as(statement)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("MalformedPolicyDocumentException");
            }
        }
    }

    @Nested
    class Conditions {
        private void onlyUnder(String condition) {
            put(OWNER, allow(VENDOR, "'kms:Decrypt'", condition));
        }

        @Test
        void aPairOfTheContext() {
            onlyUnder("{'StringEquals':{'kms:EncryptionContext:tenant':'acme'}}");
            assertThat(asVendor()).isEqualTo("opens");
            assertThat(asVendor("{'tenant':'Acme'}")).isEqualTo(HIDDEN);
            assertThat(asVendor("{}")).isEqualTo(HIDDEN);
        }

        @Test
        void theKeysOfTheContext() {
            onlyUnder("{'ForAllValues:StringEquals':{'kms:EncryptionContextKeys':['tenant','kw:dek']},"
                    + "'Null':{'kms:EncryptionContextKeys':'false'}}");
            assertThat(asVendor()).isEqualTo("opens");
            assertThat(asVendor("{}")).isEqualTo(HIDDEN);
            assertThat(asVendor("{'tenant':'acme','more':'x'}")).isEqualTo(HIDDEN);
        }

        @Test
        void patternsAndSeveralValues() {
            onlyUnder("{'StringLike':{'kms:EncryptionContext:tenant':['x','ac?e*']}}");
            assertThat(asVendor()).isEqualTo("opens");
            onlyUnder("{'ForAnyValue:StringEquals':{'kms:EncryptionContextKeys':'tenant'}}");
            assertThat(asVendor()).isEqualTo("opens");
            onlyUnder("{'StringNotEquals':{'kms:EncryptionContext:tenant':'acme'}}");
            assertThat(asVendor()).isEqualTo(HIDDEN);
        }

        /** A pattern of many stars that fits almost would be tried in more ways than there is time for. */
        @Test
        void patternsOfManyStars() {
            String stars = "*a".repeat(40);
            for (String[] row : new String[][] {
                {stars, "a".repeat(39), "no"},
                {stars, "a".repeat(40), "yes"},
                {stars + "b", "a".repeat(90), "no"},
                {"", "", "yes"},
                {"*", "", "yes"},
                {"**", "x", "yes"},
                {"?", "", "no"},
                {"a?c*", "abc", "yes"},
                {"*b", "abab", "yes"},
                {"ab", "abc", "no"},
                {"abc", "ab", "no"}
            }) {
                assertThat(PolicyStatement.matches(row[0], row[1]))
                        .as("%s, %s", row[0], row[1])
                        .isEqualTo(row[2].equals("yes"));
            }
        }

        @Test
        void whoAndWhere() {
            onlyUnder("{'StringEquals':{'kms:CallerAccount':'444455556666','aws:RequestedRegion':'us-east-1'},"
                    + "'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::*:role/ven*'}}");
            assertThat(asVendor()).isEqualTo("opens");
        }

        @Test
        void whatADirectCallDoesNotHave() {
            onlyUnder("{'StringEquals':{'kms:ViaService':'s3.us-east-1.amazonaws.com'}}");
            assertThat(asVendor()).isEqualTo(HIDDEN);
            onlyUnder("{'StringEqualsIfExists':{'kms:ViaService':'s3.us-east-1.amazonaws.com'}}");
            assertThat(asVendor()).isEqualTo("opens");
        }

        @Test
        void describeKeyHasNoContext() {
            put(OWNER, allow(VENDOR, "'kms:*'", "{'StringEquals':{'kms:EncryptionContext:tenant':'acme'}}"));
            assertThat(describe(vendor(), key.arn()).error()).startsWith("400 AccessDeniedException");
        }

        @Test
        void reEncryptAsksForEachSideWithItsOwnContext() {
            String both = "{'CiphertextBlob':'%s','SourceKeyId':'%s','SourceEncryptionContext':{'tenant':'acme'},"
                    + "'DestinationKeyId':'%s','DestinationEncryptionContext':{'tenant':'new'}}";
            String request = both.formatted(blob, key.arn(), key.arn());
            String from =
                    allow(VENDOR, "'kms:ReEncryptFrom'", "{'StringEquals':{'kms:EncryptionContext:tenant':'acme'}}");
            String to = allow(VENDOR, "'kms:ReEncryptTo'", "{'StringEquals':{'kms:EncryptionContext:tenant':'new'}}");

            put(OWNER, from);
            assertThat(vendor().call("ReEncrypt", request).error()).contains("kms:ReEncryptTo");
            put(OWNER, to);
            assertThat(vendor().call("ReEncrypt", request).error()).contains("kms:ReEncryptFrom");
            put(OWNER, from, to);
            assertThat(vendor().call("ReEncrypt", request).status()).isEqualTo(200);
        }
    }

    @Nested
    class PolicyOfTheIdentity {
        private final AwsPrincipal vendor = aws.principal(VENDOR);

        @BeforeEach
        void allowed() {
            put(OWNER, allow(VENDOR, "'kms:*'", ""));
        }

        @Test
        void isNeededAcrossAccounts() {
            aws.identityPolicy(
                    vendor,
                    policy("{'Effect':'Allow','Action':'kms:DescribeKey','Resource':'*'}")
                            .replace('\'', '"'));
            assertThat(asVendor())
                    .isEqualTo(
                            "400 AccessDeniedException: User: " + VENDOR + " is not authorized to perform: kms:Decrypt"
                                    + " on resource: " + key.arn()
                                    + " because no identity-based policy allows the kms:Decrypt action");
            assertThat(describe(vendor(), key.arn()).status()).isEqualTo(200);
        }

        @Test
        void hasNoPrincipal() {
            String json = policy(OWNER).replace('\'', '"');
            assertThatThrownBy(() -> aws.identityPolicy(vendor, json))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("MalformedPolicyDocumentException");
        }

        @Test
        void mayDeny() {
            aws.identityPolicy(
                    vendor,
                    policy(
                                    "{'Effect':'Allow','Action':'*','Resource':'*'}",
                                    "{'Effect':'Deny','Action':'kms:Decrypt','Resource':'" + key.arn() + "'}")
                            .replace('\'', '"'));
            assertThat(asVendor()).contains("with an explicit deny in an identity-based policy");
        }

        @Test
        void isNotNeededInTheOwnAccountIfTheKeyNamesThePrincipal() {
            AwsPrincipal user = aws.principal("arn:aws:iam::111122223333:user/backup");
            aws.identityPolicy(user, "{\"Statement\":[]}");
            put(OWNER);
            assertThat(decrypt(wire.as(user), key.arn(), blob).error()).contains("no identity-based policy allows");
            put(OWNER, allow(user.arn(), "'kms:Decrypt'", ""));
            assertThat(decrypt(wire.as(user), key.arn(), blob).status()).isEqualTo(200);
        }
    }

    @Nested
    class Grants {
        private Wire.Answer grant(String constraints) {
            return wire.call(
                    "CreateGrant",
                    "{'KeyId':'%s','GranteePrincipal':'%s','Operations':['Decrypt']%s}"
                            .formatted(key.arn(), VENDOR, constraints));
        }

        @Test
        void giveTheRightUntilRevoked() {
            String id = grant("").ok("GrantId");
            assertThat(asVendor()).isEqualTo("opens");
            assertThat(generate(vendor(), key.arn()).error()).startsWith("400 AccessDeniedException");
            assertThat(wire.call("ListGrants", "{'KeyId':'%s'}".formatted(key.arn()))
                            .body())
                    .contains(id, VENDOR);

            String revoke = "{'KeyId':'%s','GrantId':'%s'}".formatted(key.arn(), id);
            assertThat(wire.call("RevokeGrant", revoke).status()).isEqualTo(200);
            assertThat(asVendor()).isEqualTo(HIDDEN);
            assertThat(wire.call("RevokeGrant", revoke).error()).startsWith("400 NotFoundException");
        }

        @Test
        void mayBeBoundToAContext() {
            grant(",'Constraints':{'EncryptionContextSubset':{'tenant':'other'}}");
            assertThat(asVendor()).isEqualTo(HIDDEN);
            grant(",'Constraints':{'EncryptionContextEquals':{'tenant':'acme'}}");
            assertThat(asVendor()).isEqualTo("opens");
        }

        @Test
        void askForNoContextWhereAnOperationHasNone() {
            wire.call(
                    "CreateGrant",
                    ("{'KeyId':'%s','GranteePrincipal':'%s','Operations':['Decrypt','DescribeKey'],"
                                    + "'Constraints':{'EncryptionContextSubset':{'tenant':'acme'}}}")
                            .formatted(key.arn(), VENDOR));
            assertThat(describe(vendor(), key.arn()).status()).isEqualTo(200);
            assertThat(asVendor("{'tenant':'other'}")).isEqualTo(HIDDEN);
        }

        @Test
        void areRetiredByThoseWhoMay() {
            String token = grant(",'RetiringPrincipal':'" + VENDOR + "'").ok("GrantToken");
            String retire = "{'GrantToken':'%s'}".formatted(token);
            assertThat(wire.call("RetireGrant", retire).error()).startsWith("400 NotFoundException");
            assertThat(vendor().call("RetireGrant", retire).status()).isEqualTo(200);
            assertThat(asVendor()).isEqualTo(HIDDEN);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "'GranteePrincipal':'vendor','Operations':['Decrypt']",
                    "'GranteePrincipal':'" + VENDOR + "','Operations':['decrypt']",
                    "'GranteePrincipal':'" + VENDOR + "','Operations':['ReEncrypt*']",
                    "'GranteePrincipal':'" + VENDOR + "','Operations':'Decrypt'",
                    "'GranteePrincipal':'" + VENDOR + "','Operations':[]",
                    "'GranteePrincipal':'" + VENDOR + "','Operations':['Decrypt'],'RetiringPrincipal':'x'"
                })
        void thatWouldAllowNothingAreRefused(String parameters) {
            assertThat(wire.call("CreateGrant", "{'KeyId':'" + key.arn() + "'," + parameters + "}")
                            .error())
                    .matches("400 (Validation|InvalidArn)Exception: .*");
            assertThat(wire.call("ListGrants", "{'KeyId':'%s'}".formatted(key.arn()))
                            .body())
                    .doesNotContain("GrantId");
        }

        @Test
        void areNotMadeOnADisabledKey() {
            key.disable();
            assertThat(grant("").error()).startsWith("400 DisabledException");
        }
    }

    @Nested
    class OwnersOperations {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "ListKeyRotations",
                    "DisableKey",
                    "EnableKey",
                    "ScheduleKeyDeletion",
                    "CancelKeyDeletion",
                    "GetKeyPolicy",
                    "PutKeyPolicy",
                    "RotateKeyOnDemand",
                    "ReplicateKey"
                })
        void areNotForOtherAccountsWhateverThePolicy(String operation) {
            put(OWNER, allow(VENDOR, "'kms:*'", ""));
            assertThat(vendor().call(operation, "{'KeyId':'%s'}".formatted(key.arn()))
                            .error())
                    .startsWith("400 AccessDeniedException");
        }

        @Test
        void theStatusOfRotationIsForOtherAccounts() {
            put(OWNER, allow(VENDOR, "'kms:GetKeyRotationStatus'", ""));
            assertThat(vendor().call("GetKeyRotationStatus", "{'KeyId':'%s'}".formatted(key.arn()))
                            .ok("KeyRotationEnabled"))
                    .isEqualTo("false");
        }
    }
}
