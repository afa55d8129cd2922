package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.DataException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeCipher.Inspection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what an envelope says of itself. */
@Command(
        name = "inspect",
        description = {
            "Shows the header of an envelope as JSON, its contexts included, without any key.",
            "",
            "Nothing of it is authenticated: it is what the file claims. If the payload is cut where that can be seen"
                    + " without a key, the header is shown and the exit code is 3."
        },
        footer = {"", "Example:", "  keywrap inspect accounts.csv.kwrp"})
final class InspectCommand implements Callable<Integer> {
    private static final int PAYLOAD_HEADER_BYTES = 74;

    /** What follows the header at least: the header of the payload, and one empty segment. */
    private static final int LEAST_PAYLOAD_BYTES = PAYLOAD_HEADER_BYTES + 32;

    private final KeywrapCommand root;

    @Parameters(paramLabel = "FILE", description = "The envelope, or '-' for standard input.")
    private Path file = Path.of("-");

    InspectCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        if (Transfer.isStandard(file)) {
            return inspectStream(root.host().in());
        }
        if (Files.isRegularFile(file)) {
            return inspectFile();
        }
        try (InputStream pipe = Files.newInputStream(file)) {
            return inspectStream(pipe);
        }
    }

    private int inspectFile() throws IOException {
        EnvelopeHeader header;
        try (InputStream in = Files.newInputStream(file)) {
            header = EnvelopeHeader.read(in);
        }
        JsonObject result = toJson(header);
        return finish(result, () -> {
            Inspection inspection = EnvelopeCipher.inspect(file);
            result.addProperty("segmentLength", inspection.segmentLength());
            checkEnd(header.toBytes().length + PAYLOAD_HEADER_BYTES, inspection.segmentLength());
            result.addProperty("plaintextLength", inspection.plaintextLength());
        });
    }

    /** Compares what the last segment says of its length with what is there; only the segments before it are whole. */
    private void checkEnd(int firstSegment, int segmentLength) throws IOException {
        try (RandomAccessFile envelope = new RandomAccessFile(file.toFile(), "r")) {
            long segments = envelope.length() - firstSegment;
            long last = (segments - 1) / segmentLength * segmentLength;
            envelope.seek(firstSegment + last);
            long word = Integer.toUnsignedLong(envelope.readInt());
            if (word > segments - last) {
                throw new TruncatedEnvelopeException(
                        "the envelope is cut: its last segment says that more follows; to do: restore the envelope from"
                                + " another copy");
            }
            if (word < segments - last) {
                throw new MalformedEnvelopeException("the length word of the last segment is " + word + ", and "
                        + (segments - last) + " bytes are there");
            }
        }
    }

    /** Only the beginning is read, and how long the plaintext is stays unknown. */
    private int inspectStream(InputStream source) throws IOException {
        EnvelopeHeader header = EnvelopeHeader.read(source);
        byte[] payload = source.readNBytes(LEAST_PAYLOAD_BYTES);
        JsonObject result = toJson(header);
        return finish(result, () -> {
            try (TemporaryFolder folder = TemporaryFolder.create("keywrap-inspect-")) {
                Path beginning = folder.path().resolve("beginning");
                try (OutputStream out = Files.newOutputStream(beginning)) {
                    out.write(header.toBytes());
                    out.write(payload);
                }
                result.addProperty(
                        "segmentLength", EnvelopeCipher.inspect(beginning).segmentLength());
            }
        });
    }

    private int finish(JsonObject result, Payload payload) throws IOException {
        Optional<DataException> problem = Optional.empty();
        try {
            payload.inspect();
        } catch (DataException e) {
            problem = Optional.of(e);
            result.addProperty("problem", e.getMessage());
        }
        root.host().print(Json.print(result));
        if (problem.isPresent()) {
            throw problem.get();
        }
        return ExitCode.DONE;
    }

    private JsonObject toJson(EnvelopeHeader header) {
        JsonObject result = new JsonObject();
        result.addProperty("file", file.toString());
        result.addProperty("authenticated", false);
        result.addProperty("note", "Nothing here is authenticated: it is what the file claims of itself.");
        result.addProperty("keychain", header.keychainId());
        result.addProperty("dek", header.dekId().hex());
        result.add("keyContext", Json.context(header.keyContext()));
        result.add("objectContext", Json.context(header.objectContext()));
        result.add("recipients", Json.objects(header.recipients(), Json::wrap));
        result.addProperty("headerLength", header.toBytes().length);
        return result;
    }

    /** What can be said beyond the header. */
    private interface Payload {
        void inspect() throws IOException;
    }
}
