package io.keywrap.recovery;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.keywrap.DataException;
import io.keywrap.fuzz.Cost;
import io.keywrap.fuzz.Same;
import io.keywrap.store.KeychainRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.InputStream;
import java.util.Optional;

/** What stands in an export, as far as whoever has the KEK of the seal could write it: refused, or written again as it was. */
class StoreExportFuzzTest {
    @FuzzTest(maxDuration = "60m")
    void parseThenWriteIsIdentity(byte[] input) throws Exception {
        Cost.of(input, () -> {
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(written);
            out.write(input, 0, Math.min(5, input.length));
            long count = 0;
            try (StoreExport.Reader reader =
                    new StoreExport.Reader(InputStream.nullInputStream(), new ByteArrayInputStream(input))) {
                for (Optional<KeychainRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
                    byte[] encoded = record.get().toBytes();
                    out.writeInt(encoded.length);
                    out.write(encoded);
                    count++;
                }
            } catch (DataException refused) {
                return;
            }
            out.writeInt(0);
            out.writeLong(count);
            Same.bytes(written.toByteArray(), input);
        });
    }
}
