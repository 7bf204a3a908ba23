package dev.tollgate.loadtest.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DistributionTest {

    private static final int SAMPLES = 20_001;

    @Test
    void fixed_is_always_the_same() {
        assertThat(samples(Distribution.fixed(Duration.ofMillis(3)))).containsOnly(3_000_000L);
    }

    @Test
    void uniform_reaches_both_its_ends_and_no_further() {
        var samples = samples(Distribution.uniform(Duration.ofNanos(5), Duration.ofNanos(9)));

        assertThat(samples).contains(5L, 9L).containsOnly(5L, 6L, 7L, 8L, 9L);
    }

    @Test
    void lognormal_has_its_median_and_a_tail() {
        var samples = samples(Distribution.lognormal(Duration.ofMillis(10), 0.5));
        var sorted = LongStream.of(samples).sorted().toArray();

        assertThat(sorted[SAMPLES / 2] / 1e6).isCloseTo(10, within(0.3));
        assertThat(sorted[SAMPLES * 99 / 100] / 1e6).isCloseTo(32, within(3.0));
    }

    @Test
    void a_rate_is_a_gap() {
        assertThat(samples(Distribution.ofRate(50))).containsOnly(20_000_000L);
    }

    private static long[] samples(Distribution distribution) {
        var random = new SplittableRandom(17);
        return LongStream.generate(() -> distribution.sampleNanos(random)).limit(SAMPLES).toArray();
    }
}
