package io.keywrap.stream;

import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage.Segments;
import io.keywrap.floe.FloeParameters;
import java.io.IOException;
import java.util.Arrays;

/** Which way segments go, from plaintext or to it; the engines are the same for both. */
enum Direction {
    ENCRYPT {
        @Override
        int inputBytes(FloeParameters parameters) {
            return parameters.plaintextBytes();
        }

        @Override
        int outputBytes(FloeParameters parameters) {
            return parameters.segmentBytes();
        }

        @Override
        Transform transform(OpenedEnvelope envelope) {
            return new Sealing(envelope, envelope.segments());
        }

        @Override
        IOException becameShorter() {
            return new IOException("the source became shorter while it was read");
        }
    },
    DECRYPT {
        @Override
        int inputBytes(FloeParameters parameters) {
            return parameters.segmentBytes();
        }

        @Override
        int outputBytes(FloeParameters parameters) {
            return parameters.plaintextBytes();
        }

        @Override
        Transform transform(OpenedEnvelope envelope) {
            return new Opening(new SegmentOpener(envelope));
        }

        @Override
        IOException becameShorter() {
            throw new TruncatedEnvelopeException("the envelope became shorter while it was read");
        }
    };

    /** Length of a full segment as it comes in. */
    abstract int inputBytes(FloeParameters parameters);

    /** Length of a full segment as it goes out. */
    abstract int outputBytes(FloeParameters parameters);

    /** A transform for one thread at a time. */
    abstract Transform transform(OpenedEnvelope envelope);

    /** What it means if a file ends before the length that it had; thrown at once where it is the envelope's fault. */
    abstract IOException becameShorter();

    /** Encrypts or decrypts single segments, having checked that the DEK may still be used. Closing wipes the key. */
    interface Transform extends AutoCloseable {
        /**
         * Does one segment.
         *
         * @param segment its number, counted from 0
         * @param in a full segment, or what there is of the last one
         * @param last whether the input ends with it
         * @param out receives the result; must not overlap
         * @param outOffset where in {@code out}
         * @return the length of the result
         */
        int apply(long segment, Slice in, boolean last, byte[] out, int outOffset);

        @Override
        void close();
    }

    private record Sealing(OpenedEnvelope envelope, Segments segments) implements Transform {
        @Override
        public int apply(long segment, Slice in, boolean last, byte[] out, int outOffset) {
            envelope.ensureUsable();
            return last
                    ? segments.encryptLast(segment, in, out, outOffset)
                    : segments.encryptFull(segment, in, out, outOffset);
        }

        @Override
        public void close() {
            segments.close();
        }
    }

    /** The end of the envelope must be where the input ends. */
    private record Opening(SegmentOpener opener) implements Transform {
        @Override
        public int apply(long segment, Slice in, boolean last, byte[] out, int outOffset) {
            int length = opener.open(segment, in, out, outOffset);
            if (opener.wasLast() != last) {
                Arrays.fill(out, outOffset, outOffset + length, (byte) 0);
                throw last ? SegmentOpener.cut(segment + 1) : SegmentOpener.followed();
            }
            return length;
        }

        @Override
        public void close() {
            opener.close();
        }
    }
}
