#!/bin/sh
# Makes a 256-bit key for a backup service and encrypts it for the upload: a POSIX shell and openssl (1.1.1 or later) are
# all it needs, on Linux and macOS. The guide of your backup service says what becomes of it.
#
# The key is on no command line, in no environment and in no file of this machine at any time. It is in the memory of this
# shell and in pipes between it and openssl, until the script ends.

set +x +v +a # Whatever the caller has set: no trace of what follows, and nothing exported.
set -euC
umask 077
unset secret line
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
usage: sh make-key.sh [-o | -i] TRANSPORT_KEY.pem [FOLDER]

Writes encrypted_secret.bin and secret_digest.txt into FOLDER (default: this one). Upload both.

  -o  also writes the key itself, in base64, to the standard output, for a vault of yours; never to a terminal
  -i  makes no key, but takes the one that -o has written from the standard input, to upload the same one again
END
    exit 2
}

fail() {
    echo "make-key.sh: $*" >&2
    exit 1
}

clean() {
    unset secret line
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

secret_bytes() {
    printf '%s\n' "$secret" | "$openssl" base64 -d
}

mode=
while getopts oi option; do
    case $option$mode in
        o | i) mode=$option ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# = 1 ] || [ $# = 2 ] || usage
transport_key=$1
encrypted=${2:-.}/encrypted_secret.bin
digest=${2:-.}/secret_digest.txt

require_shell
require_transport_key "$transport_key"
if [ "$mode" = o ] && [ -t 1 ]; then fail 'the standard output is a terminal; pipe it into your vault'; fi
make_files "$encrypted" "$digest"

if [ "$mode" = i ]; then
    read_line 'key, in base64'
    secret=$line
else
    secret=$("$openssl" rand -base64 32)
fi
if [ "${#secret}" != 44 ] || [ "$(secret_bytes | wc -c)" -ne 32 ]; then
    fail 'this is no key: it has not 256 bits in base64'
fi
if [ "$mode" = o ]; then printf '%s\n' "$secret"; fi

secret_bytes | encrypt_for_transport >|"$encrypted"
secret_bytes | "$openssl" dgst -sha256 -binary | "$openssl" base64 >|"$digest"
require_length "$encrypted" 512
require_length "$digest" 45
keep_files
echo "made $encrypted and $digest; upload both" >&2
