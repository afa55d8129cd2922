package io.keywrap.cli;

import picocli.CommandLine.Command;

/** What a customer allows the vendor, for the KMS of each cloud. */
@Command(
        name = "policy",
        description = {
            "Writes what a customer allows a vendor on a key, and no more than a role needs: as words to click by, as a document, or as"
                    + " commands. No cloud is asked.",
        },
        footer = {
            "",
            "Examples:",
            "  keywrap kek policy aws --role backup --role restore --principal arn:aws:iam::444455556666:role/backup \\",
            "      --context tenant=acme arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "  keywrap kek policy gcp --role monitor --principal monitor@vendor.iam.gserviceaccount.com \\",
            "      projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek"
        })
final class KekPolicyCommand implements Runnable {
    @Override
    public void run() {
        throw new UsageException("a command is missing after 'kek policy'");
    }
}
