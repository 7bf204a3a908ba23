package dev.tollgate.loadtest.provider;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Every form in which providers say when to come back.
///
/// @param headers what is sent, in order
public record RetryAfter(Map<String, String> headers) {

    // RFC 9110 section 5.6.7: two-digit day, always GMT.
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    public RetryAfter {
        headers = Map.copyOf(headers);
    }

    /// No hint at all.
    public static RetryAfter none() {
        return new RetryAfter(Map.of());
    }

    public static RetryAfter seconds(long seconds) {
        return new RetryAfter(Map.of("retry-after", Long.toString(seconds)));
    }

    public static RetryAfter date(Instant instant) {
        return new RetryAfter(Map.of("retry-after", HTTP_DATE.format(instant)));
    }

    public static RetryAfter millis(Duration duration) {
        return new RetryAfter(Map.of("retry-after-ms", Long.toString(duration.toMillis())));
    }

    /// Adds the header that official SDKs obey before any other.
    public RetryAfter andShouldRetry(boolean retry) {
        var all = new LinkedHashMap<>(headers);
        all.put("x-should-retry", Boolean.toString(retry));
        return new RetryAfter(all);
    }
}
