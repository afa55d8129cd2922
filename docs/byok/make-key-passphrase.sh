#!/bin/sh
# Makes a 256-bit key for a backup service, in a file that a passphrase of yours opens, and encrypts the passphrase for the
# upload: a POSIX shell and openssl (1.1.1 or later) are all it needs, on Linux and macOS. The guide of your backup service
# says what becomes of it.
#
# Neither key nor passphrase is on a command line, in an environment or in the clear in a file of this machine at any time.
# They are in the memory of this shell and in pipes between it and openssl, until the script ends.

set +x +v +a # Whatever the caller has set: no trace of what follows, and nothing exported.
set -euC
umask 077
unset secret passphrase line
if [ -n "${ZSH_VERSION-}" ]; then emulate sh && set -euC; fi
# shellcheck disable=SC3045 # The shells that this runs in have it.
ulimit -c 0 2>/dev/null || true
LC_ALL=C
export LC_ALL
openssl=${OPENSSL:-openssl}
unseen=
made_one=
made_two=

usage() {
    cat >&2 <<'END'
usage: sh make-key-passphrase.sh [-k KEY_FILE] TRANSPORT_KEY.pem [FOLDER]

Asks for a passphrase, or takes one line from the standard input, and writes encrypted_key.bin and
encrypted_passphrase.bin into FOLDER (default: this one). Upload both. Keep encrypted_key.bin and the passphrase, in
two places.

  -k  makes no key, but encrypts the passphrase of a KEY_FILE that was made before, to upload the same key again under
      another transport key; writes encrypted_passphrase.bin alone
END
    exit 2
}

fail() {
    echo "make-key-passphrase.sh: $*" >&2
    exit 1
}

clean() {
    unset secret passphrase line
    if [ -n "$unseen" ]; then stty echo; fi
    if [ -n "$made_one" ]; then rm -f -- "$made_one"; fi
    if [ -n "$made_two" ]; then rm -f -- "$made_two"; fi
}

trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

# What a program of its own prints is on that program's command line.
require_shell() {
    [ "$(command -v printf)" = printf ] ||
        fail 'this shell has no printf of its own; run the script with dash, bash, zsh or ksh'
}

# Says which key it is, for the customer to compare.
require_transport_key() {
    "$openssl" pkey -pubin -in "$1" -noout -text 2>/dev/null | grep 'Public-Key: (4096 bit' >/dev/null ||
        fail "$1 is no RSA public key of 4096 bits in PEM; download the transport key again"
    fingerprint=$("$openssl" pkey -pubin -in "$1" -outform DER | "$openssl" dgst -sha256 -r | cut -d ' ' -f 1)
    echo "transport key, SHA-256: $fingerprint" >&2
}

# Never in the place of another file.
make_files() {
    true >"$1" || fail "cannot make $1, or it is there already; name another folder"
    made_one=$1
    [ $# = 2 ] || return 0
    true >"$2" || fail "cannot make $2, or it is there already; name another folder"
    made_two=$2
}

keep_files() {
    made_one=
    made_two=
}

# Reads one line into $line, unseen if it is typed.
read_line() {
    if [ -t 0 ]; then
        printf '%s: ' "$1" >&2
        unseen=yes
        stty -echo
        IFS= read -r line || true
        stty echo
        unseen=
        echo >&2
    else
        IFS= read -r line || true
    fi
}

encrypt_for_transport() {
    "$openssl" pkeyutl -encrypt -pubin -inkey "$transport_key" -pkeyopt rsa_padding_mode:oaep \
        -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256
}

require_length() {
    [ "$(wc -c <"$1")" -eq "$2" ] || fail "openssl did not do its work: $1 is not as long as it must be"
}

read_passphrase() {
    read_line 'passphrase'
    passphrase=$line
    case $passphrase in
        *[!\ -~]*) fail 'use letters, digits, spaces and signs of ASCII alone, since others differ between machines' ;;
    esac
    if [ "${#passphrase}" -lt 16 ] || [ "${#passphrase}" -gt 128 ]; then
        fail 'a passphrase has 16 to 128 characters; let a password manager make it'
    fi
    if [ -t 0 ] && [ -z "$key_file" ]; then
        read_line 'the same again'
        [ "$line" = "$passphrase" ] || fail 'these are two passphrases'
    fi
}

# From standard input to standard output. The passphrase comes by a pipe of its own.
under_passphrase() {
    "$openssl" enc "$@" -aes-256-cbc -md sha256 -pbkdf2 -iter 600000 -pass fd:3
}

secret_bytes() {
    printf '%s\n' "$secret" | "$openssl" base64 -d
}

# The secret, and its digest behind it: the padding alone would accept one wrong passphrase in 256.
secret_and_digest() {
    secret_bytes
    secret_bytes | "$openssl" dgst -sha256 -binary
}

make_key_file() {
    secret=$("$openssl" rand -base64 32)
    if [ "${#secret}" != 44 ] || [ "$(secret_bytes | wc -c)" -ne 32 ]; then
        fail 'openssl did not make a key'
    fi
    printf '%s\n' "$passphrase" | {
        secret_and_digest | under_passphrase -salt 3<&4
    } 4<&0 >|"$1"
    unset secret
    require_length "$1" 96
}

opened() {
    printf '%s\n' "$passphrase" | under_passphrase -d -in "$1" 3<&0 2>/dev/null
}

require_opens() {
    is=$(opened "$1" | dd bs=1 count=32 2>/dev/null | "$openssl" dgst -sha256 -r | cut -d ' ' -f 1)
    said=$(opened "$1" | dd bs=1 skip=32 2>/dev/null | od -An -v -tx1 | tr -d ' \n')
    if [ "${#is}" != 64 ] || [ "$is" != "$said" ]; then fail "the passphrase does not open $1"; fi
}

key_file=
while getopts k: option; do
    case $option in
        k)
            key_file=$OPTARG
            [ -n "$key_file" ] || usage
            ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# = 1 ] || [ $# = 2 ] || usage
transport_key=$1
encrypted=${2:-.}/encrypted_passphrase.bin
made_key=${2:-.}/encrypted_key.bin

require_shell
require_transport_key "$transport_key"
if [ -n "$key_file" ]; then
    make_files "$encrypted"
    read_passphrase
else
    make_files "$encrypted" "$made_key"
    read_passphrase
    make_key_file "$made_key"
fi
require_opens "${key_file:-$made_key}"

printf '%s' "$passphrase" | encrypt_for_transport >|"$encrypted"
require_length "$encrypted" 512
keep_files
echo "made $encrypted${key_file:+ for $key_file}; upload it with ${key_file:-$made_key}" >&2
