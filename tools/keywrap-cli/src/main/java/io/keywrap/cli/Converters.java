package io.keywrap.cli;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.envelope.EnvelopeHeader;
import java.nio.file.InvalidPathException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads arguments by the library's own rules. */
final class Converters {
    private Converters() {}

    /** A KEK URI. */
    static final class Kek implements ITypeConverter<KekId> {
        @Override
        public KekId convert(String value) {
            try {
                return KekId.of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** A folder, or the URL of a database, which no message repeats. */
    static final class Store implements ITypeConverter<StorePlace> {
        @Override
        public StorePlace convert(String value) {
            try {
                return StorePlace.of(value);
            } catch (InvalidPathException e) {
                throw new TypeConversionException(e.getMessage());
            } catch (UsageException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** A keychain id. */
    static final class KeychainId implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            try {
                EnvelopeHeader.builder(value, DekId.random());
                return value;
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
