package io.keywrap.azure.storage;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClient;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import io.keywrap.testkit.ManualTime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.kms.KmsClient;

/** What the Java of docs/guides/azure-storage.md finds there: a blob, keys in two clouds, a clock, and a folder. */
public abstract class GuideBlock {
    private final Blobs blobs;
    protected final KmsClient awsClient;
    protected final KeyManagementServiceClient gcpClient;
    protected final BlobClient blobClient;
    protected final String customerKeyArn;
    protected final String customerKeyName;
    protected final String vendorKeyArn;
    protected final ManualTime clock;
    protected final Path folder;
    final List<String> logged = new ArrayList<>();

    protected GuideBlock(Object blobs, Path folder) {
        this.blobs = (Blobs) blobs;
        this.awsClient = this.blobs.awsClient;
        this.gcpClient = this.blobs.gcpClient;
        this.blobClient = this.blobs.plain("accounts.csv");
        this.customerKeyArn = this.blobs.awsKey.arn();
        this.customerKeyName = this.blobs.gcpKey.name();
        this.vendorKeyArn = this.blobs.aws.createKey().arn();
        this.clock = this.blobs.time;
        this.folder = folder;
    }

    protected final void disableCustomerKey() {
        blobs.awsKey.disable();
    }

    protected final void enableCustomerKey() {
        blobs.awsKey.enable();
    }

    /** A client of a blob that was uploaded while the customer's key was enabled. */
    protected final EncryptedBlobClient encryptedClient(StorageKeks keks, String name) {
        EncryptedBlobClient client = blobs.client(name, blobs.awsKek, keks);
        enableCustomerKey();
        client.upload(BinaryData.fromString("other"));
        disableCustomerKey();
        return client;
    }

    protected final void log(Object line) {
        logged.add(line.toString());
    }

    /** All blocks of the page, one after the other. */
    public abstract void run() throws Exception;
}
