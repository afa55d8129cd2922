package com.example.backup;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keywrap.KekRevokedException;
import io.keywrap.keychain.Keychain;
import io.keywrap.testkit.KeywrapExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The five lines with which a product shows that it heeds its customers. */
class BackupServiceTest {
    @RegisterExtension
    final KeywrapExtension keywrap = new KeywrapExtension();

    @Test
    void servesNothingOnceTheCustomerDisablesTheKek() {
        BackupService service = serviceOf(keywrap.keychain());
        service.upload("accounts.csv", "id,name");
        keywrap.kek().disable();
        assertThrows(KekRevokedException.class, () -> service.restore("accounts.csv"));
    }

    BackupService serviceOf(Keychain keychain) {
        return new BackupService(keychain);
    }
}
