package io.keywrap.aws;

import java.util.function.Predicate;
import software.amazon.awssdk.services.kms.KmsClient;

/** Where a provider has its client from. */
interface Clients {
    /** A client for a key, without calling anybody. */
    Loan of(AwsKeyArn key);

    /**
     * A client in use by one provider.
     *
     * @param client the client
     * @param callsAlike whether another key would be called with the same credentials
     * @param assumedRole whether it calls as a role of the account of the key, so that its permissions are the owner's to give
     * @param giveBack to be called once
     */
    record Loan(KmsClient client, Predicate<AwsKeyArn> callsAlike, boolean assumedRole, Runnable giveBack) {}
}
