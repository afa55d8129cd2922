package io.keywrap.heap;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * A form in which a key, or what serves as well as the key, may lie in the memory of a JVM.
 *
 * <p>A dump has numbers in big-endian order, so words that were packed big-endian look like the raw bytes.
 */
public enum Form {
    /** Bytes; also {@code int[]} and {@code long[]} packed big-endian, such as the key schedule of SunJCE for encryption. */
    RAW {
        @Override
        List<byte[]> patterns(Secret secret) {
            return List.of(secret.pieces());
        }
    },
    /** An {@code int[]} packed little-endian. */
    LITTLE_ENDIAN_INTS {
        @Override
        List<byte[]> patterns(Secret secret) {
            return eachPiece(secret, piece -> Bytes.reversedBy(4, piece));
        }
    },
    /** A {@code long[]} packed little-endian. */
    LITTLE_ENDIAN_LONGS {
        @Override
        List<byte[]> patterns(Secret secret) {
            return eachPiece(secret, piece -> Bytes.reversedBy(8, piece));
        }
    },
    /** The last byte first. */
    REVERSED {
        @Override
        List<byte[]> patterns(Secret secret) {
            return eachPiece(secret, piece -> Bytes.reversedBy(16, piece));
        }
    },
    /** The second round key in the AES key schedule for decryption, as words or bytes. */
    DECRYPTION_SCHEDULE {
        @Override
        List<byte[]> patterns(Secret secret) {
            byte[] roundKey = Bytes.inverseMixColumns(secret.pieces()[1]);
            return List.of(roundKey, Bytes.reversedBy(4, roundKey));
        }
    },
    /** What GCM authenticates with: the encryption of a block of zeros. */
    GHASH_SUBKEY {
        @Override
        List<byte[]> patterns(Secret secret) {
            byte[] subkey = encryptedZeros(Arrays.copyOf(secret.key(), 32));
            return List.of(subkey, Bytes.reversedBy(8, subkey), Bytes.reversedBy(16, subkey));
        }
    },
    /** The key of an HMAC, padded for the inner digest. */
    HMAC_INNER_KEY {
        @Override
        List<byte[]> patterns(Secret secret) {
            return eachPiece(secret, piece -> Bytes.xor(piece, 0x36));
        }
    },
    /** The key of an HMAC, padded for the outer digest. */
    HMAC_OUTER_KEY {
        @Override
        List<byte[]> patterns(Secret secret) {
            return eachPiece(secret, piece -> Bytes.xor(piece, 0x5C));
        }
    },
    /** The state of a digest that has seen the padded key of an HMAC with SHA-384, which serves as well as the key. */
    HMAC_STATE {
        @Override
        List<byte[]> patterns(Secret secret) {
            List<byte[]> patterns = new ArrayList<>();
            for (int pad : new int[] {0x36, 0x5C}) {
                byte[] state = Sha384State.after(Bytes.xor(Arrays.copyOf(secret.key(), 128), pad));
                patterns.addAll(List.of(Arrays.copyOf(state, 16), Arrays.copyOfRange(state, 48, 64)));
            }
            return patterns;
        }
    },
    HEX_LOWER {
        @Override
        List<byte[]> patterns(Secret secret) {
            return texts(secret, HexFormat.of()::formatHex);
        }
    },
    HEX_UPPER {
        @Override
        List<byte[]> patterns(Secret secret) {
            return texts(secret, HexFormat.of().withUpperCase()::formatHex);
        }
    },
    BASE64 {
        @Override
        List<byte[]> patterns(Secret secret) {
            return base64(secret, Base64.getEncoder());
        }
    },
    BASE64_URL {
        @Override
        List<byte[]> patterns(Secret secret) {
            return base64(secret, Base64.getUrlEncoder());
        }
    },
    /** As {@link Arrays#toString(byte[])} writes it. */
    DECIMAL {
        @Override
        List<byte[]> patterns(Secret secret) {
            return texts(secret, piece -> {
                String list = Arrays.toString(piece);
                return list.substring(1, list.length() - 1);
            });
        }
    };

    /** Strings of Latin-1, other strings, and {@code char[]}. */
    private static final List<Charset> CHARSETS =
            List.of(StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE);

    /** What to look for; each pattern alone is a finding. */
    abstract List<byte[]> patterns(Secret secret);

    private static List<byte[]> eachPiece(Secret secret, UnaryOperator<byte[]> form) {
        return Stream.of(secret.pieces()).map(form).toList();
    }

    private static List<byte[]> texts(Secret secret, Function<byte[], String> format) {
        return Stream.of(secret.pieces()).map(format).flatMap(Form::encoded).toList();
    }

    private static Stream<byte[]> encoded(String text) {
        return CHARSETS.stream().map(text::getBytes);
    }

    /** Wherever in a longer text: what stands in front moves the groups of three bytes. */
    private static List<byte[]> base64(Secret secret, Base64.Encoder encoder) {
        List<byte[]> patterns = new ArrayList<>();
        for (byte[] piece : secret.pieces()) {
            for (int before = 0; before < 3; before++) {
                byte[] shifted = new byte[before + piece.length];
                System.arraycopy(piece, 0, shifted, before, piece.length);
                String text = encoder.encodeToString(shifted);
                int mixedInFront = (8 * before + 5) / 6;
                int whole = 8 * shifted.length / 6;
                encoded(text.substring(mixedInFront, whole)).forEach(patterns::add);
            }
        }
        return patterns;
    }

    private static byte[] encryptedZeros(byte[] key) {
        try {
            Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
            return cipher.doFinal(new byte[16]);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
