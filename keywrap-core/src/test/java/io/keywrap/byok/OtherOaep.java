package io.keywrap.byok;

import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.encodings.OAEPEncoding;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.params.RSAKeyParameters;

/** OAEP by Bouncy Castle's own engine, past the JCA, with whatever digests. */
final class OtherOaep {
    private OtherOaep() {}

    static byte[] encrypt(PublicKey key, String digest, String mgf1, byte[] plaintext) throws Exception {
        RSAPublicKey rsa = (RSAPublicKey) key;
        OAEPEncoding oaep = new OAEPEncoding(new RSAEngine(), digest(digest), digest(mgf1), null);
        oaep.init(true, new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent()));
        return oaep.processBlock(plaintext, 0, plaintext.length);
    }

    private static Digest digest(String name) {
        return switch (name) {
            case "SHA-1" -> new SHA1Digest();
            case "SHA-256" -> SHA256Digest.newInstance();
            default -> new SHA512Digest();
        };
    }
}
