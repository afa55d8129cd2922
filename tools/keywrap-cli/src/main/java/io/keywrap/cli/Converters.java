package io.keywrap.cli;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.envelope.EnvelopeHeader;
import java.nio.file.InvalidPathException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** A length of time, such as 30s, 5m, 1h or 7d. */
    static final class Time implements ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("([0-9]{1,6})([smhd])");
        private static final Map<String, ChronoUnit> UNITS =
                Map.of("s", ChronoUnit.SECONDS, "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS, "d", ChronoUnit.DAYS);

        @Override
        public Duration convert(String value) {
            Matcher form = FORM.matcher(value);
            if (!form.matches()) {
                throw new TypeConversionException("'" + value + "' is no time such as 30s, 5m, 1h or 7d");
            }
            return Duration.of(Long.parseLong(form.group(1)), UNITS.getOrDefault(form.group(2), ChronoUnit.SECONDS));
        }
    }

    /** How often a second, such as 50/s. */
    static final class Rate implements ITypeConverter<Double> {
        private static final Pattern FORM = Pattern.compile("([0-9]{1,5}(?:\\.[0-9]{1,3})?)/s");

        @Override
        public Double convert(String value) {
            Matcher form = FORM.matcher(value);
            if (!form.matches()) {
                throw new TypeConversionException("'" + value + "' is no rate such as 50/s or 0.5/s");
            }
            return Double.valueOf(form.group(1));
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
        /** None at random, which would load cryptography that logs, before it is known what is to be logged. */
        private static final DekId ANY = DekId.of(new byte[DekId.BYTES]);

        @Override
        public String convert(String value) {
            try {
                EnvelopeHeader.builder(value, ANY);
                return value;
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
