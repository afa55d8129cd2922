package io.keywrap.byok;

import io.keywrap.Dek;
import io.keywrap.heap.DumpedProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that has made transport keys and opened uploads, some of which were refused, and holds on to all of it. */
final class UploadHeapScenario {
    private static final List<Object> KEPT = new ArrayList<>();

    private UploadHeapScenario() {}

    public static void main(String[] arguments) throws Exception {
        boolean closed = arguments[0].equals("closed");
        TransportFixture vendor = new TransportFixture(Path.of(arguments[1]));
        TransportKeys keys = vendor.builder().create();
        KEPT.add(vendor.tenant);
        KEPT.add(keys);
        for (Upload upload :
                List.of(secret(""), secret("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), keyFile(0), keyFile(700))) {
            KEPT.add(upload);
            try {
                Dek secret = upload.secret(keys);
                KEPT.add(secret);
                if (closed) {
                    secret.close();
                }
            } catch (UploadRefusedException e) {
                KEPT.add(e);
            }
        }
        KEPT.add(keys.renew().activate());
        DumpedProcess.standStill();
    }

    private static Upload secret(String digest) throws Exception {
        Path made = TransportFixture.RESOURCES.resolve("openssl-3.0.19");
        return Upload.ofSecret(
                Files.readAllBytes(made.resolve("encrypted_secret.bin")),
                digest.isEmpty() ? Files.readString(made.resolve("secret_digest.txt")) : digest);
    }

    private static Upload keyFile(int flipped) throws Exception {
        Path made = TransportFixture.RESOURCES.resolve("openssl-3.0.19");
        byte[] file = Files.readAllBytes(made.resolve("encrypted_key.bin"));
        return Upload.ofKeyFile(
                flipped == 0 ? file : TransportFixture.flipped(file, flipped),
                Files.readAllBytes(made.resolve("encrypted_passphrase.bin")));
    }
}
