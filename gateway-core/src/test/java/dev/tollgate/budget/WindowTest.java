package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Budget.Period;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {

    @ParameterizedTest
    @CsvSource({
        "MINUTE, UTC, 2026-11-20T15:43:58Z, 2026-11-20T15:43:00Z, 2026-11-20T15:44:00Z",
        "HOUR, UTC, 2026-11-20T15:43:58Z, 2026-11-20T15:00:00Z, 2026-11-20T16:00:00Z",
        "HOUR, Asia/Kolkata, 2026-11-20T15:43:58Z, 2026-11-20T15:30:00Z, 2026-11-20T16:30:00Z",
        "DAY, UTC, 2026-11-20T00:00:00Z, 2026-11-20T00:00:00Z, 2026-11-21T00:00:00Z",
        "DAY, UTC, 2026-11-20T23:59:59Z, 2026-11-20T00:00:00Z, 2026-11-21T00:00:00Z",
        "DAY, America/New_York, 2026-11-20T03:00:00Z, 2026-11-19T05:00:00Z, 2026-11-20T05:00:00Z",
        // Clocks go forward and back: days of 23 and 25 hours.
        "DAY, Europe/Berlin, 2026-03-29T10:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
        "DAY, Europe/Berlin, 2026-10-25T10:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        "HOUR, Europe/Berlin, 2026-10-25T00:30:00Z, 2026-10-25T00:00:00Z, 2026-10-25T01:00:00Z",
        "HOUR, Europe/Berlin, 2026-10-25T01:30:00Z, 2026-10-25T01:00:00Z, 2026-10-25T02:00:00Z",
        // Half an hour back at 02:00: the second coming of 01:30 is half an hour of its own.
        "HOUR, Australia/Lord_Howe, 2026-04-04T14:59:59Z, 2026-04-04T14:00:00Z,"
                + " 2026-04-04T15:00:00Z",
        "HOUR, Australia/Lord_Howe, 2026-04-04T15:10:00Z, 2026-04-04T15:00:00Z,"
                + " 2026-04-04T15:30:00Z",
        // Midnight does not exist.
        "DAY, Africa/Cairo, 2026-04-24T10:00:00Z, 2026-04-23T22:00:00Z, 2026-04-24T21:00:00Z",
        // A minute after midnight back to the day before.
        "DAY, America/St_Johns, 2010-11-07T02:30:30Z, 2010-11-07T02:30:00Z, 2010-11-08T03:30:00Z",
        "DAY, America/St_Johns, 2010-11-07T03:00:00Z, 2010-11-07T02:30:00Z, 2010-11-08T03:30:00Z",
        // A date that never was.
        "DAY, Pacific/Apia, 2011-12-30T09:00:00Z, 2011-12-29T10:00:00Z, 2011-12-30T10:00:00Z",
        "WEEK, UTC, 2026-11-20T12:00:00Z, 2026-11-16T00:00:00Z, 2026-11-23T00:00:00Z",
        "WEEK, UTC, 2026-11-22T23:59:59Z, 2026-11-16T00:00:00Z, 2026-11-23T00:00:00Z",
        "WEEK, Europe/Berlin, 2026-10-25T22:30:00Z, 2026-10-18T22:00:00Z, 2026-10-25T23:00:00Z",
        "MONTH, UTC, 2028-02-29T12:00:00Z, 2028-02-01T00:00:00Z, 2028-03-01T00:00:00Z",
        "MONTH, UTC, 2026-12-31T23:59:59Z, 2026-12-01T00:00:00Z, 2027-01-01T00:00:00Z",
        "MONTH, Europe/Berlin, 2026-10-31T23:30:00Z, 2026-10-31T23:00:00Z, 2026-11-30T23:00:00Z",
    })
    void contains_the_moment_it_is_asked_for(
            Period period, ZoneId zone, Instant at, Instant start, Instant end) {
        var window = Window.of(period, zone, at.getEpochSecond());

        assertThat(window).isEqualTo(new Window(start.getEpochSecond(), end.getEpochSecond()));
        assertThat(window.contains(at.getEpochSecond())).isTrue();
    }

    @Test
    void never_ends_without_a_period() {
        assertThat(Window.of(Period.TOTAL, ZoneId.of("UTC"), 1_000_000)).isEqualTo(Window.TOTAL);
    }
}
