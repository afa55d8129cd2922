package io.keywrap.azure;

/** A credential gave no token: tells its failures apart from those of the vault. */
final class CredentialFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CredentialFailure(Throwable cause) {
        super("no token: " + cause.getClass().getName(), cause);
    }
}
