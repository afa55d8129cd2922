package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.aws.Clients.Loan;
import io.keywrap.emulators.AwsKmsEmulator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.services.kms.KmsClient;

/** Which providers share a client, and when it is closed. */
class OwnClientsTest {
    private static final String ROLE_ACCOUNT = "999988887777";

    private final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().region("eu-west-1").start(0);
    private final SdkSettings settings = SdkSettings.of(emulator);
    private final AwsKeyArn key = AwsKeyArn.parse(emulator.createKey().arn());
    private final OwnClients clients = new OwnClients(
            Map.of(ROLE_ACCOUNT, AwsRole.of("arn:aws:iam::" + ROLE_ACCOUNT + ":role/keywrap")),
            () -> AwsBasicCredentials.create("AKIATEST", "secret"));

    @AfterEach
    void close() {
        settings.close();
        emulator.close();
    }

    @Test
    void oneClientServesARegion() {
        KmsClient client = clients.of(key).client();
        assertThat(clients.of(key).client()).isSameAs(client);
        assertThat(clients.of(AwsKeyArn.parse(emulator.createKey().arn())).client())
                .isSameAs(client);
        assertThat(clients.of(changed("eu-west-1", "us-east-1")).client()).isNotSameAs(client);
    }

    @Test
    void aRoleHasAClientOfItsOwn() {
        Loan ofRole = clients.of(changed(emulator.account(), ROLE_ACCOUNT));
        assertThat(ofRole.client()).isNotSameAs(clients.of(key).client());
        assertThat(ofRole.assumedRole()).isTrue();
        assertThat(clients.of(key).assumedRole()).isFalse();
    }

    @Test
    void itIsClosedWithTheLastWhoUsesItHoweverOftenOneGivesItBack() {
        Loan one = clients.of(key);
        Loan other = clients.of(key);
        one.giveBack().run();
        one.giveBack().run();
        assertThatCode(() -> other.client().listKeys()).doesNotThrowAnyException();
        assertThat(clients.of(key).client()).isSameAs(other.client());
    }

    @Test
    void aClosedOneIsNotGivenAgain() {
        Loan last = clients.of(key);
        last.giveBack().run();
        assertThatThrownBy(() -> last.client().listKeys()).isNotNull();
        Loan next = clients.of(key);
        assertThat(next.client()).isNotSameAs(last.client());
        assertThatCode(() -> next.client().listKeys()).doesNotThrowAnyException();
    }

    @Test
    void aClosedProviderGivesItsClientBack() {
        AtomicInteger givenBack = new AtomicInteger();
        Loan loan = clients.of(key);
        new AwsKeyProvider(key, new Loan(loan.client(), other -> true, false, givenBack::incrementAndGet)).close();
        assertThat(givenBack).hasValue(1);
        loan.giveBack().run();
    }

    private AwsKeyArn changed(String from, String to) {
        return AwsKeyArn.parse(key.toString().replace(from, to));
    }

    @Test
    void anEndpointWithoutASchemeIsNamedAsAMistakeInTheSettings() {
        settings.set("aws.endpointUrlKms", "nonsense");
        KekId kek = EmulatedKms.kekId(emulator.createKey().arn());
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> AwsKms.factory().create(kek))
                .withMessageContaining("AWS_ENDPOINT_URL_KMS");
    }
}
