package io.keywrap.keystore;

import io.keywrap.crypto.Jca;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStoreSpi;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/** A token that fails as SunPKCS11 reports it, which a software token never does; else it works. */
final class FailingToken {
    /** How the token fails: null for not at all. */
    static volatile String failure;

    /** What it calls a wrong tag; null for what that is to the JCA. */
    static volatile String wrongTag;

    /** What happens while it decrypts. */
    static volatile Runnable meanwhile;

    /** How it fails to give a key; null for not at all. */
    static volatile GeneralSecurityException keyFailure;

    /** The key of every alias; one that stays inside unless a test says so, and null for one that is not given any more. */
    static volatile Key key;

    private static final byte[] KEY = Jca.platform().random(32);

    private FailingToken() {}

    /** As it should be. */
    static void mend() {
        failure = null;
        wrongTag = null;
        meanwhile = () -> {};
        keyFailure = null;
        key = new InsideKey("AES");
    }

    static KeyStore open() throws Exception {
        mend();
        KeyStore keyStore = new KeyStore(new Keys(), new Token(), "TOKEN") {};
        keyStore.load(null, null);
        return keyStore;
    }

    private static final class Token extends Provider {
        Token() {
            super("FailingToken", "1", "");
            put("Cipher.AES/GCM/NoPadding", Gcm.class.getName());
        }
    }

    record InsideKey(String kind) implements SecretKey {
        @Override
        public String getAlgorithm() {
            return kind;
        }

        @Override
        public String getFormat() {
            return null;
        }

        @Override
        public byte[] getEncoded() {
            return null;
        }
    }

    /** AES-GCM of the JDK behind the faults of a token. */
    public static final class Gcm extends CipherSpi {
        private final Cipher cipher;
        private int mode;

        public Gcm() throws GeneralSecurityException {
            cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
        }

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameterSpec parameters, SecureRandom random)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            this.mode = mode;
            if ("CKR_DEVICE_REMOVED".equals(failure)) {
                throw new InvalidKeyException("Could not initialize cipher", new Exception(failure));
            }
            cipher.init(mode, new SecretKeySpec(KEY, "AES"), parameters);
        }

        @Override
        protected byte[] engineDoFinal(byte[] in, int offset, int length)
                throws IllegalBlockSizeException, BadPaddingException {
            byte[] out = new byte[engineGetOutputSize(length)];
            try {
                return Arrays.copyOf(out, engineDoFinal(in, offset, length, out, 0));
            } catch (ShortBufferException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        protected int engineDoFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
                throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
            failWhenDecrypting();
            try {
                return cipher.doFinal(in, offset, length, out, outOffset);
            } catch (AEADBadTagException e) {
                if (wrongTag != null) {
                    throw new ProviderException("doFinal() failed", new Exception(wrongTag));
                }
                throw e;
            }
        }

        private void failWhenDecrypting() {
            if (mode != Cipher.DECRYPT_MODE) {
                return;
            }
            meanwhile.run();
            if (failure != null) {
                throw new ProviderException("doFinal() failed", new Exception(failure));
            }
        }

        @Override
        protected void engineUpdateAAD(byte[] in, int offset, int length) {
            cipher.updateAAD(in, offset, length);
        }

        @Override
        protected int engineGetOutputSize(int length) {
            return length + 16;
        }

        @Override
        protected int engineGetBlockSize() {
            return 16;
        }

        @Override
        protected void engineSetMode(String mode) {}

        @Override
        protected void engineSetPadding(String padding) {}

        @Override
        protected byte[] engineGetIV() {
            return null;
        }

        @Override
        protected AlgorithmParameters engineGetParameters() {
            return null;
        }

        @Override
        protected void engineInit(int mode, Key key, SecureRandom random) {}

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameters parameters, SecureRandom random) {}

        @Override
        protected byte[] engineUpdate(byte[] in, int offset, int length) {
            throw new IllegalStateException("one call a message");
        }

        @Override
        protected int engineUpdate(byte[] in, int offset, int length, byte[] out, int outOffset) {
            throw new IllegalStateException("one call a message");
        }
    }

    /** Every alias is a key inside of the token. */
    private static final class Keys extends KeyStoreSpi {
        @Override
        public Key engineGetKey(String alias, char[] password)
                throws NoSuchAlgorithmException, UnrecoverableKeyException {
            if (keyFailure instanceof UnrecoverableKeyException e) {
                throw e;
            }
            if (keyFailure instanceof NoSuchAlgorithmException e) {
                throw e;
            }
            return key;
        }

        @Override
        public boolean engineIsKeyEntry(String alias) {
            return true;
        }

        @Override
        public boolean engineContainsAlias(String alias) {
            return true;
        }

        @Override
        public void engineLoad(InputStream in, char[] password) {}

        @Override
        public Enumeration<String> engineAliases() {
            return Collections.emptyEnumeration();
        }

        @Override
        public int engineSize() {
            return 0;
        }

        @Override
        public Certificate[] engineGetCertificateChain(String alias) {
            return null;
        }

        @Override
        public Certificate engineGetCertificate(String alias) {
            return null;
        }

        @Override
        public Date engineGetCreationDate(String alias) {
            return null;
        }

        @Override
        public boolean engineIsCertificateEntry(String alias) {
            return false;
        }

        @Override
        public String engineGetCertificateAlias(Certificate certificate) {
            return null;
        }

        @Override
        public void engineSetKeyEntry(String alias, Key key, char[] password, Certificate[] chain) {}

        @Override
        public void engineSetKeyEntry(String alias, byte[] key, Certificate[] chain) {}

        @Override
        public void engineSetCertificateEntry(String alias, Certificate certificate) {}

        @Override
        public void engineDeleteEntry(String alias) {}

        @Override
        public void engineStore(OutputStream out, char[] password) {}
    }
}
