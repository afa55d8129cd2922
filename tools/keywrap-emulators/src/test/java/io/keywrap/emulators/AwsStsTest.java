package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A role of the customer that the vendor assumes. */
class AwsStsTest extends AwsTest {
    private static final String ROLE = "arn:aws:iam::111122223333:role/for-vendor";
    private static final String FORM = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=backup&RoleArn="
            + "arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Ffor-vendor";

    @BeforeEach
    void role() {
        aws.role(AwsRole.of(ROLE)
                .trusting("arn:aws:iam::" + OTHER_ACCOUNT + ":role/vendor")
                .withExternalId("x-42"));
    }

    private static String element(String xml, String name) {
        Matcher found = Pattern.compile("<" + name + ">(.*?)</" + name + ">").matcher(xml);
        assertThat(found.find()).as(xml).isTrue();
        return found.group(1);
    }

    private AwsPrincipal assume() {
        String xml = vendor().sts(FORM + "&ExternalId=x-42");
        return new AwsPrincipal(element(xml, "Arn"), element(xml, "AccessKeyId"), element(xml, "SecretAccessKey"));
    }

    @Test
    void theSessionIsOfTheRolesAccount() {
        AwsPrincipal session = assume();

        assertThat(session.arn()).isEqualTo("arn:aws:sts::111122223333:assumed-role/for-vendor/backup");
        assertThat(decrypt(wire.as(session), key.arn(), blob()).status()).isEqualTo(200);
        assertThat(wire.as(session).sts("Action=GetCallerIdentity"))
                .startsWith("200")
                .contains(session.arn());
    }

    @Test
    void policiesNameTheRole() {
        AwsPrincipal session = assume();
        aws.identityPolicy(aws.principal(ROLE), "{\"Statement\":[]}");

        assertThat(decrypt(wire.as(session), key.arn(), blob()).error())
                .contains("User: " + session.arn() + " is not authorized", "no identity-based policy allows");
    }

    @Test
    void withoutTheExternalIdItIsRefused() {
        assertThat(vendor().sts(FORM)).startsWith("403").contains("<Code>AccessDenied</Code>", "sts:AssumeRole");
        assertThat(vendor().sts(FORM + "&ExternalId=x-43")).startsWith("403");
    }

    @Test
    void othersAreRefused() {
        Wire other = wire.as(aws.principal("arn:aws:iam::" + OTHER_ACCOUNT + ":role/other"));
        assertThat(other.sts(FORM + "&ExternalId=x-42")).startsWith("403");
        assertThat(vendor().sts(FORM.replace("for-vendor", "none") + "&ExternalId=x-42"))
                .startsWith("403");
    }

    @Test
    void theSessionExpires() {
        AwsPrincipal session = assume();
        time.advance(Duration.ofHours(1));

        assertThat(decrypt(wire.as(session), key.arn(), blob()).error())
                .isEqualTo("400 ExpiredTokenException: The security token included in the request is expired");
    }

    @Test
    void aFormThatCannotBeDecodedIsAnswered() {
        assertThat(vendor().sts("Action=Get%zz&RoleArn=%")).startsWith("400").contains("<Code>InvalidAction</Code>");
    }

    @Test
    void faultsComeInXml() {
        aws.inject(AwsFault.error(400, "Throttling", "Rate exceeded").on("AssumeRole"), 1);
        assertThat(vendor().sts(FORM)).startsWith("400 <ErrorResponse").contains("<Code>Throttling</Code>");
    }
}
