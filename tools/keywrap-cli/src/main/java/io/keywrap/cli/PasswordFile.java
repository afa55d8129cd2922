package io.keywrap.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A file whose first line is a password. */
final class PasswordFile {
    private static final int MAX_BYTES = 64 * 1024;

    private PasswordFile() {}

    /**
     * The first line without its end, as a new array.
     *
     * @throws java.nio.charset.CharacterCodingException if it is not UTF-8
     * @throws IOException if the file cannot be read
     */
    static char[] firstLine(Path file) throws IOException {
        byte[] bytes = new byte[0];
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES);
            CharBuffer line = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, lineEnd(bytes)));
            char[] password = new char[line.remaining()];
            line.get(password);
            Arrays.fill(line.array(), '\0');
            return password;
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static int lineEnd(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        return end > 0 && bytes[end - 1] == '\r' ? end - 1 : end;
    }
}
