package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.property.Property;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private static final Rate SLOW = new Rate(Measure.TOTAL_TOKENS, 7, 10);

    @Test
    void begins_full_and_gives_what_it_has() {
        var bucket = TokenBucket.full(SLOW, 1_000);

        assertThat(bucket.left()).isEqualTo(10);
        assertThat(bucket.isFull()).isTrue();
        assertThat(bucket.minus(4).left()).isEqualTo(6);
        assertThat(bucket.minus(4).isFull()).isFalse();
    }

    @Test
    void fills_exactly_however_often_it_is_looked_at() {
        var once = TokenBucket.full(SLOW, 0).minus(10);
        var often = once;

        for (var now = 1; now <= 60_000; now++) {
            often = often.at(now);
        }

        assertThat(often).isEqualTo(once.at(60_000));
        assertThat(often.left()).isEqualTo(7);
    }

    @Test
    void holds_no_more_than_its_burst() {
        var bucket = TokenBucket.full(SLOW, 0).minus(1).at(Long.MAX_VALUE);

        assertThat(bucket.left()).isEqualTo(10);
        assertThat(bucket.plus(5).left()).isEqualTo(10);
    }

    @Test
    void stays_where_it_is_for_a_clock_that_is_behind() {
        var bucket = TokenBucket.full(SLOW, 60_000).minus(10);

        assertThat(bucket.at(0)).isEqualTo(bucket);
        assertThat(bucket.at(0).at(120_000).left()).isEqualTo(7);
    }

    @Test
    void tells_when_an_amount_will_be_there() {
        var bucket = TokenBucket.full(SLOW, 0).minus(10);
        var wait = bucket.waitMillis(3, 0);

        assertThat(bucket.at(wait).left()).isEqualTo(3);
        assertThat(bucket.at(wait - 1).left()).isEqualTo(2);
        assertThat(bucket.waitMillis(0, 0)).isZero();
        assertThat(bucket.waitMillis(3, -50)).isEqualTo(wait + 50);
    }

    @Test
    void never_has_more_than_it_holds() {
        assertThat(TokenBucket.full(SLOW, 0).waitMillis(11, 0)).isEqualTo(TokenBucket.NEVER);
    }

    @Test
    void works_off_what_was_used_beyond_what_was_taken() {
        var bucket = TokenBucket.full(SLOW, 0).minus(10).minus(7);

        assertThat(bucket.left()).isZero();
        assertThat(bucket.at(60_000).left()).isZero();
        assertThat(bucket.at(120_000).left()).isEqualTo(7);
    }

    @Test
    void keeps_its_level_when_its_rate_changes() {
        var faster = new Rate(Measure.TOTAL_TOKENS, 60_000, 100);
        var bucket = TokenBucket.full(SLOW, 0).minus(10);

        assertThat(bucket.at(0, faster).left()).isZero();
        assertThat(bucket.at(10, faster).left()).isEqualTo(10);
        assertThat(bucket.at(60_000, new Rate(Measure.TOTAL_TOKENS, 7, 3)).left()).isEqualTo(3);
    }

    @Test
    void bears_the_largest_amounts() {
        var largest = new Rate(Measure.TOTAL_TOKENS, Rate.AMOUNT_MAX, Rate.AMOUNT_MAX);
        var bucket = TokenBucket.full(largest, 0);
        var indebted = bucket.minus(Long.MAX_VALUE).minus(Long.MAX_VALUE);

        assertThat(bucket.plus(Long.MAX_VALUE)).isEqualTo(bucket);
        assertThat(indebted.left()).isZero();
        assertThat(indebted.at(Long.MAX_VALUE).isFull()).isTrue();
        assertThat(indebted.waitMillis(1, 0)).isPositive();
    }

    @Test
    void is_no_rate_of_money_or_nothing() {
        assertThatThrownBy(() -> new Rate(Measure.COST_USD, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Rate(Measure.REQUESTS, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// Over any stretch of time no more leaves the bucket, less what comes back, than it holds and
    /// what comes in meanwhile; and however two clocks differ, it fills no faster than the
    /// foremost.
    @Property(tries = 200)
    void lets_no_more_through_than_burst_and_rate_allow(long seed) {
        var random = new Random(seed);
        var rate =
                new Rate(
                        Measure.TOTAL_TOKENS,
                        1 + random.nextInt(random.nextBoolean() ? 100 : 1_000_000),
                        1 + random.nextInt(5_000));
        var skew = random.nextInt(500);
        var bucket = TokenBucket.full(rate, 0);
        var taken = new ArrayList<long[]>();
        var inFlight = new ArrayDeque<Long>();
        var now = 0L;
        for (var step = 0; step < 200; step++) {
            now += random.nextInt(2_000);
            var clock = now - (random.nextBoolean() ? skew : 0);
            bucket = bucket.at(clock);
            var amount = (long) random.nextInt((int) Math.min(2 * rate.burst(), 10_000));
            if (!inFlight.isEmpty() && random.nextInt(3) == 0) {
                var back = random.nextLong(inFlight.removeFirst() + 1);
                bucket = bucket.plus(back);
                taken.add(new long[] {now, -back});
            } else if (amount <= bucket.left()) {
                bucket = bucket.minus(amount);
                inFlight.addLast(amount);
                taken.add(new long[] {now, amount});
            }
        }
        for (var from = 0; from < taken.size(); from++) {
            var sum = 0L;
            for (var to = from; to < taken.size(); to++) {
                sum += taken.get(to)[1];
                var millis = taken.get(to)[0] - taken.get(from)[0] + skew;
                assertThat(sum * 60_000)
                        .isLessThanOrEqualTo(rate.burst() * 60_000 + millis * rate.perMinute());
            }
        }
    }

    /// What is taken is let through as soon as the bucket says, and not a millisecond earlier.
    @Property(tries = 200)
    void waits_exactly_as_long_as_it_says(long seed) {
        var random = new Random(seed);
        var rate =
                new Rate(
                        Measure.REQUESTS, 1 + random.nextInt(100_000), 1 + random.nextInt(100_000));
        var bucket = TokenBucket.full(rate, 0).minus(random.nextLong(2 * rate.burst()));
        var amount = 1 + random.nextLong(rate.burst());
        var now = (long) random.nextInt(10_000);
        bucket = bucket.at(now);

        var wait = bucket.waitMillis(amount, now);

        assertThat(bucket.at(now + wait).left()).isGreaterThanOrEqualTo(amount);
        if (wait > 0) {
            assertThat(bucket.at(now + wait - 1).left()).isLessThan(amount);
        }
    }
}
