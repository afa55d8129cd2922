package io.keywrap.crypto;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import java.security.SecureRandom;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.ShortBufferException;

/** A cipher of a test's own provider over a real one: it takes all of its input at once, in the ways that a test gives it. */
public abstract class OneShotCipher extends CipherSpi {
    /** The real one. */
    protected final Cipher cipher;

    protected OneShotCipher(String transformation, Provider real) {
        try {
            this.cipher = Cipher.getInstance(transformation, real);
        } catch (GeneralSecurityException e) {
            throw StubProvider.impossible(e);
        }
    }

    @Override
    protected void engineSetMode(String mode) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void engineSetPadding(String padding) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected int engineGetBlockSize() {
        return cipher.getBlockSize();
    }

    @Override
    protected int engineGetOutputSize(int length) {
        return cipher.getOutputSize(length);
    }

    @Override
    protected byte[] engineGetIV() {
        return cipher.getIV();
    }

    @Override
    protected AlgorithmParameters engineGetParameters() {
        return cipher.getParameters();
    }

    @Override
    protected void engineInit(int mode, Key key, AlgorithmParameters parameters, SecureRandom random) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected byte[] engineUpdate(byte[] in, int from, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected int engineUpdate(byte[] in, int from, int length, byte[] out, int to) {
        throw new UnsupportedOperationException("it takes one piece");
    }

    @Override
    protected byte[] engineDoFinal(byte[] in, int from, int length)
            throws IllegalBlockSizeException, BadPaddingException {
        throw new UnsupportedOperationException();
    }

    @Override
    protected int engineDoFinal(byte[] in, int from, int length, byte[] out, int to)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        throw new UnsupportedOperationException();
    }
}
