package dev.tollgate.budget;

import dev.tollgate.budget.Budget.Period;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;

/// A stretch of time a counter is for, from `start` up to, and not including, `end`; epoch seconds.
///
/// Windows of a period and a zone follow each other without gap or overlap, whatever the zone's
/// clocks do. Days, weeks (from Monday, ISO 8601) and months begin at the first moment of a local
/// date, so they are an hour shorter or longer when clocks change. Hours and minutes follow the
/// local clock and are cut short where it jumps within one.
public record Window(long start, long end) {

    /// Of a budget without a period.
    public static final Window TOTAL = new Window(0, Long.MAX_VALUE);

    /// The window that `epochSecond` is in.
    public static Window of(Period period, ZoneId zone, long epochSecond) {
        return switch (period) {
            case MINUTE -> ofClock(60, zone, epochSecond);
            case HOUR -> ofClock(3600, zone, epochSecond);
            case DAY, WEEK, MONTH -> ofCalendar(period, zone, epochSecond);
            case TOTAL -> TOTAL;
        };
    }

    public boolean contains(long epochSecond) {
        return start <= epochSecond && epochSecond < end;
    }

    private static Window ofClock(long seconds, ZoneId zone, long at) {
        var rules = zone.getRules();
        var instant = Instant.ofEpochSecond(at);
        long offset = rules.getOffset(instant).getTotalSeconds();
        var start = Math.floorDiv(at + offset, seconds) * seconds - offset;
        var end = start + seconds;
        var jumped = rules.previousTransition(instant.plusSeconds(1));
        if (jumped != null) {
            start = Math.max(start, jumped.toEpochSecond());
        }
        var jumps = rules.nextTransition(instant);
        if (jumps != null) {
            end = Math.min(end, jumps.toEpochSecond());
        }
        return new Window(start, end);
    }

    private static Window ofCalendar(Period period, ZoneId zone, long at) {
        var date = first(period, LocalDate.ofInstant(Instant.ofEpochSecond(at), zone));
        var next = next(period, date);
        // Where clocks go back over midnight, a date comes twice; its second coming belongs to the
        // window that has begun by then.
        while (start(next, zone) <= at) {
            date = next;
            next = next(period, date);
        }
        return new Window(start(date, zone), start(next, zone));
    }

    private static LocalDate first(Period period, LocalDate date) {
        return switch (period) {
            case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case MONTH -> date.withDayOfMonth(1);
            case MINUTE, HOUR, DAY, TOTAL -> date;
        };
    }

    private static LocalDate next(Period period, LocalDate date) {
        return switch (period) {
            case WEEK -> date.plusWeeks(1);
            case MONTH -> date.plusMonths(1);
            case MINUTE, HOUR, DAY, TOTAL -> date.plusDays(1);
        };
    }

    private static long start(LocalDate date, ZoneId zone) {
        return date.atStartOfDay(zone).toEpochSecond();
    }
}
