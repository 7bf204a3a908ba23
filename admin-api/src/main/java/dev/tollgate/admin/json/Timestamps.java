package dev.tollgate.admin.json;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Times as the API writes them: RFC 3339 in UTC, to the microsecond, as PostgreSQL keeps them.
public final class Timestamps {

    /// What PostgreSQL's `timestamptz` and UUIDv7 both hold, with room to spare.
    private static final Instant EARLIEST = Instant.EPOCH;

    private static final int DATE_LENGTH = 10;
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private Timestamps() {}

    public static @Nullable String text(@Nullable OffsetDateTime time) {
        return time == null ? null : text(time.toInstant());
    }

    public static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS).toString();
    }

    public static OffsetDateTime stored(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    /// Reads an RFC 3339 time, or a date, which is midnight UTC; empty when it is neither.
    public static Optional<Instant> parse(String text) {
        try {
            var instant =
                    text.length() == DATE_LENGTH
                            ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                            : OffsetDateTime.parse(text).toInstant();
            return storable(instant) ? Optional.of(instant) : Optional.empty();
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }

    /// Whether a time is one we can work with.
    public static boolean storable(Instant time) {
        return !time.isBefore(EARLIEST) && !time.isAfter(LATEST);
    }
}
