package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DatabaseClockTest {

    private static final long START_MICROS = 1_800_000_000_000_000L;

    private long nanos = 12_345;
    private long databaseMicros = START_MICROS;
    private long roundTripNanos;

    @Test
    void carries_the_databases_time_on_by_the_monotonic_clock() {
        var clock = clock();

        pass(Duration.ofSeconds(90));

        assertThat(clock.nowMillis()).isEqualTo(START_MICROS / 1000 + 90_000);
    }

    @Test
    void takes_half_the_round_trip_into_account() {
        roundTripNanos = Duration.ofMillis(40).toNanos();

        assertThat(clock().nowMillis()).isEqualTo(START_MICROS / 1000 + 20);
    }

    @Test
    void makes_up_a_difference_slowly_in_either_direction() {
        for (var jump : new long[] {2_000_000, -2_000_000}) {
            var clock = clock();
            var before = clock.nowMillis();

            databaseMicros += jump;
            clock.refresh();

            assertThat(clock.nowMillis()).isEqualTo(before);
            pass(Duration.ofSeconds(10));
            assertThat(clock.nowMillis() - before).isEqualTo(10_000 + Long.signum(jump) * 500);
            pass(Duration.ofSeconds(90));
            assertThat(clock.nowMillis()).isEqualTo(databaseMicros / 1000);
        }
    }

    @Test
    void a_slow_answer_changes_nothing() {
        var clock = clock();
        var before = clock.nowMillis();
        databaseMicros += 5_000_000;
        roundTripNanos = Duration.ofSeconds(2).toNanos();

        clock.refresh();

        roundTripNanos = 0;
        pass(Duration.ofSeconds(8));
        assertThat(clock.nowMillis()).isEqualTo(before + 10_000);
    }

    @Test
    void never_goes_back_whatever_the_database_says() {
        var random = new Random(5);
        var clock = clock();
        var last = clock.nowMillis();

        for (var i = 0; i < 10_000; i++) {
            databaseMicros += random.nextLong(-3_600_000_000L, 3_600_000_000L);
            clock.refresh();
            pass(Duration.ofMillis(random.nextInt(100)));
            var now = clock.nowMillis();
            assertThat(now).isGreaterThanOrEqualTo(last);
            last = now;
        }
    }

    private DatabaseClock clock() {
        return new DatabaseClock(() -> nanos, this::readDatabase);
    }

    private long readDatabase() {
        var read = databaseMicros;
        nanos += roundTripNanos;
        return read;
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
        databaseMicros += time.toNanos() / 1000;
    }
}
