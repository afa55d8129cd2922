package com.example.backup;

import io.keywrap.keychain.Keychain;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The same product, which verifies an upload by reading it, and forgets to close the reader. */
public final class LeakyBackupService extends BackupService {
    public LeakyBackupService(Keychain keychain) {
        super(keychain);
    }

    @Override
    public void upload(String object, String content) {
        super.upload(object, content);
        try {
            verify(object, content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void verify(String object, String content) throws IOException {
        InputStream reader = cipher.reader(download(object), contextOf(object));
        if (!content.equals(new String(reader.readAllBytes(), StandardCharsets.UTF_8))) {
            throw new IOException(object + " was not uploaded well");
        }
    }
}
